"""Calls that name one object by its id, where the service may know it by another one.

Which id of an object the service takes is not documented for every type: one is tried, on 404 the other. Which of the
two was right is remembered with the client, for the other objects of the type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.kinds.facts import Collection

Result = TypeVar("Result")


def with_either_id(
    client: Client, collection: Collection, object_id: str, other_id: str, call: Callable[[str], Result]
) -> Result:
    """Return what `call` returns for the id that the service takes. `other_id` is "" for objects that have but one.

    Raises Refused with 404 when it takes neither, and whatever else `call` raises.
    """
    if other_id in ("", object_id):
        return call(object_id)
    note = f"{collection.name}: {collection.other_id}"
    ids = (other_id, object_id) if note in client.learnt else (object_id, other_id)
    try:
        return call(ids[0])
    except Refused as error:
        if error.status != 404:
            raise
    result = call(ids[1])
    (client.learnt.add if ids[1] == other_id else client.learnt.discard)(note)
    return result

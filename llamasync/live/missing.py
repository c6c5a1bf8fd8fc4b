"""Whether the service lacks a type of object, or only the project that was asked about: both can answer 404."""

from __future__ import annotations

from llamasync.api.client import Client
from llamasync.api.errors import ApiError, Refused
from llamasync.api.paths import path_for
from llamasync.kinds.facts import Collection

_NO_OPERATION = (404, 405, 501)


def is_missing(client: Client, collection: Collection, error: Refused) -> bool:
    """Say whether `error`, the answer to a list, means that this service has no such collection. One call at most."""
    if not collection.may_be_missing or error.status not in _NO_OPERATION:
        return False
    try:
        client.get(path_for("/api/v1/projects/{id}", id=client.project_id))
    except ApiError as found:
        return found.status != 404
    return True

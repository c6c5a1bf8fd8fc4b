"""Reads all that the service holds of chosen collections, whether or not any manifest speaks of it."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.kinds.registry import all_collections
from llamasync.live.failures import as_diagnostics
from llamasync.live.listing import list_objects
from llamasync.live.missing import is_missing
from llamasync.live.model import LiveObject, LiveState, Project

WORKERS = 8


@as_diagnostics
def read_everything(client: Client, project: Project, names: Iterable[str]) -> LiveState:
    """Return every object of the collections called `names`, those that others live in first.

    The children of an object are listed when its collection is among the names too, and it is not foreign. One call a
    page, no bytes. What the service does not have at all is in `missing`. Raises DiagnosticError LS4xx when a call
    fails for good.
    """
    before = client.calls.read
    chosen = [all_collections()[name] for name in sorted(set(names))]
    objects: dict[str, tuple[LiveObject, ...]] = {}
    read: set[str] = set()
    missing: set[str] = set()
    with ThreadPoolExecutor(WORKERS) as pool:
        for collection in sorted(chosen, key=lambda one: one.is_nested):
            parents = [""]
            if collection.is_nested:
                parents = [one.id for one in objects.get(collection.parent, ()) if not one.foreign]
                read.update(parents)
            found = pool.map(lambda parent, one=collection: list_objects(client, one, parent), parents)
            try:
                objects[collection.name] = tuple(live for listed in found for live in listed)
            except Refused as error:
                if not is_missing(client, collection, error):
                    raise
                missing.add(collection.name)
    return LiveState(
        project=project,
        objects=objects,
        parents_read=frozenset(read),
        read_calls=client.calls.read - before,
        missing=frozenset(missing),
    )

"""Reads ahead: what the state speaks of is listed while the state and the manifests are still being loaded."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from llamasync.api.client import Client
from llamasync.kinds.facts import Collection
from llamasync.kinds.registry import all_collections
from llamasync.live.listing import Listing, read_listing
from llamasync.live.model import LiveObject
from llamasync.state.model import Outline

WORKERS = 8


class ReadAhead:
    """Listings that were begun, by collection and parent. Each is one that `read_live` needs whatever the manifests
    say, so no call is made in vain. `calls_before`: the read calls that were made before the first of them."""

    def __init__(self, client: Client, outline: Outline) -> None:
        self.calls_before = client.calls.read
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="read-ahead")
        self._pages = ThreadPoolExecutor(WORKERS, thread_name_prefix="next-page")  # each reader waits for one at most
        collections = all_collections()
        bound = {
            (name, parent if collections[name].is_nested else "")
            for name, parent in outline.places
            if name in collections and not collections[name].scope  # manifests say what identifies objects there
        }
        parents = {(collections[name].parent, "") for name, _ in bound if collections[name].parent}
        self._begun: dict[tuple[str, str], Future[Listing]] = {
            (name, parent): self._pool.submit(read_listing, client, collections[name], parent, self._pages)
            for name, parent in sorted(bound | parents, key=lambda place: (place[1] != "", place))
        }

    def look(self, collection: str, parent_id: str) -> Mapping[str, LiveObject] | None:
        """Return what a listing found, by id, and leave it to be taken; None when it was not begun, or failed."""
        begun = self._begun.get((collection, parent_id))
        return None if begun is None or begun.exception() else begun.result().found

    def take(self, collection: Collection, parent_id: str) -> Listing | None:
        """Return a listing once, None when it was not begun. Raises ApiError, as reading it now would."""
        begun = self._begun.pop((collection.name, parent_id), None)
        return begun.result() if begun else None

    def close(self) -> None:
        """Let what is in flight end, begin nothing more."""
        self._pool.shutdown(cancel_futures=True)
        self._pages.shutdown()

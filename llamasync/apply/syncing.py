"""Brings an object up to date with the files that it is made of, and waits until the service has done that.

Syncing twice is as good as once, so a lost answer needs no more than another look.
"""

from __future__ import annotations

from typing import Any

from llamasync.api.errors import NotLlamaCloud, OutcomeUnknown, Refused
from llamasync.api.paths import path_for
from llamasync.apply.tools import Progress, Tools
from llamasync.apply.waiting import WorkFailed, wait_for
from llamasync.kinds.facts import Collection, Status, Sync
from llamasync.live.by_id import with_either_id
from llamasync.live.listing import object_path
from llamasync.live.model import LiveObject

QUIET_LOOKS = 3  # a sync that was asked for and never seen at work is over after so many looks
STARTS = 5


def sync_object(
    tools: Tools, collection: Collection, path: str, live: LiveObject, sync: Sync, progress: Progress
) -> None:
    """Start a sync and, unless told otherwise, wait until the object is ready.

    When one is going on already it is waited for first: files may have changed after it began. Raises WorkFailed when
    the service cannot do it, TimedOut, StoppedWaiting, or the ApiError of a call.
    """
    before = _Work(tools, collection, live)
    if before.status is Status.BUSY:
        _wait(before, sync, progress, "waiting for the sync that is going on")
    for start in range(1, STARTS + 1):
        try:
            _start(tools, collection, path, live)
        except (Refused, OutcomeUnknown) as error:
            is_busy = error.status in (409, 429)
            if start == STARTS or (isinstance(error, Refused) and not is_busy):
                raise
            if is_busy:
                _wait(before, sync, progress, "waiting for the sync that is going on")
            elif before.look() is Status.BUSY:
                break
        else:
            break
    if tools.wait and sync.wait:
        wait_until_ready(tools, collection, live, sync, progress, since=before.marks)


def wait_until_ready(
    tools: Tools,
    collection: Collection,
    live: LiveObject,
    sync: Sync,
    progress: Progress,
    *,
    since: tuple[Any, ...] | None = None,
) -> None:
    """Wait until the service has brought the object up to date. `since`: its marks before that was asked for.

    Raises WorkFailed, TimedOut, StoppedWaiting, or the ApiError of a call.
    """
    work = _Work(tools, collection, live, look_now=False)
    looks = 0

    def look() -> tuple[Status | None, str]:
        nonlocal looks
        looks += 1
        status = work.look()
        if status is Status.BUSY:
            return None, work.words()
        is_new = since is None or work.seen_busy or work.marks != since or looks > QUIET_LOOKS
        return (status if is_new else None), work.words()

    if wait_for(tools, look, progress, timeout_s=sync.timeout_s) is Status.FAILED:
        raise WorkFailed(work.failure(), path=object_path(collection, live.parent_id, live.id))


class _Work:
    """What the service says of its work on one object. `marks` change when that comes to an end."""

    def __init__(self, tools: Tools, collection: Collection, live: LiveObject, *, look_now: bool = True) -> None:
        self.tools = tools
        self._collection = collection
        self._live = live
        self._raw: dict[str, Any] = {}
        self.seen_busy = False
        self.status = self.look() if look_now else Status.NONE
        self.marks = self._marks()

    def look(self) -> Status:
        def get(object_id: str) -> dict[str, Any] | list[Any]:
            return self.tools.client.get(object_path(self._collection, self._live.parent_id, object_id))

        raw = with_either_id(self.tools.client, self._collection, self._live.id, self._live.other_id, get)
        if not isinstance(raw, dict):
            path = object_path(self._collection, self._live.parent_id, self._live.id)
            raise NotLlamaCloud("an object was expected", method="GET", path=path)
        self._raw = raw
        self.marks = self._marks()
        self.status = self._collection.status(raw)
        self.seen_busy = self.seen_busy or self.status is Status.BUSY
        return self.status

    def words(self) -> str:
        told = self._told()
        count, done = told.get("total_files"), told.get("indexed_files")
        files = f", {done} of {count} files" if isinstance(count, int) and isinstance(done, int) and count else ""
        return f"{told.get('status') or 'syncing'}{files}"

    def failure(self) -> str:
        told = self._told()
        failed = told.get("failed_files")
        names = [str(one.get("file_name", "?")) for one in failed or () if isinstance(one, dict)]
        files = f": {', '.join(names[:5])}" + (f" and {len(names) - 5} more" if len(names) > 5 else "") if names else ""
        return f"{told.get('error') or 'the service says that it failed'}{files}"

    def _told(self) -> dict[str, Any]:
        told = self._raw.get("metadata")
        return told if isinstance(told, dict) else {}

    def _marks(self) -> tuple[Any, ...]:
        return tuple(self._raw.get(name) for name in ("last_synced_at", "last_exported_at"))


def _start(tools: Tools, collection: Collection, path: str, live: LiveObject) -> None:
    def post(object_id: str) -> None:
        tools.client.create(path_for(path, id=object_id), None)

    with_either_id(tools.client, collection, live.id, live.other_id, post)


def _wait(work: _Work, sync: Sync, progress: Progress, words: str) -> None:
    def look() -> tuple[Status | None, str]:
        status = work.look()
        return (None if status is Status.BUSY else status), words

    wait_for(work.tools, look, progress, timeout_s=sync.timeout_s)

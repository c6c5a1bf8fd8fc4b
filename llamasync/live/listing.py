"""Lists collections, and looks twice before anything counts as absent, since lists shift while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any

from llamasync.api.client import Client
from llamasync.api.errors import NotLlamaCloud, Refused
from llamasync.api.paths import path_for
from llamasync.core.keys import key_values
from llamasync.core.lean import lean_dataclass
from llamasync.kinds.facts import ANONYMOUS, Collection
from llamasync.live.by_id import with_either_id
from llamasync.live.model import LiveObject
from llamasync.live.objects import Key, in_order, reader_of, to_live

LOOKS_BY_KEY = 20
KEYS_IN_ONE_LOOK = 100
PAGE_ITEMS = 1000  # the most that the service gives

Page = list[dict[str, Any]]


@lean_dataclass(frozen=True, slots=True)
class Listing:
    """A list as it was read once: its objects by id, and how many pages it had. `unlisted`: the service has no such
    list."""

    found: dict[str, LiveObject]
    pages: int
    unlisted: bool = False


def read_listing(client: Client, collection: Collection, parent_id: str, pool: Executor | None = None) -> Listing:
    """Read a whole collection once; with `pool` each page is fetched in it while the one before it is taken in.

    Raises ApiError; a parent that is gone (404) is an empty list.
    """
    found: dict[str, LiveObject] = {}
    try:
        return Listing(found, _read(client, collection, parent_id, collection.list_query, found, pool))
    except Refused as error:
        if collection.may_be_unlisted and error.status in (404, 405, 501):
            return Listing(found, 0, unlisted=True)
        raise


def list_objects(
    client: Client,
    collection: Collection,
    parent_id: str,
    *,
    ids: Mapping[str, str] | None = None,
    keys: Iterable[Key] = (),
    listing: Listing | None = None,
) -> list[LiveObject]:
    """Return the live objects of a collection (inside of `parent_id`, for those that live in another).

    `ids` (with each one's other id, or "") and `keys` are of objects that are remembered or wanted. What is remembered
    but not listed is looked up once more; so is what is wanted, when the list came in several pages and may have
    shifted. One call a page otherwise, none when the `listing` was read before. Raises ApiError; a parent that is gone
    (404) is an empty list.
    """
    listing = listing or read_listing(client, collection, parent_id)
    found = listing.found
    missing_ids = {one: other for one, other in (ids or {}).items() if one not in found}
    missing_keys: set[Key] = set()
    if missing_ids or listing.pages > 1:  # a list of one page is as of one moment
        missing_keys = set(keys) - {live.key for live in found.values()}
    if listing.unlisted:
        _look_up(client, collection, parent_id, missing_ids, found)
    elif listing.pages > 1 and collection.parent and not collection.is_nested:
        _read(client, collection, parent_id, collection.list_query, found)
        _look_up(client, collection, parent_id, missing_ids, found)
    elif missing_ids or missing_keys:
        _look_again(client, collection, parent_id, missing_ids, missing_keys, listing)
    return in_order(found.values())


def find_by_key(
    client: Client, collection: Collection, parent_id: str, key: Key, *, certain: bool = False
) -> list[LiveObject]:
    """Return the live objects with exactly this natural key that are not foreign, the oldest first. An object whose
    name the service chose counts as bearing any; none are found of a collection without keys.

    `certain`: where the service does not know keys itself, a filter that finds nothing is not trusted: all is read.
    """
    if not collection.key:
        return []
    found: dict[str, LiveObject] = {}
    if collection.scope:
        name, text = key
        collection = collection.known_by(name)
        _read_keys(client, collection, parent_id, [text], found)
        if certain and not any(live.key == key for live in found.values()):
            _read(client, collection, parent_id, {}, found)
        return _oldest_first(live for live in found.values() if live.key == key and not live.foreign)
    asked = zip(collection.key.values(), key, strict=True)
    query = {**collection.list_query, **{parameter: value for parameter, value in asked if parameter}}
    if collection.parent and not collection.is_nested:
        query = {**collection.list_query, collection.parent_field: parent_id}
    _read(client, collection, parent_id, query, found)
    keys = (key, ANONYMOUS)
    same = [one for one in found.values() if one.key in keys and one.parent_id == parent_id and not one.foreign]
    return _oldest_first(same)


def _oldest_first(found: Iterable[LiveObject]) -> list[LiveObject]:
    return sorted(found, key=lambda live: (live.created_at, live.id))


def object_path(collection: Collection, parent_id: str, object_id: str = "") -> str:
    """Return the path of a collection, or of one object in it."""
    path = path_for(collection.path, parent=parent_id) if collection.is_nested else collection.path
    return path_for(path.replace("{", "{{").replace("}", "}}") + "/{id}", id=object_id) if object_id else path


def _read(
    client: Client,
    collection: Collection,
    parent_id: str,
    query: Mapping[str, Any],
    found: dict[str, LiveObject],
    pool: Executor | None = None,
) -> int:
    """Add one listing to `found`; return how many pages it had."""
    pages, read = 0, reader_of(collection)
    fetched = _fetch(client, collection, parent_id, query)
    try:
        for page in _one_ahead(fetched, pool) if pool else fetched:
            pages += 1
            for raw in page:
                live = read(raw, parent_id)
                found[live.id] = live
    except Refused as error:
        if error.status == 404 and collection.is_nested:
            return pages
        raise
    return pages


def read_pages(client: Client, collection: Collection, parent_id: str, pool: Executor) -> Iterator[list[LiveObject]]:
    """Iterate over the pages of a whole collection, the next one fetched in `pool` meanwhile. Raises ApiError."""
    read = reader_of(collection)
    for page in _one_ahead(_fetch(client, collection, parent_id, collection.list_query), pool):
        yield [read(raw, parent_id) for raw in page]


def _fetch(client: Client, collection: Collection, parent_id: str, query: Mapping[str, Any]) -> Iterator[Page]:
    if collection.scope:
        asked = {**collection.scope.values_of(parent_id), **query}
        return client.search_pages(collection.scope.search, asked, page_size=PAGE_ITEMS)
    path = object_path(collection, parent_id)
    return client.pages(path, query, page_size=PAGE_ITEMS, id_field=collection.id_field)


def _one_ahead(pages: Iterator[Page], pool: Executor) -> Iterator[Page]:
    page = next(pages, None)
    while page is not None:
        following = pool.submit(next, pages, None) if len(page) == PAGE_ITEMS else None  # others are the last, mostly
        yield page
        page = following.result() if following else next(pages, None)


def _look_again(
    client: Client,
    collection: Collection,
    parent_id: str,
    ids: Mapping[str, str],
    keys: set[Key],
    listing: Listing,
) -> None:
    found = listing.found
    if collection.scope and len(ids) <= LOOKS_BY_KEY and len(keys) <= KEYS_IN_ONE_LOOK * listing.pages:
        _look_up(client, collection, parent_id, ids, found)
        texts = sorted(text for _, text in keys)
        for start in range(0, len(texts), KEYS_IN_ONE_LOOK):
            _read_keys(client, collection, parent_id, texts[start : start + KEYS_IN_ONE_LOOK], found)
        return
    if len(ids) + len(keys) > LOOKS_BY_KEY:
        second: dict[str, LiveObject] = {}
        _read(client, collection, parent_id, collection.list_query, second)
        found |= second
        return
    _look_up(client, collection, parent_id, ids, found)
    for key in sorted(keys):
        for live in find_by_key(client, collection, parent_id, key):
            found[live.id] = live


def _read_keys(
    client: Client, collection: Collection, parent_id: str, texts: Iterable[str], found: dict[str, LiveObject]
) -> None:
    """Add the objects of a place with these keys; all of it where the service does not filter by that field."""
    assert collection.scope is not None, "only places have keys of their own"
    values = [value for text in texts for value in key_values(text)]
    try:
        _read(client, collection, parent_id, {"filter": {collection.scope.key_field: {"includes": values}}}, found)
    except Refused as error:
        if error.status not in (400, 422):
            raise
        _read(client, collection, parent_id, {}, found)


def _look_up(
    client: Client, collection: Collection, parent_id: str, ids: Mapping[str, str], found: dict[str, LiveObject]
) -> None:
    for object_id, other_id in sorted(ids.items()):
        live = get_object(client, collection, parent_id, object_id, other_id)
        if live is not None and not live.foreign:
            found[live.id] = live


def get_object(
    client: Client, collection: Collection, parent_id: str, object_id: str, other_id: str = ""
) -> LiveObject | None:
    """Return one live object, None when there is none of that id. Raises ApiError."""

    def get(any_id: str) -> dict[str, Any] | list[Any]:
        return client.get(object_path(collection, parent_id, any_id))

    try:
        raw = with_either_id(client, collection, object_id, other_id, get)
    except Refused as error:
        if error.status == 404:
            return None
        raise
    if not isinstance(raw, dict):
        raise NotLlamaCloud("an object was expected", method="GET", path=object_path(collection, parent_id, object_id))
    return to_live(raw, collection, parent_id)

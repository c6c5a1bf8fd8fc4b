"""Reading a list to its end, page by page, whatever the service's manner of ending it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from llamasync.api.errors import ApiError, NotLlamaCloud, Refused
from llamasync.api.paths import template_of

Get = Callable[[str, Mapping[str, Any]], Any]
FALLBACK_SIZES = (500, 100)


class PageSizes:
    """The page sizes that each kind of list refused, remembered for the run."""

    def __init__(self) -> None:
        self._refused: dict[str, int] = {}

    def candidates(self, path: str, wanted: int) -> list[int]:
        """Return the sizes to try, largest first. After them all there is still the service's own."""
        refused = self._refused.get(template_of(path), wanted + 1)
        return [size for size in (wanted, *(s for s in FALLBACK_SIZES if s < wanted)) if size < refused]

    def refuse(self, path: str, size: int) -> None:
        """Remember that a list of this kind takes no pages of `size`."""
        template = template_of(path)
        self._refused[template] = min(size, self._refused.get(template, size))


def read_pages(
    get: Get, path: str, query: Mapping[str, Any], page_size: int, sizes: PageSizes, id_field: str = "id"
) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a list that have items; a bare array is one page. `id_field`: see `read_page`.

    Raises ApiError: NotLlamaCloud for another shape, LS411 for a page token that comes twice.
    """
    answer, size = _first_page(get, path, query, page_size, sizes)
    seen: set[str] = set()
    while True:
        items, token = read_page(answer, path, id_field)
        if items:
            yield items
        if not token:
            return
        if token in seen:
            raise ApiError("the list repeats a page token, and would never end", method="GET", path=path, code="LS411")
        seen.add(token)
        answer = get(path, {**query, "page_size": size, "page_token": token})


def read_page(answer: Any, path: str, id_field: str = "id") -> tuple[list[dict[str, Any]], str]:
    """Return the items of one page and the token of the next, "" for the last. Raises NotLlamaCloud.

    `id_field` is the text that every item must have, "" for items that have no id.

    >>> read_page({"items": [{"id": "a"}], "next_page_token": None}, "/")
    ([{'id': 'a'}], '')
    """
    bare = isinstance(answer, list)
    items = answer if bare else answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise NotLlamaCloud("a list was expected, under `items`", method="GET", path=path)
    # By the set of their types, since there may be thousands of them.
    if not {dict}.issuperset(map(type, items)) or not (
        not id_field or {str}.issuperset(map(type, [item.get(id_field) for item in items]))
    ):
        raise NotLlamaCloud(f"an item of the list has no `{id_field}`", method="GET", path=path)
    token = None if bare else answer.get("next_page_token")
    if token is not None and not isinstance(token, str):
        raise NotLlamaCloud("next_page_token is not a text", method="GET", path=path)
    return items, token or ""


def _first_page(
    get: Get, path: str, query: Mapping[str, Any], page_size: int, sizes: PageSizes
) -> tuple[Any, int | None]:
    for size in sizes.candidates(path, page_size):
        try:
            return get(path, {**query, "page_size": size}), size
        except Refused as refused:
            if not _may_blame_size(refused):
                raise
            sizes.refuse(path, size)
    return get(path, query), None


def _may_blame_size(refused: Refused) -> bool:
    names_others = "query." in refused.detail and "page_size" not in refused.detail
    return refused.status == 422 and not names_others

"""What the readers of item files have in common: an item with its place, and what was wrong instead of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """An item and where it starts; lines and columns count from 1."""

    data: dict[str, Any]
    line: int
    column: int


class Flaw(NamedTuple):
    """Something in the file that is no item: the code of the problem, and where it is."""

    code: str
    detail: str
    line: int = 0
    column: int = 0


Found = Iterator[Entry | Flaw]


def no_map(value: Any, line: int, column: int) -> Flaw:
    """Say that an item is no map."""
    from llamasync.manifest.wording import describe

    return Flaw("LS216", f"an item is a map of fields, not {describe(value)}", line, column)

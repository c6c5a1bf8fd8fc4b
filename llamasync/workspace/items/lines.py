"""Items from a file of JSON lines: a map a line. Empty lines are passed over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from llamasync.workspace.items.entry import Entry, Flaw, Found, no_map
from llamasync.workspace.items.json_text import Unreadable, decode


def read_lines(lines: Iterable[str]) -> Found:
    """Iterate over the items, a line at a time; a line with a mistake does not keep the others from being read."""
    for number, line in enumerate(lines, 1):
        text = line.strip(" \t\r\n")
        if not text:
            continue
        column = line.index(text[0]) + 1
        try:
            value, end = decode(text)
            if end < len(text):
                rest = text[end:].lstrip()
                raise Unreadable("no JSON: something follows the item", len(text) - len(rest))
        except Unreadable as error:
            yield Flaw(error.code, error.detail, number, column + error.offset)
            continue
        yield Entry(value, number, column) if isinstance(value, dict) else no_map(value, number, column)


def reread_line(file: BinaryIO) -> Any:
    """Return the item on the line that `file` stands at. Raises Unreadable, UnicodeDecodeError and OSError."""
    value, _ = decode(file.readline().decode("utf-8-sig").strip(" \t\r\n"))
    return value

"""Items from a CSV file: the first row names the fields, every other row is an item.

CSV knows texts only. A cell becomes what `itemSchema` says its column is: for `integer` and `number` a number, for
`boolean` `true` or `false`, else a text. An empty cell is null where the column may be null, an empty text where it may
be a text or nothing is said of it, and else a field that the item does not have. A cell that cannot be read so stays a
text, which the schema refuses then.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from typing import Any, BinaryIO

from llamasync.workspace.items.entry import Entry, Flaw, Found
from llamasync.workspace.items.json_text import Unreadable, decode

_NONE = object()


class Table:
    """The rows of one file, and what the cells of each column stand for."""

    def __init__(self, schema: Mapping[str, Any] | None) -> None:
        self._types = _types(schema or {})
        self._header: list[str] = []

    def read(self, lines: Iterable[str]) -> Found:
        """Iterate over the rows. `lines` keep their line ends, or line breaks in cells would be lost.

        No line is taken before the row that it belongs to is asked for.
        """
        reader = csv.reader(lines, strict=True)
        line = 1
        try:
            for row in reader:
                start, line = line, reader.line_num + 1
                if not row:
                    continue
                if not self._header:
                    self._header = row
                    if wrong := _wrong_header(row):
                        yield Flaw("LS216", wrong, start, 1)
                        return
                elif len(row) != len(self._header):
                    count = "1 cell" if len(row) == 1 else f"{len(row)} cells"
                    yield Flaw("LS217", f"{count}, and {len(self._header)} in the header", start, 1)
                else:
                    yield Entry(self._item(row), start, 1)
        except csv.Error as error:
            yield Flaw("LS216", f"no CSV: {error}", line, 1)
        if not self._header:
            yield Flaw("LS216", "the first row names the fields, and there is none", 1, 1)

    def reread(self, file: BinaryIO) -> Any:
        """Return the item whose row begins where `file` stands, once all were read; None when there is none.

        Raises UnicodeDecodeError and OSError.
        """
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            row = next(csv.reader(text, strict=True), [])
        except csv.Error:
            return None
        finally:
            text.detach()  # or it would close the file
        return self._item(row) if len(row) == len(self._header) else None

    def _item(self, row: list[str]) -> dict[str, Any]:
        values = {
            name: _value(cell, self._types.get(name, frozenset())) for name, cell in zip(self._header, row, strict=True)
        }
        return {name: value for name, value in values.items() if value is not _NONE}


def _wrong_header(header: list[str]) -> str:
    if not all(header):
        return f"column {header.index('') + 1} has no name in the first row"
    twice = [name for name in header if header.count(name) > 1]
    return f"two columns are called {twice[0]!r}" if twice else ""


def _types(schema: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the types that the schema allows each column, where it says so."""
    properties = schema.get("properties")
    found = {}
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        told = one.get("type") if isinstance(one, Mapping) else None
        found[name] = frozenset(told if isinstance(told, list) else [told] if isinstance(told, str) else [])
    return found


def _value(cell: str, types: frozenset[str]) -> Any:
    """Return what a cell stands for.

    >>> _value("7", frozenset({"integer"})), _value("7", frozenset()), _value("true", frozenset({"boolean"}))
    (7, '7', True)
    >>> _value("", frozenset({"null", "string"})), _value("", frozenset({"string"})), _value("x", frozenset({"number"}))
    (None, '', 'x')
    """
    if not cell and types:
        return None if "null" in types else "" if "string" in types else _NONE
    if "boolean" in types and cell in ("true", "false"):
        return cell == "true"
    if types & {"integer", "number"}:
        try:
            value, end = decode(cell)
        except Unreadable:
            return cell
        if end == len(cell) and isinstance(value, int | float) and not isinstance(value, bool):
            return value
    return cell

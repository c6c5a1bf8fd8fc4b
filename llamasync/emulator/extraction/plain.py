"""Readers of text and CSV. The standard library only."""

from __future__ import annotations

import codecs
import csv
import io

from llamasync.emulator.extraction.errors import Unreadable

CELL_BAR = " | "


def decode(content: bytes) -> str:
    """Decode by byte order mark, as UTF-8, or as Windows Latin. Raises Unreadable for what is no text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    if b"\0" in content[:8192]:
        raise Unreadable("the file is not text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_text(content: bytes) -> list[str]:
    """Read plain text or Markdown: a form feed begins a page."""
    return decode(content).split("\f")


def read_csv(content: bytes, delimiter: str) -> list[str]:
    """Read a table: a line a row, cells parted by bars. One that the standard library gives up on is read as text."""
    text = decode(content)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return ["\n".join(join_cells(row) for row in rows if any(cell.strip() for cell in row))]
    except csv.Error:
        return [text]


def join_cells(cells: list[str]) -> str:
    """Write a row of a table as one line; empty cells at its end are dropped.

    >>> join_cells(["a", "", "b c", ""])
    'a |  | b c'
    """
    return CELL_BAR.join(" ".join(cell.split()) for cell in cells).rstrip(" |")

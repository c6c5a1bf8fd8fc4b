"""Readers of text, HTML and CSV. The standard library only."""

from __future__ import annotations

import codecs
import csv
import io
import re
from html.parser import HTMLParser

from llamasync.emulator.extraction.errors import Unreadable

_BLOCKS = (
    "address article aside blockquote body dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr li main nav ol p pre section table tbody thead tfoot tr ul title br"
)
BLOCKS = frozenset(_BLOCKS.split())
SILENT = frozenset({"script", "style", "template", "noscript"})
CELLS = frozenset({"td", "th"})
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
    """Read a table: a line a row, cells parted by bars."""
    rows = csv.reader(io.StringIO(decode(content)), delimiter=delimiter)
    return ["\n".join(join_cells(row) for row in rows if any(cell.strip() for cell in row))]


def join_cells(cells: list[str]) -> str:
    """Write a row of a table as one line; empty cells at its end are dropped.

    >>> join_cells(["a", "", "b c", ""])
    'a |  | b c'
    """
    return CELL_BAR.join(" ".join(cell.split()) for cell in cells).rstrip(" |")


def read_html(content: bytes) -> list[str]:
    """Read what a browser shows, roughly: blocks on lines of their own, cells parted by bars, no scripts."""
    collector = _Collector()
    collector.feed(decode(content))
    collector.close()
    lines = "".join(collector.parts).split("\n")
    return [re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines))]


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag in BLOCKS:
            self._verbatim += tag == "pre"
            self.parts.append("\n")
        elif tag in CELLS and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append(CELL_BAR)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCKS:
            self._verbatim = max(0, self._verbatim - (tag == "pre"))
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._verbatim:
            self.parts.append(data)
        elif data.strip():
            self.parts.append(re.sub(r"\s+", " ", data))
        elif self.parts and not self.parts[-1].endswith(("\n", " ")):
            self.parts.append(" ")

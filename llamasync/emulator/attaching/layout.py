"""What stands where on a page, in points from its upper left corner; and pages for text that has none. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llamasync.emulator.extraction.plain import CELL_BAR

LETTER = (612.0, 792.0)
MARGIN, SIZE, LEADING = 54.0, 10.0, 14.0
LINE_CHARACTERS = 90
# More of a page than this is not laid out: a picture of it would be of no use to anybody.
MAX_LINES = 300


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Picture:
    """An image out of a document: its bytes as they are there, and the suffix that goes with them."""

    content: bytes
    suffix: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a page. `kind` is text, heading, table (lines of cells parted by bars) or image."""

    kind: str
    text: str
    box: Box
    size: float = SIZE
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what is on it, in reading order."""

    width: float
    height: float
    items: tuple[Item, ...]


def flow(text: str, pictures: Sequence[tuple[Picture, float, float]] = ()) -> Page:
    r"""Lay out a page of text line by line, its pictures (with width and height) below; long pages grow.

    >>> [(item.kind, item.text) for item in flow("# Head\nSome text\na | b\n1 | 2").items]
    [('heading', 'Head'), ('text', 'Some text'), ('table', 'a | b\n1 | 2')]
    """
    items, y = [], MARGIN
    for kind, lines in _blocks(text):
        level = SIZE * 1.6 if kind == "heading" else SIZE
        height = LEADING * len(lines) * level / SIZE
        width = max(map(len, lines)) * level * 0.5
        items.append(Item(kind, "\n".join(lines), Box(MARGIN, y, width, height), level))
        y += height
    for picture, width, height in pictures:
        share = min(1.0, (LETTER[0] - 2 * MARGIN) / width)
        box = Box(MARGIN, y, width * share, height * share)
        items.append(Item("image", "", box, picture=picture))
        y += box.h + LEADING
    return Page(LETTER[0], max(LETTER[1], y + MARGIN), tuple(items))


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Part a text into headings, tables and lines, at most so many lines in all."""
    table: list[str] = []
    left = MAX_LINES
    for line in text.split("\n"):
        if left <= 0:
            break
        if table and CELL_BAR not in line:
            yield "table", table
            table = []
        if CELL_BAR in line:
            table.append(line)
            left -= 1
        elif line.startswith("#"):
            yield "heading", [line.lstrip("# ") or line]
            left -= 1
        elif line.strip():
            wrapped = textwrap.wrap(line, LINE_CHARACTERS)[:left]
            yield "text", wrapped
            left -= len(wrapped)
    if table:
        yield "table", table

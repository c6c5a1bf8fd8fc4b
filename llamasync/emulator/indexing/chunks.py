"""Text in pieces of a size that retrieval answers with, each knowing its pages. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CHUNK_CHARACTERS = 800
PAGE_BREAK = "\n\n"
# Where to cut, the best place first; what is cut at stays with the piece before.
SEAMS = ("\n\n", "\n", ". ", " ")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document: characters `start` to `end` of its whole text, on pages `first_page` to `last_page`."""

    start: int
    end: int
    first_page: int
    last_page: int


def cut_pages(pages: Sequence[str], size: int = CHUNK_CHARACTERS) -> list[Chunk]:
    """Cut the pages of a document, as they are once joined by `PAGE_BREAK`; nothing but white space is left out.

    >>> cut_pages(["one two", "three"], size=8)
    [Chunk(start=0, end=7, first_page=1, last_page=1), Chunk(start=9, end=14, first_page=2, last_page=2)]
    """
    text, starts, position = PAGE_BREAK.join(pages), [], 0
    for page in pages:
        starts.append(position)
        position += len(page) + len(PAGE_BREAK)
    return [
        Chunk(start, end, bisect_right(starts, start), bisect_right(starts, end - 1))
        for start, end in _pieces(text, size)
    ]


def _pieces(text: str, size: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = _seam(text, start, size)
        piece = text[start:end]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
        start = end


def _seam(text: str, start: int, size: int) -> int:
    """Find where the piece that begins at `start` ends: at the last good place of its second half."""
    end = start + size
    if end >= len(text):
        return len(text)
    for seam in SEAMS:
        found = text.rfind(seam, start + size // 2, end)
        if found >= 0:
            return found + len(seam)
    return end

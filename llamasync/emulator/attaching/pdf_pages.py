"""The pages of a PDF as they are laid out: each piece of text and each image with its place."""

from __future__ import annotations

import io
import statistics
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.attaching.layout import LEADING, SIZE, Box, Item, Page, Picture
from llamasync.emulator.extraction.office import library

HEADING = 1.25


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    x: float
    y: float
    size: float


def pdf_pages(content: bytes, most: int) -> list[Page]:
    """Lay out the first `most` pages. Raises whatever pypdf does about a document that is damaged."""
    document = library("pypdf").PdfReader(io.BytesIO(content))
    return [_page(document.pages[i]) for i in range(min(most, len(document.pages)))]


def _page(page: Any) -> Page:
    pieces: list[_Piece] = []
    places: list[tuple[str, Box]] = []
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    left, bottom = float(page.mediabox.left), float(page.mediabox.bottom)

    def on_text(text: str, outer: list[float], inner: list[float], _font: Any, size: float) -> None:
        if text.strip():
            x, y = _placed(inner[4], inner[5], outer)
            scale = abs(inner[3] * outer[3]) or 1.0
            pieces.append(_Piece(text.strip(), x - left, height - (y - bottom), float(size) * scale))

    def on_operator(operator: bytes, operands: list[Any], outer: list[float], _inner: list[float]) -> None:
        if operator == b"Do" and operands:
            w, h = abs(outer[0]), abs(outer[3])
            places.append((str(operands[0]), Box(outer[4] - left, height - (outer[5] - bottom) - h, w, h)))

    page.extract_text(visitor_text=on_text, visitor_operand_before=on_operator)
    return Page(width, height, (*_text_items(pieces), *_image_items(page, places)))


def _placed(x: float, y: float, matrix: list[float]) -> tuple[float, float]:
    return x * matrix[0] + y * matrix[2] + matrix[4], x * matrix[1] + y * matrix[3] + matrix[5]


def _text_items(pieces: list[_Piece]) -> list[Item]:
    usual = statistics.median(each.size for each in pieces) if pieces else SIZE
    items = []
    for each in pieces:
        lines = each.text.split("\n")
        box = Box(each.x, each.y - each.size, max(map(len, lines)) * each.size * 0.5, LEADING / SIZE * each.size)
        kind = "heading" if each.size >= usual * HEADING else "text"
        items.append(Item(kind, each.text, box, each.size))
    return items


def _image_items(page: Any, places: list[tuple[str, Box]]) -> list[Item]:
    """Take the images out, each where it is drawn; without Pillow there are none, as pypdf needs it for them."""
    library("PIL")
    boxes = dict(places)
    items = []
    for name in page.images.keys():  # noqa: SIM118 - iterating over it gives the images, all read at once
        image = page.images[name]
        box = boxes.get(name if isinstance(name, str) else name[0])
        if box is not None:
            suffix = f".{image.name.rpartition('.')[2].lower()}"
            items.append(Item("image", "", box, picture=Picture(image.data, suffix)))
    return items

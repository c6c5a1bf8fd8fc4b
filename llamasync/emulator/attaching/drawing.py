"""A page drawn as a JPEG, one pixel a point: its text where it stands, its images in their places."""

from __future__ import annotations

import functools
import io
from typing import Any

from llamasync.emulator.attaching.layout import Item, Page, Picture
from llamasync.emulator.extraction.office import library

MAX_SIDE = 5000
MAX_TEXT_SIZE = 200


def size_of(picture: Picture) -> tuple[int, int] | None:
    """Return width and height in pixels; None for what cannot be drawn."""
    opened = _opened(picture)
    return None if opened is None else opened.size


def draw(page: Page) -> bytes:
    """Draw a page; what lies outside of it is cut off, and no side is longer than `MAX_SIDE`."""
    size = tuple(max(1, min(MAX_SIDE, round(side))) for side in (page.width, page.height))
    sheet = library("PIL.Image").new("RGB", size, "white")
    pen = library("PIL.ImageDraw").Draw(sheet)
    for item in page.items:
        if item.picture is None:
            pen.multiline_text((item.box.x, item.box.y), item.text, fill="black", font=_font(_rounded(item.size)))
        else:
            _paste(sheet, item, item.picture)
    target = io.BytesIO()
    sheet.save(target, "JPEG", quality=80)
    return target.getvalue()


def _paste(sheet: Any, item: Item, picture: Picture) -> None:
    opened = _opened(picture)
    if opened is not None:
        size = tuple(max(1, min(MAX_SIDE, round(side))) for side in (item.box.w, item.box.h))
        sheet.paste(opened.convert("RGB").resize(size), (round(item.box.x), round(item.box.y)))


def _opened(picture: Picture) -> Any:
    """Open an image; None for one that is damaged, too large, or of a type that Pillow does not know."""
    try:
        opened = library("PIL.Image").open(io.BytesIO(picture.content))
        opened.load()
    except Exception:  # noqa: BLE001 - a damaged image makes Pillow raise anything; the page is drawn without it
        return None
    return opened


def _rounded(size: float) -> int:
    return max(4, min(MAX_TEXT_SIZE, round(size)))


@functools.cache
def _font(size: int) -> Any:
    return library("PIL.ImageFont").load_default(size)

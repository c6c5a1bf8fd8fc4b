"""From the bytes of a document to its attachments: a screenshot a page, and a page's items with the images among them.

The items have the form of the service's own parse result, and an image that stands on page 2 is a file beside them.
"""

from __future__ import annotations

import csv
import html
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.attaching.drawing import draw, size_of
from llamasync.emulator.attaching.layout import Item, Page, flow
from llamasync.emulator.attaching.pdf_pages import pdf_pages
from llamasync.emulator.attaching.pictures import pictures_of
from llamasync.emulator.calls import to_json
from llamasync.emulator.extraction import Unreadable, format_of
from llamasync.emulator.extraction.plain import CELL_BAR

KINDS = ("screenshots", "items")
# What a chunk calls the kind of an attachment.
LABELS = {"screenshots": "screenshot", "items": "items"}
MAX_PAGES = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file made of a document's page; `name` is relative to the document, such as `screenshots/page_7.jpg`."""

    kind: str
    page: int
    name: str
    content: bytes


def make_attachments(name: str, content: bytes, texts: Sequence[str], kinds: Sequence[str]) -> list[Attachment]:
    """Make the attachments of these kinds for the first 200 pages; `texts` are the pages' texts, as they were read.

    Raises Unreadable, and nothing else: for a document that is more damaged than reading its text has shown, and for
    a library that is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pages = _pages(name, content, texts)
            return [each for i, page in enumerate(pages, 1) for each in _of_page(i, page, kinds)]
    except Unreadable:
        raise
    except Exception as broken:  # a damaged document makes its library raise anything
        raise Unreadable(f"no attachments: {str(broken) or type(broken).__name__}") from broken


def _pages(name: str, content: bytes, texts: Sequence[str]) -> list[Page]:
    form = format_of(name, content)
    if form == "pdf":
        return pdf_pages(content, MAX_PAGES)
    pictures = pictures_of(form, content)
    pages = []
    for i, text in enumerate(texts[:MAX_PAGES]):
        sized = [(each, size_of(each)) for each in (pictures[i] if i < len(pictures) else ())]
        pages.append(flow(text, [(each, float(size[0]), float(size[1])) for each, size in sized if size]))
    return pages


def _of_page(number: int, page: Page, kinds: Sequence[str]) -> Iterator[Attachment]:
    if "screenshots" in kinds:
        yield Attachment("screenshots", number, f"screenshots/page_{number}.jpg", draw(page))
    if "items" not in kinds:
        return
    shown, images = [], 0
    for item in page.items:
        file = ""
        if item.picture is not None:
            images += 1
            file = f"items/page_{number}_image_{images}{item.picture.suffix}"
            yield Attachment("items", number, file, item.picture.content)
        shown.append(_shown(item, file))
    content = to_json(
        {
            "page_number": number,
            "page_width": page.width,
            "page_height": page.height,
            "success": True,
            "items": shown,
        }
    )
    yield Attachment("items", number, f"items/page_{number}.json", content.encode("utf-8", "replace"))


def _shown(item: Item, file: str) -> dict[str, Any]:
    """Write one item as the service's parse result has it."""
    box = {name: round(getattr(item.box, name), 2) for name in ("x", "y", "w", "h")}
    common = {"type": item.kind, "bbox": [box]}
    if item.kind == "image":
        return {**common, "caption": "", "url": file, "md": f"![]({file})"}
    if item.kind == "table":
        return {**common, **_table([line.split(CELL_BAR) for line in item.text.split("\n")])}
    if item.kind == "heading":
        return {**common, "level": 1, "value": item.text, "md": f"# {item.text}"}
    return {**common, "value": item.text, "md": item.text}


def _table(rows: list[list[str]]) -> dict[str, Any]:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return {
        "rows": rows,
        "csv": target.getvalue(),
        "html": f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>",
        "md": "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]]),
    }

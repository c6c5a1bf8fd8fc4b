"""The images inside of documents other than PDF: the pictures of a Word document and a web page, by page."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Any

from llamasync.emulator.attaching.layout import Picture
from llamasync.emulator.extraction.office import library
from llamasync.emulator.extraction.plain import decode
from llamasync.emulator.extraction.word import breaks_before

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
INLINE = re.compile(
    r"""<img\b[^<>]{0,1000}?\bsrc\s*=\s*["']?data:image/(png|jpeg|gif);base64,([A-Za-z0-9+/=\s]+)""", re.IGNORECASE
)


def pictures_of(form: str, content: bytes) -> list[list[Picture]]:
    """Return the pictures of each page, as far as there are any. Raises whatever reading the document does."""
    if form == "docx":
        return _of_docx(content)
    return [_of_html(content)] if form == "html" else []


def _of_docx(content: bytes) -> list[list[Picture]]:
    document = library("docx").Document(io.BytesIO(content))
    pages: list[list[Picture]] = [[]]
    for block in document.iter_inner_content():
        if not hasattr(block, "rows") and breaks_before(block._p):
            pages.append([])
        pages[-1] += [_part(document.part.related_parts[each]) for each in _embedded(block._element)]
    return pages


def _embedded(element: Any) -> list[str]:
    return [blip.get(RELATION) for blip in element.iter(BLIP) if blip.get(RELATION)]


def _part(part: Any) -> Picture:
    return Picture(part.blob, f".{str(part.partname).rpartition('.')[2].lower()}")


def _of_html(content: bytes) -> list[Picture]:
    """Take the images that are written into the page; those behind addresses are not fetched."""
    found = []
    for kind, text in INLINE.findall(decode(content)):
        try:
            found.append(Picture(base64.b64decode(text), f".{kind.lower()}"))
        except binascii.Error:
            continue
    return found

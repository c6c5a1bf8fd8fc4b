"""Documents that the tests of jobs work on."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook
from reportlab.pdfgen.canvas import Canvas

from tests.emulator.support import FILES, World

PAGES = (
    "Invoice number 7: total amount due 20 EUR",
    "Second page of the invoice: amount per line",
    "Contract between the parties, signed with a signature",
    "A poem about the sea",
)


def pdf(pages: Iterable[str] = PAGES) -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written, invariant=True)
    for page in pages:
        canvas.drawString(72, 700, page)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def stored(world: World, name: str, content: bytes) -> str:
    answer = world.client.post(FILES, files={"file": (name, content)}, data={"purpose": "user_data"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])

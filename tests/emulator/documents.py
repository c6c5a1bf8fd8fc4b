"""Small documents of every type, made in memory."""

from __future__ import annotations

import io
from collections.abc import Sequence


def pdf(*pages: str) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, invariant=1)
    for page in pages:
        for i, line in enumerate(page.splitlines()):
            canvas.drawString(72, 720 - 16 * i, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def docx(*pages: Sequence[str], table: Sequence[Sequence[str]] = ()) -> bytes:
    """Each page is a list of paragraphs; the table comes last."""
    from docx import Document

    document = Document()
    for i, page in enumerate(pages):
        if i:
            document.add_page_break()
        for paragraph in page:
            document.add_paragraph(paragraph)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for i, row in enumerate(table):
            for j, cell in enumerate(row):
                made.cell(i, j).text = cell
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def xlsx(**sheets: Sequence[Sequence[object]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()

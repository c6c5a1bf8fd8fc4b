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


LAYERS = (
    '<w:sdt xmlns:w="{w}"><w:sdtContent><w:p><w:r><w:t>Controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>',
    """<w:p xmlns:w="{w}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
    <w:ins w:id="1" w:author="a"><w:r><w:t>Added</w:t><w:tab/></w:r></w:ins>
    <w:del w:id="2" w:author="a"><w:r><w:delText>gone</w:delText></w:r></w:del>
    <w:hyperlink w:anchor="x"><w:r><w:t>link</w:t></w:r></w:hyperlink>
    <w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent><w:p><w:r><w:t>Boxed</w:t></w:r></w:p>
    </w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>Boxed</w:t></w:r></w:p></w:txbxContent>
    </mc:Fallback></mc:AlternateContent></w:r></w:p>""",
)


def layered_docx() -> bytes:
    """A header and a footer, a content control, a table with a merged row and a table in a cell, tracked changes."""
    from docx import Document
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsmap

    document = Document()
    document.sections[0].header.paragraphs[0].text = "The head"
    document.sections[0].footer.paragraphs[0].text = "The foot"
    control, tracked = (parse_xml(each.replace("{w}", nsmap["w"])) for each in LAYERS)
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "over both columns"
    table.cell(1, 0).text = "x"
    table.cell(1, 1).add_table(1, 1).cell(0, 0).text = "inner cell"
    table._element.addprevious(control)
    table._element.addnext(tracked)
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


def picture(color: str = "red", size: tuple[int, int] = (40, 20), form: str = "PNG") -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", size, color).save(target, form)
    return target.getvalue()


def illustrated_pdf(title: str, image: bytes) -> bytes:
    """Two pages: the first has a title, a line, and the image 200 by 100 points at (100, 300) from below."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(612, 792), invariant=1)
    canvas.setFont("Helvetica", 24)
    canvas.drawString(72, 700, title)
    canvas.setFont("Helvetica", 12)
    for i in range(2):
        canvas.drawString(72, 650 - 20 * i, f"Line {i}")
    canvas.drawImage(ImageReader(io.BytesIO(image)), 100, 300, 200, 100)
    canvas.showPage()
    canvas.drawString(72, 700, "The second page")
    canvas.save()
    return target.getvalue()


def illustrated_docx(text: str, image: bytes) -> bytes:
    """A paragraph, a page break, and the image on the second page."""
    from docx import Document

    document = Document()
    document.add_paragraph(text)
    document.add_page_break()
    document.add_picture(io.BytesIO(image))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()

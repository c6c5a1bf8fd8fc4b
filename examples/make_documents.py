"""Make the PDF, DOCX and XLSX files of the examples from `document_sources` and the budget below.

The same bytes every time: dates are fixed, PDF files carry no clock and no random id, and archives are written again
with one date. Markdown, HTML, CSV and YAML files of the set are written by hand and not touched.

Run `python examples/make_documents.py`, or with `--check` to compare with the files that are there.
"""

from __future__ import annotations

import re
import sys
import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter
from docx import Document
from docx.document import Document as DocxDocument
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle
from xlsxwriter.format import Format

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "document_sources"
OF_RUNS = ("contracts/courier-services.pdf", "contracts/roaster-maintenance.pdf", "finance/budget-2026.xlsx")
COMPANY = "Larkfield Coffee Roasters Ltd"
MADE_AT = datetime(2026, 1, 12, 9, 0, 0)  # noqa: DTZ001 (the file formats want no zone)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a source: `title`, `section`, `subsection`, `text`, `bullet` (one cell) or `table` (rows)."""

    kind: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        return self.rows[0][0]


def read_blocks(source: str) -> list[Block]:
    r"""Read the few marks that the sources use: `#` headings, `-` bullets, `|` tables, one-line paragraphs.

    >>> [block.kind for block in read_blocks("# A\n\ntext\n\n| a | b |\n| 1 | 2 |")]
    ['title', 'text', 'table']
    """
    marks = {"# ": "title", "## ": "section", "### ": "subsection", "- ": "bullet"}
    blocks: list[Block] = []
    for line in filter(None, source.splitlines()):
        if line.startswith("|"):
            row = tuple(cell.strip() for cell in line.strip("|").split("|"))
            if blocks[-1].kind == "table":
                blocks[-1] = Block("table", (*blocks[-1].rows, row))
            else:
                blocks.append(Block("table", (row,)))
            continue
        mark = next((mark for mark in marks if line.startswith(mark)), "")
        blocks.append(Block(marks.get(mark, "text"), ((line.removeprefix(mark),),)))
    return blocks


# --- PDF ------------------------------------------------------------------------------------------------------------

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=14, spaceAfter=5)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=9, leading=11.5, spaceAfter=0)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold")
STYLES = {
    "title": ParagraphStyle("title", parent=BODY, fontName="Helvetica-Bold", fontSize=19, leading=24, spaceAfter=6),
    "section": ParagraphStyle(
        "section", parent=BODY, fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=9, keepWithNext=True
    ),
    "text": BODY,
    "bullet": ParagraphStyle("bullet", parent=BODY, leftIndent=12),
}
GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#9aa5a0")),
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e6ece8")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)


def make_pdf(blocks: list[Block]) -> bytes:
    """Return the blocks as an A4 document with the page number and the title at the foot of each page."""
    title = blocks[0].text

    def draw_foot(canvas: Canvas, template: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(25 * mm, 14 * mm, f"{COMPANY}: {title}")
        canvas.drawRightString(A4[0] - 25 * mm, 14 * mm, f"Page {template.page}")

    buffer = BytesIO()
    margins = {"leftMargin": 25 * mm, "rightMargin": 25 * mm, "topMargin": 22 * mm, "bottomMargin": 24 * mm}
    template = SimpleDocTemplate(buffer, pagesize=A4, invariant=1, title=title, author=COMPANY, lang="en", **margins)
    template.build([_flowable(block) for block in blocks], onFirstPage=draw_foot, onLaterPages=draw_foot)
    return buffer.getvalue()


def _flowable(block: Block) -> Flowable:
    if block.kind != "table":
        return Paragraph(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", block.text.replace("&", "&amp;")), STYLES[block.kind])
    cells = [[Paragraph(cell, CELL if number else HEAD) for cell in row] for number, row in enumerate(block.rows)]
    widest = [max(len(row[column]) for row in block.rows) for column in range(len(block.rows[0]))]
    share = (A4[0] - 50 * mm) / sum(max(width, 12) for width in widest)
    widths = [share * max(width, 12) for width in widest]
    return Table(cells, colWidths=widths, style=GRID, repeatRows=1, spaceBefore=4, spaceAfter=8)


# --- DOCX -----------------------------------------------------------------------------------------------------------


def make_docx(blocks: list[Block]) -> bytes:
    """Return the blocks as a Word document that uses the built-in styles for headings, lists and tables."""
    document = Document()
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = blocks[0].text, COMPANY, COMPANY
    properties.created = properties.modified = MADE_AT
    properties.comments = ""
    for block in blocks:
        _add_block(document, block)
    buffer = BytesIO()
    document.save(buffer)
    return with_fixed_dates(buffer.getvalue())


def _add_block(document: DocxDocument, block: Block) -> None:
    if block.kind in ("title", "section", "subsection"):
        document.add_heading(block.text, level=("title", "section", "subsection").index(block.kind))
    elif block.kind == "table":
        table = document.add_table(rows=0, cols=len(block.rows[0]), style="Light Grid Accent 1")
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text[:1].upper() + text[1:]
        document.add_paragraph()
    else:
        document.add_paragraph(block.text, style="List Bullet" if block.kind == "bullet" else "Normal")


def with_fixed_dates(archive: bytes) -> bytes:
    """Write a zip archive again with one date for every member, so that the same content gives the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, (2026, 1, 12, 9, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return buffer.getvalue()


# --- XLSX -----------------------------------------------------------------------------------------------------------

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# A name for formulas, then the four columns of the sheet.
ASSUMPTIONS: tuple[tuple[str, str, float, str, str], ...] = (
    ("green_kg", "Green coffee bought each month", 6000, "kg", "supply agreement LCR-2026-014, clause 5.1"),
    ("green_price", "Average price of green coffee", 7.10, "£ per kg", "supply agreement LCR-2026-014, schedule 1"),
    ("loss", "Weight lost in roasting", 0.16, "share", "roasting log, 2025"),
    ("trade", "Wholesale share of roasted coffee", 0.75, "share", "sales of 2025"),
    ("trade_price", "Average wholesale price", 17.20, "£ per kg", "price list 2026, weighted by sales"),
    ("online_price", "Average online price", 27.80, "£ per kg", "price list 2026, weighted by sales"),
    ("packaging", "Packaging", 0.85, "£ per kg", "quotation of November 2025"),
    ("people", "Full-time equivalents", 15, "people", "24 employees, many of them part-time"),
    ("wage", "Average cost of one full-time equivalent", 2750, "£ a month", "payroll, with pension and insurance"),
    ("rent", "Rent of Unit 7", 3200, "£ a month", "lease until 2029"),
    ("parcels", "Parcels", 1550, "a month", "orders of 2025"),
    ("charge", "Average charge for a parcel", 5.10, "£", "courier agreement LCR-2025-041, schedule 1"),
    ("fuel", "Fuel surcharge", 0.04, "share", "courier agreement LCR-2025-041, clause 3.2"),
    ("visit", "One maintenance visit", 1200, "£", "maintenance agreement LCR-2026-019, clauses 2.2 and 3.1"),
)
VALUES = {name: value for name, _, value, _, _ in ASSUMPTIONS}
CELLS = {name: f"Assumptions!$B${row}" for row, name in enumerate(VALUES, start=2)}

EVEN = (1.0,) * 12
SEASON = (0.92, 0.93, 0.97, 0.98, 0.99, 0.98, 0.95, 0.94, 1.00, 1.06, 1.12, 1.16)  # what we sell: the mean is 1
WINTER = (1.2, 1.2, 1.1, 1.0, 0.9, 0.8, 0.8, 0.8, 0.9, 1.0, 1.1, 1.2)


def only(*months: str) -> tuple[float, ...]:
    """Return 1 for the months named and 0 for the others."""
    return tuple(float(month in months) for month in MONTHS)


# A label, the formula of an ordinary month in the names of ASSUMPTIONS, and the share of it in each month.
REVENUE = (
    ("Wholesale", "green_kg*(1-loss)*trade*trade_price", SEASON),
    ("Online", "green_kg*(1-loss)*(1-trade)*online_price", SEASON),
    ("Yard Bar", "14500", SEASON),
    ("Training", "1200", only("Feb", "Mar", "Apr", "May", "Jun", "Sep", "Oct", "Nov")),
)
COST = (
    ("Green coffee", "green_kg*green_price", EVEN),
    ("Packaging", "green_kg*(1-loss)*packaging", SEASON),
    ("Wages", "people*wage", EVEN),
    ("Rent", "rent", EVEN),
    ("Energy", "1900", WINTER),
    ("Courier", "parcels*charge*(1+fuel)", SEASON),
    ("Roaster maintenance", "visit", only("Apr", "Oct")),
    ("Travel to origin (Huila, Sidama)", "4200", only("Feb", "Nov")),
    ("Trade fairs", "2800", only("Apr", "Sep")),
    ("Insurance, software, fees", "2150", EVEN),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the budget: for each month a formula, and the value that it comes to."""

    label: str
    formulas: tuple[str, ...]
    values: tuple[float, ...]


def build_line(label: str, formula: str, shares: tuple[float, ...]) -> Line:
    """Turn names into cells for the sheet, and into numbers for readers that show only stored values."""
    in_cells = re.sub(r"[a-z_]+", lambda name: CELLS[name[0]], formula)
    amount = eval(formula, {"__builtins__": {}}, VALUES)  # a constant of this file
    return Line(
        label,
        tuple(f"=ROUND({in_cells}*{share:g},0)" for share in shares),
        tuple(float(round(amount * share)) for share in shares),
    )


def make_xlsx() -> bytes:
    """Return the budget as a workbook of two sheets. Its formulas carry the values that they come to."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": "Budget 2026", "author": COMPANY, "created": MADE_AT})
    _write_budget(book)
    _write_assumptions(book)
    book.close()
    return with_fixed_dates(buffer.getvalue())


def _write_budget(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Budget 2026")
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
    strong = book.add_format({"bold": True, "num_format": "#,##0", "top": 1})
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 13, 10)
    sheet.freeze_panes(1, 1)
    sheet.write_row(0, 0, ("£", *MONTHS, "Year"), bold)
    columns = "BCDEFGHIJKLMN"

    def write(row: int, line: Line, style: Format) -> None:
        """Write one line and its sum over the year. Rows count from 1, as in formulas."""
        cells = (*zip(line.formulas, line.values, strict=True), (f"=SUM(B{row}:M{row})", sum(line.values)))
        sheet.write(f"A{row}", line.label, style)
        for column, (formula, value) in zip(columns, cells, strict=True):
            sheet.write_formula(f"{column}{row}", formula, style, value)

    row, totals = 2, []
    for heading, entries in (("Revenue", REVENUE), ("Cost", COST)):
        sheet.write(f"A{row}", heading, bold)
        lines = [build_line(*entry) for entry in entries]
        for offset, line in enumerate(lines, start=1):
            write(row + offset, line, money)
        last = row + len(lines)
        sums = tuple(f"=SUM({column}{row + 1}:{column}{last})" for column in columns[:12])
        values = tuple(sum(line.values[month] for line in lines) for month in range(12))
        write(last + 1, Line(f"Total {heading.lower()}", sums, values), strong)
        totals.append((last + 1, values))
        row = last + 3
    (earned_row, earned), (spent_row, spent) = totals
    formulas = tuple(f"={column}{earned_row}-{column}{spent_row}" for column in columns[:12])
    write(row, Line("Result", formulas, tuple(a - b for a, b in zip(earned, spent, strict=True))), strong)


def _write_assumptions(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Assumptions")
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 2, 12)
    sheet.set_column(3, 3, 58)
    sheet.write_row(0, 0, ("Assumption", "Value", "Unit", "Source"), book.add_format({"bold": True}))
    for row, (_, *columns) in enumerate(ASSUMPTIONS, start=1):
        sheet.write_row(row, 0, columns)


# --- all of them ----------------------------------------------------------------------------------------------------


def make_documents() -> dict[str, bytes]:
    """Return the content of every made file by its path below the folder of examples."""

    def blocks(name: str) -> list[Block]:
        return read_blocks((SOURCES / f"{name}.md").read_text(encoding="utf-8"))

    contracts = ("courier-services", "green-coffee-supply", "roaster-maintenance")
    made = {
        **{f"contracts/{name}.pdf": make_pdf(blocks(name)) for name in contracts},
        "finance/budget-2026.xlsx": make_xlsx(),
        "handbook/health-and-safety.docx": make_docx(blocks("health-and-safety")),
    }
    all_of_them = {f"quickstart/documents/{path}": content for path, content in made.items()}
    return all_of_them | {f"runs/documents/{path}": made[path] for path in OF_RUNS}


def main() -> int:
    """Write the files, or with `--check` name those that differ and return 1."""
    documents = make_documents()
    if "--check" in sys.argv[1:]:
        paths = [path for path in documents if (HERE / path).read_bytes() != documents[path]]
        print("\n".join(f"differs: {path}" for path in paths) or f"{len(documents)} documents are up to date")
        return 1 if paths else 0
    for path, content in documents.items():
        (HERE / path).parent.mkdir(parents=True, exist_ok=True)
        (HERE / path).write_bytes(content)
        print(f"{path}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())

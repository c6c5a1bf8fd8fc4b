"""Readers of PDF, DOCX and XLSX. Each imports its library when it is called; a missing one is said as such."""

from __future__ import annotations

import importlib
import io
import zipfile
from typing import Any

from llamasync.emulator.extraction.errors import MissingLibrary, Unreadable
from llamasync.emulator.extraction.plain import join_cells

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_pdf(content: bytes) -> list[str]:
    """Read a PDF page by page; a page that is a picture is empty."""
    document = library("pypdf").PdfReader(io.BytesIO(content))
    if document.is_encrypted and not document.decrypt(""):
        raise Unreadable("the document is encrypted")
    pages = [str(page.extract_text()) for page in document.pages]
    if not pages:
        raise Unreadable("the document has no pages")
    return pages


def read_docx(content: bytes) -> list[str]:
    """Read paragraphs and tables in their order; pages as Word saw them when it saved, else at page breaks."""
    _check_archive(content)
    pages: list[list[str]] = [[]]
    for block in library("docx").Document(io.BytesIO(content)).iter_inner_content():
        if hasattr(block, "rows"):
            pages[-1].extend(join_cells([cell.text for cell in row.cells]) for row in block.rows)
            continue
        if breaks_before(block):
            pages.append([])
        pages[-1].append(block.text)
    return ["\n\n".join(each for each in page if each.strip()) for page in pages]


def read_xlsx(content: bytes) -> list[str]:
    """Read a sheet a page: its name, then a line a row."""
    _check_archive(content)
    book = library("openpyxl").load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        return ["\n".join([f"# {sheet.title}", *_rows(sheet)]) for sheet in book.worksheets]
    finally:
        book.close()


def _rows(sheet: Any) -> list[str]:
    lines = (join_cells(["" if v is None else str(v) for v in row]) for row in sheet.iter_rows(values_only=True))
    return [line for line in lines if line]


def breaks_before(paragraph: Any) -> bool:
    """Tell whether a paragraph of a Word document begins a page."""
    element = paragraph._p
    if any(True for _ in element.iter(f"{WORD}lastRenderedPageBreak")):
        return True
    return any(each.get(f"{WORD}type") == "page" for each in element.iter(f"{WORD}br"))


def _check_archive(content: bytes) -> None:
    """Refuse an archive that unpacks to more than a document would. Raises Unreadable, or BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(each.file_size for each in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise Unreadable("the document unpacks to too many bytes")


def library(name: str) -> Any:
    """Import a library, or a module of one, when it is needed. Raises MissingLibrary, saying what to install."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingLibrary(f"the emulator needs {name} to read this: pip install 'llamasync[emulator]'") from None

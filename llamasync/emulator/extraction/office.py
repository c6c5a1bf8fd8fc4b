"""Readers of PDF and XLSX. Each imports its library when it is called; a missing one is said as such."""

from __future__ import annotations

import importlib
import io
import logging
import zipfile
from typing import Any

from llamasync.emulator.extraction.errors import MissingLibrary, Unreadable
from llamasync.emulator.extraction.plain import join_cells

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_CELLS = 20_000_000


def read_pdf(content: bytes) -> list[str]:
    """Read a PDF page by page; a page that is a picture is empty. What opens without a password is as any other."""
    try:
        document = library("pypdf").PdfReader(io.BytesIO(content))
        if document.is_encrypted and not document.decrypt(""):
            raise Unreadable("the document is encrypted")
        pages = [str(page.extract_text()) for page in document.pages]
    except library("pypdf.errors").DependencyError:
        raise MissingLibrary(
            "the document is encrypted with AES, and the emulator needs cryptography to read it"
        ) from None
    if not pages:
        raise Unreadable("the document has no pages")
    return pages


def read_xlsx(content: bytes) -> list[str]:
    """Read a sheet a page: its name, then a line a row."""
    check_archive(content)
    book = library("openpyxl").load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        return ["\n".join([f"# {sheet.title}", *_rows(sheet)]) for sheet in book.worksheets]
    finally:
        book.close()


def _rows(sheet: Any) -> list[str]:
    """Write a line a row. Raises Unreadable where a few cells far away make a table that nobody can go through."""
    # Otherwise each row is as wide as the sheet says that it is.
    sheet.reset_dimensions()
    lines, cells = [], 0
    for row in sheet.iter_rows(values_only=True):
        cells += len(row)
        if cells > MAX_CELLS:
            raise Unreadable(f"the workbook has a sheet of more than {MAX_CELLS} cells")
        if row:
            lines.append(join_cells(["" if value is None else str(value) for value in row]))
    return [line for line in lines if line]


def check_archive(content: bytes) -> None:
    """Refuse an archive that unpacks to more than a document would. Raises Unreadable, or BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(each.file_size for each in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise Unreadable("the document unpacks to too many bytes")


def library(name: str) -> Any:
    """Import a library, or a module of one, when it is needed. Raises MissingLibrary, saying what to install."""
    logging.getLogger(name.partition(".")[0]).setLevel(logging.CRITICAL)  # oddities of documents are no news here
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingLibrary(f"the emulator needs {name} to read this: pip install 'llamasync[emulator]'") from None

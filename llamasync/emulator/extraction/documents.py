"""From bytes and a file name to pages of text: which reader it takes, and what it means when none can."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import PurePosixPath

from llamasync.emulator.extraction.errors import Unreadable as Unreadable
from llamasync.emulator.extraction.html_text import read_html
from llamasync.emulator.extraction.office import read_pdf, read_xlsx
from llamasync.emulator.extraction.plain import read_csv, read_text
from llamasync.emulator.extraction.word import read_docx

MAX_CHARACTERS = 10_000_000
# Beyond it a text has too many characters in any encoding: said before it is decoded.
MAX_TEXT_BYTES = 4 * MAX_CHARACTERS
TEXTS = frozenset({"text", "csv", "tsv", "html"})
SUFFIXES = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
    ".csv": "csv",
    ".tsv": "tsv",
}
# Anything else is text if it can be read as such; these never are.
NO_TEXT = frozenset({".doc", ".xls", ".ppt", ".pptx", ".png", ".jpg", ".jpeg", ".gif", ".zip", ".gz", ".mp3", ".mp4"})
READERS: dict[str, Callable[[bytes], list[str]]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "xlsx": read_xlsx,
    "html": read_html,
    "csv": lambda content: read_csv(content, ","),
    "tsv": lambda content: read_csv(content, "\t"),
    "text": read_text,
}


def format_of(name: str, content: bytes) -> str:
    """Tell how a file is to be read: by its suffix, else by how it begins. Empty where it cannot be.

    >>> format_of("a.PDF", b""), format_of("notes", b"%PDF-1.7"), format_of("a.md", b"# A"), format_of("a.png", b"x")
    ('pdf', 'pdf', 'text', '')
    """
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if suffix in NO_TEXT:
        return ""
    return "pdf" if content.startswith(b"%PDF-") else "text"


def extract_pages(name: str, content: bytes) -> list[str]:
    r"""Read the text of a document, a string a page; page 1 comes first. A document without text has empty pages.

    Raises Unreadable, and nothing else, for a damaged document and for a type that has no text.

    >>> extract_pages("a.csv", b"name,age\nAda,36\n")
    ['name | age\nAda | 36']
    """
    form = format_of(name, content)
    if not form:
        raise Unreadable(f"files of type {PurePosixPath(name).suffix.lower()} have no text to read")
    if form in TEXTS and len(content) > MAX_TEXT_BYTES:
        raise Unreadable(f"the document has more than {MAX_CHARACTERS} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pages = READERS[form](content)
    except Unreadable:
        raise
    except Exception as broken:  # a damaged document makes its library raise anything
        raise Unreadable(f"damaged {form} document: {str(broken) or type(broken).__name__}") from broken
    if sum(map(len, pages)) > MAX_CHARACTERS:
        raise Unreadable(f"the document has more than {MAX_CHARACTERS} characters")
    return [_clean(page) for page in pages] or [""]


def _clean(page: str) -> str:
    """Drop what neither JSON in UTF-8 nor a reader can use: lone surrogates, NULs, other line ends, outer space."""
    text = page.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", "replace").decode().strip()

"""Text out of documents of every type, and a reason where there is none."""

from __future__ import annotations

import io
import sqlite3
import sys

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llamasync.emulator.extraction import Unreadable, extract_pages, extracted
from llamasync.emulator.extraction import memory as memory_module
from llamasync.emulator.index_schema import INDEX_SCHEMA
from tests.emulator.documents import docx, pdf, xlsx


def test_a_pdf_is_read_page_by_page() -> None:
    assert extract_pages("a.pdf", pdf("first page\nsecond line", "second page")) == [
        "first page\nsecond line",
        "second page",
    ]


def test_a_word_document_gives_paragraphs_tables_and_pages() -> None:
    content = docx(["Title", "Some text"], ["Next page"], table=[["a", "b"], ["1", ""]])
    assert extract_pages("a.docx", content) == ["Title\n\nSome text", "Next page\n\na | b\n\n1"]


def test_a_workbook_gives_a_page_a_sheet() -> None:
    content = xlsx(Sales=[["item", "sum"], ["bolt", 3], [None, None], ["nut", 2.5]], Empty=[])
    assert extract_pages("a.xlsx", content) == ["# Sales\nitem | sum\nbolt | 3\nnut | 2.5", "# Empty"]


def test_html_gives_what_is_shown() -> None:
    content = b"""<html><head><title>T</title><style>p {}</style><script>var hidden = "<p>";</script></head><body>
    <h1>Head &amp; line</h1><p>One <b>bold</b>
    word.<br>New line</p><table><tr><td>a</td><td>b</td></tr></table><pre>x\n  y</pre></body></html>"""
    assert extract_pages("a.html", content) == ["T\n\nHead & line\n\nOne bold word.\nNew line\n\na | b\n\nx\ny"]


def test_a_table_of_commas_gives_lines() -> None:
    assert extract_pages("a.csv", b'name,note\n"Ada, L.","two\nlines"\n,\n') == ["name | note\nAda, L. | two lines"]
    assert extract_pages("a.tsv", b"a\tb\n") == ["a | b"]


@pytest.mark.parametrize(
    ("name", "content", "pages"),
    [
        ("a.md", b"# A\r\n\r\ntext\n", ["# A\n\ntext"]),
        ("a.txt", "\ufeffgrün".encode(), ["grün"]),
        ("a.txt", "grün".encode("cp1252"), ["grün"]),
        ("a.txt", "grün".encode("utf-16"), ["grün"]),
        ("a.txt", b"one\ftwo", ["one", "two"]),
        ("no suffix", b"text", ["text"]),
        ("a.txt", b"  ", [""]),
    ],
)
def test_text_is_read_whatever_its_encoding(name: str, content: bytes, pages: list[str]) -> None:
    assert extract_pages(name, content) == pages


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"damaged", "damaged pdf document"),
        ("a.pdf", pdf("x")[:200], "pdf"),
        ("a.docx", b"damaged", "damaged docx document"),
        ("a.xlsx", docx(["no sheet"]), "damaged xlsx document"),
        ("a.docx", docx(["x"])[:500], "damaged docx document"),
        ("a.png", b"\x89PNG", ".png have no text"),
        ("a.txt", b"a\0b", "not text"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(name: str, content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        extract_pages(name, content)


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamasync.emulator.extraction.office.MAX_UNPACKED_BYTES", 100)
    with pytest.raises(Unreadable, match="unpacks to too many bytes"):
        extract_pages("a.docx", docx(["x"]))


def test_an_encrypted_document_is_refused() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("secret")))
    writer.encrypt("password", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    with pytest.raises(Unreadable, match="encrypted"):
        extract_pages("a.pdf", target.getvalue())


def test_a_document_of_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamasync.emulator.extraction.documents.MAX_CHARACTERS", 10)
    with pytest.raises(Unreadable, match="more than 10 characters"):
        extract_pages("a.txt", b"x" * 11)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(["a.pdf", "a.docx", "a.xlsx", "a.html", "a.csv", "a.md"]), st.binary(max_size=300))
def test_no_bytes_break_a_reader(name: str, content: bytes) -> None:
    for each in (content, b"%PDF-1.7\n" + content, b"PK\x03\x04" + content):
        try:
            pages = extract_pages(name, each)
        except Unreadable:
            continue
        assert pages
        assert all(page == page.encode().decode() for page in pages)


@pytest.fixture
def db() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.row_factory = sqlite3.Row
    made.executescript(INDEX_SCHEMA)
    return made


def test_a_document_is_read_once(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    assert extracted(db, "a.txt", b"one\ftwo").pages == ("one", "two")
    assert "damaged" in str(extracted(db, "a.pdf", b"no pdf").error)
    monkeypatch.setattr(memory_module, "extract_pages", None)
    assert extracted(db, "other.txt", b"one\ftwo").pages == ("one", "two")
    again = extracted(db, "b.pdf", b"no pdf")
    assert again.pages == ()
    assert "damaged" in str(again.error)


def test_a_missing_library_is_said_and_not_remembered(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdf("text")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "pypdf", None)
        assert "pip install 'llamasync[emulator]'" in str(extracted(db, "a.pdf", content).error)
    assert extracted(db, "a.pdf", content).pages == ("text",)

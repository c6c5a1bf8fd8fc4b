"""Text out of documents of every type, and a reason where there is none."""

from __future__ import annotations

import io
import logging
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llamasync.emulator.blobs import BlobStore
from llamasync.emulator.extraction import Unreadable, extract_pages, extracted, extracted_blob
from llamasync.emulator.extraction import memory as memory_module
from llamasync.emulator.index_schema import INDEX_SCHEMA
from tests.emulator.documents import docx, illustrated_pdf, layered_docx, pdf, picture, xlsx


def test_a_pdf_is_read_page_by_page() -> None:
    assert extract_pages("a.pdf", pdf("first page\nsecond line", "second page")) == [
        "first page\nsecond line",
        "second page",
    ]


def test_a_word_document_gives_paragraphs_tables_and_pages() -> None:
    content = docx(["Title", "Some text"], ["Next page"], table=[["a", "b"], ["1", ""]])
    assert extract_pages("a.docx", content) == ["Title\n\nSome text", "Next page\n\na | b\n\n1"]


def test_a_word_document_gives_headers_content_controls_insertions_and_tables_in_tables_once() -> None:
    assert extract_pages("a.docx", layered_docx()) == [
        "The head\n\nControlled\n\nover both columns\n\nx | inner cell\n\nAdded\tlink\nBoxed\n\nThe foot"
    ]


def test_a_workbook_gives_a_page_a_sheet() -> None:
    content = xlsx(Sales=[["item", "sum"], ["bolt", 3], [None, None], ["nut", 2.5]], Empty=[])
    assert extract_pages("a.xlsx", content) == ["# Sales\nitem | sum\nbolt | 3\nnut | 2.5", "# Empty"]


def test_html_gives_what_is_shown() -> None:
    content = b"""<html><head><title>T</title><style>p {}</style><script>var hidden = "<p>";</script></head><body>
    <h1>Head &amp; line</h1><p>One <b>bold</b>
    word.<br>New line</p><table><tr><td>a</td><td>b</td></tr></table><pre>x\n  y</pre></body></html>"""
    assert extract_pages("a.html", content) == ["T\n\nHead & line\n\nOne bold word.\nNew line\n\na | b\n\nx\ny"]


@pytest.mark.timeout(60)
def test_a_cell_far_away_does_not_make_its_sheet_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "here", "far"
    target = io.BytesIO()
    book.save(target)
    (page,) = extract_pages("a.xlsx", target.getvalue())
    assert [each for each in page.split() if each != "|"] == ["#", "Sheet", "here", "far"]
    monkeypatch.setattr("llamasync.emulator.extraction.office.MAX_CELLS", 1000)
    with pytest.raises(Unreadable, match="more than 1000 cells"):
        extract_pages("a.xlsx", target.getvalue())


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p title='a > b' class=it's>x</p>", "x"),
        ('<script>if (a<b) document.write("<p>no</p>");</SCRIPT >yes', "yes"),
        ("<style>p</style><template><p>no</p></template>yes<noscript>no</noscript>", "yes"),
        ("one<!-- no <b> -- > no -->two<!doctype html><?php no ?>", "onetwo"),
        ("a<br/>b<br />c", "a\nb\nc"),
        ("1 < 2 &lt; 3 & 4 &amp;amp; <3", "1 < 2 < 3 & 4 &amp; <3"),
        ("<p>yes<script>no <p>no", "yes"),
        ("<p>yes<!-- no", "yes"),
        ("<p>yes<a href='no", "yes"),
        ("</>yes", "yes"),
    ],
)
def test_html_is_read_as_a_browser_reads_it(page: str, text: str) -> None:
    assert extract_pages("a.html", page.encode()) == [text]


def test_html_says_in_which_encoding_it_is() -> None:
    page = '<html><head><meta charset="{}"></head><p>Łódź żółć</p>'
    assert extract_pages("a.html", page.format("iso-8859-2").encode("iso-8859-2")) == ["Łódź żółć"]
    assert extract_pages("a.html", page.format("utf-8").encode()) == ["Łódź żółć"]
    for unusable in ("rot13", "no-such-name", "zlib"):
        assert extract_pages("a.html", page.format(unusable).encode("cp1250"))


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    ["<", "<!--", "<![CDATA[", "<a ", "</a ", "<a b='", "<a b=\"'", "<script>", "<script></", "<p><", "&", "<a =="],
)
def test_broken_html_is_read_in_one_pass(piece: str) -> None:
    # The parser of the standard library takes minutes for some of these.
    extract_pages("a.html", piece.encode() * 100_000)


def test_a_table_of_commas_gives_lines() -> None:
    assert extract_pages("a.csv", b'name,note\n"Ada, L.","two\nlines"\n,\n') == ["name | note\nAda, L. | two lines"]
    assert extract_pages("a.tsv", b"a\tb\n") == ["a | b"]


def test_a_table_with_a_cell_that_the_library_refuses_is_read_as_text() -> None:
    long = "x" * 200_000
    assert extract_pages("a.csv", f"a,{long}\n".encode()) == [f"a,{long}"]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_that_is_turned_is_read_all_the_same(angle: int) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("first line\nsecond line")))
    writer.pages[0].rotate(angle)
    assert extract_pages("a.pdf", written(writer)) == ["first line\nsecond line"]


def test_a_scan_has_pages_without_text() -> None:
    content = illustrated_pdf("", picture(size=(600, 800)))
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    writer.remove_text()
    assert extract_pages("a.pdf", written(writer)) == ["", ""]


def written(writer: pypdf.PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


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
    with pytest.raises(Unreadable, match=r"^the document is encrypted$"):
        extract_pages("a.pdf", written(writer))


def test_a_document_that_no_password_keeps_closed_is_read() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("for all to read")))
    writer.encrypt("", "owner", algorithm="RC4-128")
    assert extract_pages("a.pdf", written(writer)) == ["for all to read"]


def test_a_document_encrypted_with_aes_is_not_called_damaged() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("secret")))
    writer.encrypt("", "owner", algorithm="RC4-128")
    cipher = b"/CF << /StdCF << /CFM /AESV2 /Length 16 >> >> /StmF /StdCF /StrF /StdCF /V 4"
    content = written(writer)
    assert content.count(b"/V 2") == 1
    with pytest.raises(Unreadable, match=r"^the document is encrypted with AES"):
        extract_pages("a.pdf", content.replace(b"/V 2", cipher).replace(b"/R 3", b"/R 4"))


def test_a_document_of_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamasync.emulator.extraction.documents.MAX_CHARACTERS", 10)
    with pytest.raises(Unreadable, match="more than 10 characters"):
        extract_pages("a.txt", b"x" * 11)


def test_a_text_of_more_bytes_than_any_encoding_needs_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("llamasync.emulator.extraction.documents.READERS", {})
    for name in ("a.txt", "a.csv", "a.html"):
        with pytest.raises(Unreadable, match="more than 10000000 characters"):
            extract_pages(name, bytes(40_000_001))


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
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as made:
        made.row_factory = sqlite3.Row
        made.executescript(INDEX_SCHEMA)
        yield made


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


def test_a_document_that_is_too_large_is_not_loaded(
    db: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = BlobStore(tmp_path)
    pending = blobs.put(b"some text")
    blobs.adopt(pending)
    assert extracted_blob(db, blobs, "a.txt", pending.sha256)[0].pages == ("some text",)
    monkeypatch.setattr(memory_module, "MAX_DOCUMENT_BYTES", 8)
    monkeypatch.setattr(memory_module, "MAX_TEXT_BYTES", 8)
    for name in ("b.pdf", "a.txt"):
        found, content = extracted_blob(db, blobs, name, pending.sha256)
        assert "larger than" in str(found.error)
        assert content == b""


def test_the_library_tells_nobody_of_the_oddities_of_a_document(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("pypdf").setLevel(logging.NOTSET)
    with pytest.raises(Unreadable):
        extract_pages("a.pdf", pdf("one")[:-40])
    assert not caplog.records

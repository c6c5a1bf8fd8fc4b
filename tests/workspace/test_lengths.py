"""How long documents are: each type in its own unit, and never a crash for what a document holds."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from docx import Document as Docx
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from llamasync.workspace.files import lengths
from llamasync.workspace.files.lengths import length_of
from llamasync.workspace.measure import CHARACTER, IMAGE, PAGE, SHEET, SLIDE, Measure

SUFFIXES = sorted(lengths._TYPES)


def pdf(pages: int, *, password: str | None = None, user_password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(72, 72)
    if password is not None:
        writer.encrypt(user_password, password, algorithm="RC4-128")
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def archive(**parts: str) -> bytes:
    """Return a zip; in the names of its parts `__` stands for `/`, and `_` for `.`."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in parts.items():
            zipped.writestr(name.replace("__", "/").replace("_", "."), text)
    return held.getvalue()


def length(content: bytes, suffix: str) -> Measure:
    return length_of(io.BytesIO(content), suffix)


@pytest.mark.parametrize("pages", [1, 3, 40])
def test_pages_of_a_pdf_are_counted(pages: int) -> None:
    assert length(pdf(pages), ".pdf") == Measure(PAGE, pages)


def test_pdf_that_only_restricts_printing_is_counted() -> None:
    assert length(pdf(2, password="owner"), ".pdf") == Measure(PAGE, 2)


def test_encrypted_pdf_is_of_unknown_length() -> None:
    locked = pdf(2, password="owner", user_password="secret")
    assert length(locked, ".pdf") == Measure(PAGE, None, "it is encrypted")


def test_pdf_whose_cipher_cannot_be_had_is_of_unknown_length(monkeypatch: pytest.MonkeyPatch) -> None:
    from pypdf.errors import DependencyError

    def decrypt(*_: object) -> int:
        raise DependencyError("cryptography is required")

    monkeypatch.setattr(PdfReader, "decrypt", decrypt)
    locked = pdf(2, password="owner", user_password="secret")
    assert length(locked, ".pdf").why == "it is encrypted"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\nnothing", b"not a pdf at all", pdf(3)[:200]])
def test_damaged_pdf_is_of_unknown_length(content: bytes) -> None:
    assert length(content, ".pdf") == Measure(PAGE, None, "it is damaged")


@pytest.mark.parametrize("count", [b"0", b"-1", b"(x)", b"999999999"])
def test_pages_are_gone_through_where_a_pdf_does_not_say_how_many_it_can_have(count: bytes) -> None:
    written = pdf(3).replace(b"/Count 3", b"/Count " + count)
    assert length(written, ".pdf") == Measure(PAGE, 3)


def test_pdf_that_leads_back_to_itself_comes_to_an_end() -> None:
    written = pdf(1)
    start = int(re.search(rb"startxref\s+(\d+)", written)[1])  # type: ignore[index]
    assert length(written.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % start), ".pdf") == Measure(PAGE, 1)
    tree = written.replace(b"/Count 1", b"/Count 0").replace(b"/Kids [ 4 0 R", b"/Kids [ 2 0 R")
    assert length(tree, ".pdf").why == "it is damaged"


def test_pdf_oddities_are_not_told_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    length(b"%PDF-1.4\n" + pdf(1)[20:], ".pdf")
    assert capfd.readouterr() == ("", "")


def test_file_that_cannot_be_read_is_no_damaged_document() -> None:
    class Failing(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        length_of(Failing(pdf(1)), ".pdf")


def test_word_document_has_the_pages_that_the_word_processor_counted() -> None:
    told = "<Properties><Pages>12</Pages><Characters>30000</Characters></Properties>"
    assert length(archive(docProps__app_xml=told, word__document_xml="<w/>"), ".docx") == Measure(PAGE, 12)


def test_text_is_counted_in_a_word_document_that_was_never_laid_out() -> None:
    made, held = Docx(), io.BytesIO()
    made.add_paragraph("a" * 5000)
    made.save(held)
    measured = length(held.getvalue(), ".docx")
    assert measured.unit == CHARACTER
    assert measured.count is not None
    assert 5000 <= measured.count < 5100
    bare = archive(word__document_xml="<w:t>one</w:t> <w:t>two</w:t>")
    assert length(bare, ".docx") == Measure(CHARACTER, 7)


def test_slides_and_sheets_are_counted() -> None:
    slides = archive(ppt__slides__slide1_xml="", ppt__slides__slide2_xml="", ppt__slides__other_xml="")
    assert length(slides, ".pptx") == Measure(SLIDE, 2)
    sheets = archive(xl__worksheets__sheet1_xml="", xl__worksheets__sheet12_xml="", xl__styles_xml="")
    assert length(sheets, ".xlsx") == Measure(SHEET, 2)
    assert length(b"a,b\n1,2\n", ".csv") == Measure(SHEET, 1)


def test_open_document_says_its_pages_or_they_are_not_known() -> None:
    told = archive(meta_xml='<m meta:page-count="7" meta:table-count="0"/>')
    assert length(told, ".odt") == Measure(PAGE, 7)
    assert length(archive(content_xml=""), ".odp").count is None


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx", ".odt"])
def test_damaged_office_document_is_of_unknown_length(suffix: str) -> None:
    assert length(b"PK\x03\x04 and then nothing", suffix) == Measure(PAGE, None, "it is damaged or encrypted")


def test_archive_that_is_a_trap_is_not_unpacked_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lengths, "MOST_BYTES_INSIDE", 1000)
    trap = archive(word__document_xml="x" * 3_000_000)
    assert length(trap, ".docx").why == "it is damaged or encrypted"


def test_image_is_one_and_audio_is_not_known() -> None:
    assert length(b"whatever", ".png") == Measure(IMAGE, 1)
    assert "by the minute" in length(b"whatever", ".mp3").why


def test_characters_of_texts_are_counted_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lengths, "_CHUNK", 3)
    assert length("grün ä€".encode(), ".md") == Measure(CHARACTER, 7)
    assert length(b"<p class='x'>one</p>  <b>two", ".html").count == 6


def test_markup_is_not_counted_as_text() -> None:
    assert length(b"<html>\n  <p class='much longer than the text'>one</p>\n</html>", ".html") == Measure(CHARACTER, 3)
    assert length(b"a < b", ".html") == Measure(CHARACTER, 4)
    assert length(b"<" + b"x" * 100_000, ".html") == Measure(CHARACTER, 100_001)


def test_type_that_nobody_knows_is_of_unknown_length() -> None:
    assert length(b"x", ".dwg").why == "how many pages a .dwg file has is not known here"
    assert length(b"x", "").why == "its name says no type"


@given(suffix=st.sampled_from(SUFFIXES), content=st.binary(max_size=300), is_cut=st.booleans())
def test_no_content_makes_it_fail(suffix: str, content: bytes, is_cut: bool) -> None:
    start = {".pdf": pdf(1)[:150], ".docx": b"PK\x03\x04"}.get(suffix, b"") if is_cut else b""
    measured = length(start + content, suffix)
    assert (measured.count is None) == bool(measured.why)

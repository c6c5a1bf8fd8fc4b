"""How long a document of a given type is: pages, slides, sheets, characters. Never raises for what a document holds.

How the service counts the pages of what has none is not documented; here each type is counted in its own unit, and
plan/rates.py says how many pages a unit is taken for.
"""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, BinaryIO

from llamasync.workspace.measure import CHARACTER, IMAGE, PAGE, SHEET, SLIDE, Measure

MOST_BYTES_INSIDE = 256 * 1024 * 1024  # of a part of an archive: more is a trap
_CHUNK = 1024 * 1024
_MARKUP = re.compile(r"<[^>]*>")
_LONGEST_TAG = 64 * 1024
# What zipfile raises for a damaged archive; a kind of RuntimeError also for a compression that it does not know.
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, EOFError, ValueError)

_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".tiff", ".tif", ".webp", ".heic", ".heif")
_TEXTS = (".txt", ".md", ".markdown", ".rst", ".tex", ".json", ".yaml", ".yml", ".log")
_MARKED_UP = (".html", ".htm", ".xhtml", ".xml")
_AUDIO = (".mp3", ".mp4", ".mpeg", ".mpga", ".m4a", ".wav", ".webm")


def length_of(stream: BinaryIO, suffix: str) -> Measure:
    """Measure a document; `suffix` (lower case, with the dot) says its type. Raises OSError where it cannot be read."""
    measure = _TYPES.get(suffix)
    if measure is None:
        why = f"how many pages a {suffix} file has is not known here" if suffix else "its name says no type"
        return Measure(PAGE, why=why)
    return measure(stream)


def _pdf(stream: BinaryIO) -> Measure:
    import logging

    from pypdf import PdfReader  # 0.2 s to import

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would tell the terminal of every oddity
    try:
        reader = PdfReader(stream)
        if reader.is_encrypted and not reader.decrypt(""):
            return Measure(PAGE, why="it is encrypted")
        pages: Any = reader.root_object["/Pages"].get_object()
        count = pages.get("/Count")
        # What the document says takes a quarter of the time of going through its pages, of which each is an object.
        most: Any = reader.trailer.get("/Size", 0)
        is_likely = isinstance(count, int) and 0 < count < most
        return Measure(PAGE, int(count) if is_likely else len(reader.pages))
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile document makes of the library
        if type(error).__name__ == "DependencyError":
            return Measure(PAGE, why="it is encrypted")
        return Measure(PAGE, why="it is damaged")


def _zipped(count: Callable[[zipfile.ZipFile], Measure]) -> Callable[[BinaryIO], Measure]:
    def measure(stream: BinaryIO) -> Measure:
        try:
            with zipfile.ZipFile(stream) as archive:
                return count(archive)
        except _BROKEN_ZIP:
            return Measure(PAGE, why="it is damaged or encrypted")

    return measure


def _docx(archive: zipfile.ZipFile) -> Measure:
    """Take the pages that the word processor counted; one that never laid the document out noted no characters."""
    told = _told(archive, "docProps/app.xml", rb"<Pages>(\d+)</Pages>")
    if told and _told(archive, "docProps/app.xml", rb"<Characters>(\d+)</Characters>"):
        return Measure(PAGE, told)
    with archive.open("word/document.xml") as part:
        return _characters(_limited(part), is_marked_up=True)


def _pptx(archive: zipfile.ZipFile) -> Measure:
    return Measure(SLIDE, _parts(archive, r"ppt/slides/slide\d+\.xml"))


def _xlsx(archive: zipfile.ZipFile) -> Measure:
    return Measure(SHEET, _parts(archive, r"xl/(work|chart)sheets/sheet\d+\.(xml|bin)"))


def _open_document(archive: zipfile.ZipFile) -> Measure:
    told = _told(archive, "meta.xml", rb'meta:page-count="(\d+)"')
    return Measure(PAGE, told) if told else Measure(PAGE, why="it does not say how many pages it has")


def _parts(archive: zipfile.ZipFile, pattern: str) -> int:
    return max(1, sum(1 for name in archive.namelist() if re.fullmatch(pattern, name)))


def _told(archive: zipfile.ZipFile, name: str, pattern: bytes) -> int:
    """Return the number that a part tells; 0 where there is no such part, or none in it."""
    if name not in archive.namelist():
        return 0
    with archive.open(name) as part:
        found = re.search(pattern, part.read(_CHUNK))
    return int(found[1]) if found else 0


def _text(stream: BinaryIO) -> Measure:
    return _characters(_chunks(stream), is_marked_up=False)


def _marked_up(stream: BinaryIO) -> Measure:
    return _characters(_chunks(stream), is_marked_up=True)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _limited(stream: IO[bytes]) -> Iterator[bytes]:
    """Iterate over the bytes. Raises ValueError when there are too many."""
    seen = 0
    while chunk := stream.read(_CHUNK):
        seen += len(chunk)
        if seen > MOST_BYTES_INSIDE:
            raise ValueError("a part is too large")
        yield chunk


def _characters(chunks: Iterator[bytes], *, is_marked_up: bool) -> Measure:
    """Count the characters; of marked-up text those outside of tags, with every white space as one."""
    decoder, count, rest = codecs.getincrementaldecoder("utf-8")("replace"), 0, ""
    for chunk in chunks:
        text = rest + decoder.decode(chunk)
        rest = ""
        if is_marked_up:
            text = _MARKUP.sub(" ", text)
            start = text.rfind("<")
            if start >= 0 and len(text) - start < _LONGEST_TAG:
                text, rest = text[:start], text[start:]
            text = " ".join(text.split())
        count += len(text)
    return Measure(CHARACTER, count + len(rest))


def _one(unit: str) -> Callable[[BinaryIO], Measure]:
    return lambda _: Measure(unit, 1)


def _audio(_: BinaryIO) -> Measure:
    return Measure(PAGE, why="audio is billed by the minute, and how long it is is not known here")


_TYPES: dict[str, Callable[[BinaryIO], Measure]] = {
    ".pdf": _pdf,
    ".docx": _zipped(_docx),
    ".docm": _zipped(_docx),
    ".pptx": _zipped(_pptx),
    ".pptm": _zipped(_pptx),
    ".xlsx": _zipped(_xlsx),
    ".xlsm": _zipped(_xlsx),
    ".xlsb": _zipped(_xlsx),
    ".odt": _zipped(_open_document),
    ".odp": _zipped(_open_document),
    ".csv": _one(SHEET),
    ".tsv": _one(SHEET),
    **dict.fromkeys(_IMAGES, _one(IMAGE)),
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_MARKED_UP, _marked_up),
    **dict.fromkeys(_AUDIO, _audio),
}

"""Reader of DOCX: what stands in the document, its tables and headers included, in the order of reading."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from llamasync.emulator.extraction.office import check_archive, library
from llamasync.emulator.extraction.plain import join_cells

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PARAGRAPH, TABLE = f"{WORD}p", f"{WORD}tbl"
# What holds blocks and is none: content controls, and what was moved or inserted with its author's name.
WRAPPERS = frozenset(f"{WORD}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
BREAKS = {f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}
# What was deleted or moved away, and what is there a second time for older programs.
SKIPPED = frozenset({f"{WORD}del", f"{WORD}moveFrom", f"{WORD}pPr", FALLBACK})


def read_docx(content: bytes) -> list[str]:
    """Read paragraphs and tables in their order; pages as Word saw them when it saved, else at page breaks.

    Headers stand before the first page, footers after the last one, each once.
    """
    check_archive(content)
    document = library("docx").Document(io.BytesIO(content))
    headers, footers = _margins(document)
    pages: list[list[str]] = [headers]
    for block in _blocks(document.element.body):
        if block.tag == TABLE:
            pages[-1].extend(_rows(block))
            continue
        if breaks_before(block):
            pages.append([])
        pages[-1].append(_text(block).strip("\n"))
    pages[-1].extend(footers)
    return ["\n\n".join(each for each in page if each.strip()) for page in pages]


def breaks_before(paragraph: Any) -> bool:
    """Tell whether a paragraph's element begins a page."""
    if any(True for _ in paragraph.iter(f"{WORD}lastRenderedPageBreak")):
        return True
    return any(each.get(f"{WORD}type") == "page" for each in paragraph.iter(f"{WORD}br"))


def _margins(document: Any) -> tuple[list[str], list[str]]:
    """Return the texts of headers and of footers; sections that share one have it once."""
    found: tuple[dict[str, None], dict[str, None]] = {}, {}
    for section in document.sections:
        for texts, part in zip(found, (section.header, section.footer), strict=True):
            if not part.is_linked_to_previous:
                blocks = _blocks(part._element)
                lines = [line for each in blocks for line in (_rows(each) if each.tag == TABLE else [_text(each)])]
                texts.update(dict.fromkeys(line for line in lines if line.strip()))
    return list(found[0]), list(found[1])


def _blocks(holder: Any) -> Iterator[Any]:
    """Return the paragraphs and tables of a body, a cell or a header, as elements."""
    for each in holder:
        if each.tag in (PARAGRAPH, TABLE):
            yield each
        elif each.tag in WRAPPERS:
            yield from _blocks(each)


def _rows(table: Any) -> list[str]:
    """Write a line a row; a cell over several columns is there once, a table in a cell is a part of its text."""
    rows = (row for row in table.iter(f"{WORD}tr") if next(row.iterancestors(TABLE)) is table)
    return [join_cells([_cell(cell) for cell in _cells(row)]) for row in rows]


def _cells(holder: Any) -> Iterator[Any]:
    for each in holder:
        if each.tag == f"{WORD}tc":
            yield each
        elif each.tag in WRAPPERS:
            yield from _cells(each)


def _cell(cell: Any) -> str:
    parts = (line for each in _blocks(cell) for line in (_rows(each) if each.tag == TABLE else [_text(each)]))
    return "\n".join(parts)


def _text(element: Any) -> str:
    """Return what a paragraph says, links, insertions and text boxes included."""
    parts: list[str] = []
    for each in element:
        if each.tag == f"{WORD}t":
            parts.append(each.text or "")
        elif each.tag == f"{WORD}br" and each.get(f"{WORD}type") == "page":
            continue
        elif each.tag in BREAKS:
            parts.append(BREAKS[each.tag])
        elif each.tag not in SKIPPED:
            # A paragraph within this one is that of a text box.
            inner = _text(each)
            parts.append(f"\n{inner}\n" if each.tag == PARAGRAPH else inner)
    return "".join(parts)

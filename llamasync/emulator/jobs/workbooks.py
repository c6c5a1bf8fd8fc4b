"""Spreadsheets as sheets of cells: XLSX through openpyxl, CSV and TSV through the standard library."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import Any

from llamasync.emulator.extraction import Unreadable
from llamasync.emulator.extraction.plain import decode

DELIMITERS = {".csv": ",", ".tsv": "\t"}
BOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that holds something. `kind` is text, number, boolean or time."""

    value: str
    kind: str
    hidden: bool = False
    bold: bool = False
    number_format: str = "General"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its cells by row and column, both counted from 1."""

    name: str
    cells: Mapping[tuple[int, int], Cell]
    hidden: bool = False


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """Read all sheets; a CSV is one sheet, named as the file. Raises Unreadable for what is no spreadsheet."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in DELIMITERS:
        return [Sheet(path.stem, _csv_cells(decode(content), DELIMITERS[suffix]))]
    if suffix not in BOOKS:
        raise Unreadable(f"files of type {suffix or 'unknown'} are no spreadsheets")
    return _read_book(content)


def _csv_cells(text: str, delimiter: str) -> dict[tuple[int, int], Cell]:
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return {
            (row, column): Cell(value, "text")
            for row, values in enumerate(rows, 1)
            for column, value in enumerate(values, 1)
            if value.strip()
        }
    except csv.Error as broken:
        raise Unreadable(f"damaged spreadsheet: {broken}") from broken


def _read_book(content: bytes) -> list[Sheet]:
    try:
        openpyxl: Any = importlib.import_module("openpyxl")
    except ImportError:
        raise Unreadable("the emulator needs openpyxl to read this: pip install 'llamasync[emulator]'") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        return [_sheet(each) for each in book.worksheets]
    except Exception as broken:  # a damaged document makes its library raise anything
        raise Unreadable(f"damaged spreadsheet: {str(broken) or type(broken).__name__}") from broken


def _sheet(sheet: Any) -> Sheet:
    rows = {number for number, each in sheet.row_dimensions.items() if each.hidden}
    columns = {
        number
        for each in sheet.column_dimensions.values()
        if each.hidden
        for number in range(each.min or 0, (each.max or 0) + 1)
    }
    # The rows that the library iterates over are as long as the sheet is wide; this has only what is there.
    found = {
        place: _cell(cell, hidden=place[0] in rows or place[1] in columns)
        for place, cell in sheet._cells.items()
        if cell.value is not None and str(cell.value).strip()
    }
    return Sheet(sheet.title, found, sheet.sheet_state != "visible")


def _cell(cell: Any, *, hidden: bool) -> Cell:
    value = cell.value
    bold = bool(cell.font and cell.font.bold)
    if isinstance(value, bool):
        return Cell(str(value).lower(), "boolean", hidden, bold, cell.number_format)
    if isinstance(value, datetime | date | time):
        return Cell(value.isoformat(), "time", hidden, bold, cell.number_format)
    kind = "number" if isinstance(value, int | float) else "text"
    return Cell(str(value), kind, hidden, bold, cell.number_format)

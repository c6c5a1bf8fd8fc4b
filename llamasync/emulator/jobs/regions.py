"""Regions of a sheet: blocks of cells that touch, their bounds, and what can be downloaded of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from llamasync.emulator.jobs.workbooks import Cell

Place = tuple[int, int]
NEIGHBOURS = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if (row, column) != (0, 0)]
# Beyond it, blocks whose bounds overlap are left apart: comparing each with each would take too long.
MAX_MERGED = 1000


@dataclass(frozen=True, slots=True, order=True)
class Bounds:
    """A rectangle of cells, counted from 1, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    @property
    def is_table(self) -> bool:
        return self.bottom > self.top and self.right > self.left

    def holds(self, place: Place) -> bool:
        return self.top <= place[0] <= self.bottom and self.left <= place[1] <= self.right

    def overlaps(self, other: Bounds) -> bool:
        rows = self.top <= other.bottom and other.top <= self.bottom
        return rows and self.left <= other.right and other.left <= self.right

    def continues(self, other: Bounds) -> bool:
        """Tell whether one is the same columns again, after a single empty row."""
        gap = max(self.top, other.top) - min(self.bottom, other.bottom)
        return (self.left, self.right) == (other.left, other.right) and gap == 2

    def joined(self, other: Bounds) -> Bounds:
        return Bounds(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def text(self) -> str:
        """Write it in A1 notation.

        >>> Bounds(1, 1, 12, 28).text()
        'A1:AB12'
        """
        return f"{column_name(self.left)}{self.top}:{column_name(self.right)}{self.bottom}"


def column_name(number: int) -> str:
    """Name a column.

    >>> column_name(1), column_name(26), column_name(27)
    ('A', 'Z', 'AA')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def parse_range(text: str) -> Bounds:
    """Read A1 notation. Raises ValueError.

    >>> parse_range("$B$2:A1")
    Bounds(top=1, left=1, bottom=2, right=2)
    """
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6}):\$?([A-Z]{1,3})\$?([1-9]\d{0,6})", text.strip().upper())
    if not found:
        raise ValueError(f"{text!r} is no range such as A1:C10")
    columns = sorted(_column_number(found[i]) for i in (1, 3))
    rows = sorted(int(found[i]) for i in (2, 4))
    return Bounds(rows[0], columns[0], rows[1], columns[1])


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def find_regions(places: Iterable[Place], *, strong: bool = False) -> list[Bounds]:
    """Find the blocks of cells that touch, corners included, from top to bottom.

    `strong` also joins blocks of the same columns with one empty row between them.

    >>> [each.text() for each in find_regions([(1, 1), (2, 2), (2, 4)])]
    ['A1:B2', 'D2:D2']
    """
    left = set(places)
    found: list[Bounds] = []
    while left:
        start = left.pop()
        block, edge = Bounds(*start, *start), [start]
        while edge:
            row, column = edge.pop()
            block = block.joined(Bounds(row, column, row, column))
            near = {(row + down, column + right) for down, right in NEIGHBOURS} & left
            left -= near
            edge.extend(near)
        found.append(block)
    if len(found) > MAX_MERGED:
        return sorted(found)
    return sorted(_merged(found, strong=strong))


def _merged(found: list[Bounds], *, strong: bool) -> list[Bounds]:
    """Join bounds until no two of them belong together."""
    waiting, done = list(found), list[Bounds]()
    while waiting:
        block = waiting.pop()
        for other in done:
            if block.overlaps(other) or (strong and block.continues(other)):
                done.remove(other)
                waiting.append(block.joined(other))
                break
        else:
            done.append(block)
    return done


def table_csv(cells: Mapping[Place, Cell], bounds: Bounds) -> bytes:
    """Write the rows of a region; an empty cell is an empty text."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for row in range(bounds.top, bounds.bottom + 1):
        line = [cells.get((row, column)) for column in range(bounds.left, bounds.right + 1)]
        writer.writerow(["" if cell is None else cell.value for cell in line])
    return written.getvalue().encode()


def cell_metadata_csv(cells: Mapping[Place, Cell], bounds: Bounds) -> bytes:
    """Write a line for each cell of a region that holds something."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["cell", "row", "column", "type", "number_format", "bold", "hidden"])
    for row, column in _inside(cells, bounds):
        cell = cells[row, column]
        name = f"{column_name(column)}{row}"
        writer.writerow([name, row, column, cell.kind, cell.number_format, _word(cell.bold), _word(cell.hidden)])
    return written.getvalue().encode()


def _inside(cells: Mapping[Place, Cell], bounds: Bounds) -> list[Place]:
    """Return the places in bounds that hold something, row by row; small bounds are gone through themselves."""
    if bounds.area > len(cells):
        return sorted(place for place in cells if bounds.holds(place))
    rows, columns = range(bounds.top, bounds.bottom + 1), range(bounds.left, bounds.right + 1)
    return [(row, column) for row in rows for column in columns if (row, column) in cells]


def _word(value: bool) -> str:
    return "true" if value else "false"

from __future__ import annotations

import time

import pytest

from llamasync.emulator.jobs.regions import find_regions, parse_range

TABLE = [(row, column) for row in (1, 2) for column in (1, 2)]
AGAIN = [(row, column) for row in (4, 5) for column in (1, 2)]


def found(places: list[tuple[int, int]], *, strong: bool = False) -> list[str]:
    return [each.text() for each in find_regions(places, strong=strong)]


def test_cells_that_touch_are_one_region() -> None:
    assert found([*TABLE, (3, 3), (1, 5)]) == ["A1:C3", "E1:E1"]
    assert found([]) == []


def test_blocks_inside_the_bounds_of_others_are_joined() -> None:
    frame = [(r, c) for r in range(1, 6) for c in range(1, 6) if r in (1, 5) or c in (1, 5)]
    assert found([*frame, (3, 3)]) == ["A1:E5"]


def test_strong_merging_joins_the_same_columns_over_one_empty_row() -> None:
    assert found([*TABLE, *AGAIN]) == ["A1:B2", "A4:B5"]
    assert found([*TABLE, *AGAIN], strong=True) == ["A1:B5"]
    assert found([*TABLE, (4, 1)], strong=True) == ["A1:B2", "A4:A4"]


def test_many_lonely_cells_take_no_time() -> None:
    began = time.perf_counter()
    assert len(found([(row, column) for row in range(1, 300, 2) for column in range(1, 300, 2)])) == 150 * 150
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("text", ["A1", "1:2", "A0:B2", "ABCD1:B2", "A1:B2:C3", ""])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no range"):
        parse_range(text)

"""Makers of dataclasses of which there are many."""

from __future__ import annotations

from llamasync.core.lean import lean_dataclass
from llamasync.core.many import maker_of, sharing_maker_of


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0


def test_makers_make_what_the_class_itself_would() -> None:
    assert maker_of(Point)(1, 2) == Point(x=1, y=2)
    on_a_line = sharing_maker_of(Point, "y")(5)
    assert [on_a_line(1), on_a_line(2)] == [Point(x=1, y=5), Point(x=2, y=5)]
    assert sharing_maker_of(Point, "y")(6)(1) == Point(x=1, y=6)

"""Dataclasses of which there are many."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

from llamasync.core.many import maker_of, one_of_many, sharing_maker_of


@one_of_many(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0


def test_they_are_dataclasses_and_nothing_stands_in_the_way_of_making_them() -> None:
    assert is_dataclass(Point)
    assert [field.name for field in fields(Point)] == ["x", "y"]
    assert Point(x=1) == Point(x=1, y=0)
    assert Point.__slots__ == ("x", "y")  # type: ignore[attr-defined]
    try:
        Point(x=1).x = 2  # type: ignore[misc]
    except FrozenInstanceError:
        raise AssertionError("frozen at run time, and so made in three times the time") from None


def test_makers_make_what_the_class_itself_would() -> None:
    assert maker_of(Point)(1, 2) == Point(x=1, y=2)
    on_a_line = sharing_maker_of(Point, "y")(5)
    assert [on_a_line(1), on_a_line(2)] == [Point(x=1, y=5), Point(x=2, y=5)]
    assert sharing_maker_of(Point, "y")(6)(1) == Point(x=1, y=6)

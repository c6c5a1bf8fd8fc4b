"""Dataclasses of which there are many."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

from llamasync.core.many import one_of_many


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

"""Nested values: what stands inside of maps and lists, at any depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def every(value: Any, wanted: type[T]) -> Iterator[T]:
    """Iterate over the values of a type in `value`, itself included, in their order; nothing inside of them.

    >>> list(every({"a": [1, {"b": "x"}], "c": ("y",)}, str))
    ['x', 'y']
    """
    if isinstance(value, wanted):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from every(item, wanted)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from every(item, wanted)


def holds(value: Any, wanted: type[object]) -> bool:
    """Say whether a value of a type is in `value`, at any depth.

    >>> holds({"a": [1]}, int), holds({"a": [1]}, str)
    (True, False)
    """
    return any(True for _ in every(value, wanted))

"""One character of a pattern: what it takes, as a test that remembers its answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
REMEMBERED = 4096


class Taker:
    """Tells whether a character is taken. `only` lists all that are, where they are few enough to list."""

    def __init__(self, test: Callable[[str], bool], only: frozenset[str] | None = None) -> None:
        self._test = test
        self._known: dict[str, bool] = {}
        self.only = only

    def takes(self, character: str) -> bool:
        known = self._known.get(character)
        if known is None:
            known = self._test(character)
            if len(self._known) < REMEMBERED:
                self._known[character] = known
        return known


def make_taker(operation: str, argument: Any, flags: int) -> Taker:
    """Make the test for LITERAL, NOT_LITERAL, ANY and IN, as Python's parser names them. Raises KeyError for others."""
    folds = bool(flags & re.IGNORECASE)
    if operation == "ANY":
        dot_all = bool(flags & re.DOTALL)
        return Taker(lambda c: dot_all or c != "\n")
    if operation in ("LITERAL", "NOT_LITERAL"):
        same = _cases(chr(argument)) if folds else frozenset({chr(argument)})
        if operation == "LITERAL":
            return Taker(lambda c: c in same, same)
        return Taker(lambda c: c not in same)
    if operation != "IN":
        raise KeyError(operation)
    negated = str(argument[0][0]) == "NEGATE"
    tests = [_member(str(kind), value, flags) for kind, value in (argument[1:] if negated else argument)]

    def is_in(c: str) -> bool:
        return any(test(each) for each in (_cases(c) if folds else (c,)) for test in tests) != negated

    return Taker(is_in)


def _cases(c: str) -> frozenset[str]:
    return frozenset(each for each in (c, c.lower(), c.upper()) if len(each) == 1)


def _member(kind: str, value: Any, flags: int) -> Callable[[str], bool]:
    if kind == "LITERAL":
        return lambda c: ord(c) == value
    if kind == "RANGE":
        low, high = value
        return lambda c: low <= ord(c) <= high
    category = re.compile(CATEGORIES[str(value)], flags & re.ASCII)
    return lambda c: category.match(c) is not None

"""Items from a JSON file: one list of maps. An item's place is where its map begins."""

from __future__ import annotations

import re

from llamasync.workspace.items.entry import Entry, Flaw, Found, no_map
from llamasync.workspace.items.json_text import Unreadable, decode

_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(text: str) -> Found:
    """Iterate over the items of the list; what follows a mistake is not read."""
    places = _Places(text)
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        yield Flaw("LS216", "a .json file of items is one list: [{...}, {...}]", *places.of(at))
        return
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        at += 1
    else:
        while True:
            try:
                value, end = decode(text, at)
            except Unreadable as error:
                yield Flaw(error.code, error.detail, *places.of(error.offset))
                return
            place = places.of(at)
            yield Entry(value, *place) if isinstance(value, dict) else no_map(value, *place)
            at = _skip(text, end)
            sign, at = text[at : at + 1], _skip(text, at + 1)
            if sign == "]":
                break
            if sign != ",":
                yield Flaw("LS216", "no JSON: expected `,` or `]` after an item", *places.of(_skip(text, end)))
                return
    rest = _skip(text, at)
    if rest < len(text):
        yield Flaw("LS216", "no JSON: something follows the list", *places.of(rest))


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


class _Places:
    """Lines and columns of offsets. Asking in order costs one pass over the text."""

    def __init__(self, text: str) -> None:
        self._text, self._line, self._start, self._seen = text, 1, 0, 0

    def of(self, offset: int) -> tuple[int, int]:
        if offset < self._seen:
            self._line, self._start, self._seen = 1, 0, 0
        self._line += self._text.count("\n", self._seen, offset)
        last = self._text.rfind("\n", self._seen, offset)
        self._start = last + 1 if last >= 0 else self._start
        self._seen = offset
        return self._line, offset - self._start + 1

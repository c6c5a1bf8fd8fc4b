"""YAML text becomes data and places, built from the parser's events without node objects in between.

Only JSON's scalars are read as more than text: `on`, `yes`, dates, `017`, `12:30:00` and `1_000` stay texts. Duplicate
keys are errors. Half the cost of yaml.load with CSafeLoader, places included.
"""

from __future__ import annotations

import gc
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from yaml import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.manifest.document import Document, Marks

MAX_DEPTH = 100
MAX_ALIAS_NODES = 100_000
MANY_OBJECTS = 200_000

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the pure one where libyaml is absent
_SCALAR: Any = ScalarEvent  # as Any, or mypy would have event marks be None
_TAG = "tag:yaml.org,2002:"
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DIGITS = frozenset("-0123456789")
_SCALAR_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
}


def load_documents(text: str, file: str) -> tuple[list[Document], list[Diagnostic]]:
    """Read all documents of a file, and every problem in it; documents before a syntax error are kept. Never raises."""
    reader = _Reader(text, file)
    return list(reader.documents()), reader.problems


@contextmanager
def collector_paused() -> Iterator[None]:
    """Turn the cyclic garbage collector off for the length of a `with`: it costs six times the loading itself.

    What was loaded then stays as long as it is referred to, and has no cycles: so a lot of it is never looked at again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if gc.get_count()[0] > MANY_OBJECTS:
                gc.freeze()
            gc.enable()


def resolve_plain(text: str) -> Any:
    """Return what an unquoted scalar means: null, a boolean, a JSON number, else the text itself.

    >>> [resolve_plain(text) for text in ("~", "true", "-1.5e3", "017", "on", "2024-01-01")]
    [None, True, -1500.0, '017', 'on', '2024-01-01']
    """
    value = _CONSTANTS.get(text, text)
    if value is not text or text[0] not in _DIGITS:
        return value
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > 300:
        return text
    if found[1] is None and found[2] is None:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else text


class _Reader:
    """Builds the documents of one text. Whatever is wrong is noted in `problems` and stands as null."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self._has_expressions = "${" in text
        self.file = file
        self.problems: list[Diagnostic] = []
        self._broken = False
        self._anchors: dict[str, tuple[Any, Marks, int]] = {}
        self._alias_nodes = 0

    def documents(self) -> Iterator[Document]:
        try:
            parser = _PARSER(self.text)
        except yaml.YAMLError as error:
            self._note_syntax(error)
            return
        try:
            self._get = get = parser.get_event
            while type(event := get()) is not StreamEndEvent:
                if type(event) is DocumentStartEvent:
                    self._anchors, self._alias_nodes, self._broken = {}, 0, False
                    data, marks = self._build(get(), 0)
                    yield Document(self.file, self.text, data, marks, self._broken, self._has_expressions)
        except yaml.YAMLError as error:
            self._note_syntax(error)
        finally:
            parser.dispose()

    def _build(self, event: Any, depth: int) -> tuple[Any, Marks]:
        kind, mark = type(event), event.start_mark
        built: tuple[Any, Marks]
        if kind is ScalarEvent:
            value = event.value
            if event.implicit[0]:
                value = resolve_plain(value)
            elif event.tag is not None and event.tag != "!":
                value = self._tagged(event)
            built = value, (mark.line + 1, mark.column + 1)
        elif kind is AliasEvent:
            return self._alias(event)
        elif depth == MAX_DEPTH:
            self._note(mark, f"maps and lists are nested more than {MAX_DEPTH} deep")
            self._skip()
            return None, (mark.line + 1, mark.column + 1)
        elif kind is MappingStartEvent:
            self._check_container(event, "map")
            built = self._mapping(mark, depth + 1)
        else:
            self._check_container(event, "seq")
            built = self._sequence(mark, depth + 1)
        if event.anchor:
            self._anchors[event.anchor] = (*built, self._size(built[0]))
        return built

    def _mapping(self, mark: Any, depth: int) -> tuple[Any, Marks]:
        data: dict[str, Any] = {}
        places: dict[str, Marks] = {}
        keys: dict[str, tuple[int, int]] = {}
        merges: list[tuple[Any, Marks, Any]] = []
        get = self._get
        while type(event := get()) is not MappingEndEvent:
            if type(event) is not _SCALAR:
                self._note(event.start_mark, "a key must be a text")
                self._build(event, depth)
                self._build(get(), depth)
                continue
            key, at = event.value, event.start_mark
            if key == "<<" and event.implicit[0]:
                merges.append((*self._build(get(), depth), at))
                continue
            if key in data:
                self._note_duplicate(key, at, keys[key])
            if event.anchor:
                self._anchors[event.anchor] = key, (at.line + 1, at.column + 1), 1
            keys[key] = at.line + 1, at.column + 1
            event = get()
            if type(event) is _SCALAR and event.implicit[0] and not event.anchor:  # most of what there is
                mark_of = event.start_mark
                data[key], places[key] = resolve_plain(event.value), (mark_of.line + 1, mark_of.column + 1)
            else:
                data[key], places[key] = self._build(event, depth)
        for source, marks, at in merges:
            self._merge((data, places, keys), source, marks, at)
        return data, (mark.line + 1, mark.column + 1, places, keys)

    def _sequence(self, mark: Any, depth: int) -> tuple[Any, Marks]:
        data: list[Any] = []
        places: list[Marks] = []
        get, build = self._get, self._build
        while type(event := get()) is not SequenceEndEvent:
            item, place = build(event, depth)
            data.append(item)
            places.append(place)
        return data, (mark.line + 1, mark.column + 1, places)

    def _merge(self, into: tuple[dict[str, Any], ...], source: Any, marks: Marks, at: Any) -> None:
        """Add what `<<` names; keys that are there already win, and earlier ones of a list over later ones."""
        pairs = list(zip(source, marks[2], strict=True)) if isinstance(source, list) else [(source, marks)]
        for data, places in pairs:
            if not isinstance(data, dict):
                self._note(at, "`<<` takes a map, or a list of maps")
                continue
            for target, more in zip(into, (data, *places[2:]), strict=True):
                for key, value in more.items():
                    target.setdefault(key, value)

    def _alias(self, event: Any) -> tuple[Any, Marks]:
        mark = event.start_mark
        here = mark.line + 1, mark.column + 1
        found = self._anchors.get(event.anchor)
        if found is None:
            self._note(mark, f"no `&{event.anchor}` stands before this `*{event.anchor}`")
            return None, here
        data, marks, size = found
        self._alias_nodes += size
        if self._alias_nodes > MAX_ALIAS_NODES:
            if self._alias_nodes - size <= MAX_ALIAS_NODES:
                self._note(mark, f"aliases stand for more than {MAX_ALIAS_NODES:,} values")
            return None, here
        return data, marks

    def _size(self, data: Any) -> int:
        """Count the values in `data`. Aliases in it count in full, and are limited themselves."""
        if isinstance(data, dict):
            return 1 + sum(map(self._size, data.values()))
        return 1 + sum(map(self._size, data)) if isinstance(data, list) else 1

    def _tagged(self, event: Any) -> Any:
        name = event.tag.removeprefix(_TAG)
        if name == "str":
            return event.value
        value = resolve_plain(event.value)
        if isinstance(value, _SCALAR_TYPES.get(name, ())):
            return value
        self._note_tag(event)
        return None

    def _check_container(self, event: Any, expected: str) -> None:
        if event.tag is not None and event.tag not in ("!", _TAG + expected):
            self._note_tag(event)

    def _note_tag(self, event: Any) -> None:
        tag = "!!" + event.tag.removeprefix(_TAG) if event.tag.startswith(_TAG) else event.tag
        self._note(event.start_mark, f"the tag {tag} does not fit here; manifests hold JSON's values only")

    def _skip(self) -> None:
        depth = 1
        while depth:
            kind = type(self._get())
            if kind in (MappingStartEvent, SequenceStartEvent):
                depth += 1
            elif kind in (MappingEndEvent, SequenceEndEvent):
                depth -= 1

    def _note(self, mark: Any, detail: str) -> None:
        self._broken = True
        self.problems.append(Diagnostic("LS101", detail, Source(self.file, mark.line + 1, mark.column + 1)))

    def _note_duplicate(self, key: str, mark: Any, first: tuple[int, int]) -> None:
        place = Source(self.file, mark.line + 1, mark.column + 1)
        hint = f"it stands at {Source(self.file, *first)} already; remove or rename one of the two"
        self.problems.append(Diagnostic("LS102", f"`{key}` is written twice in one map", place, hint=hint))

    def _note_syntax(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        if mark is not None:
            detail, hint = str(getattr(error, "problem", "") or error), ""
            line = mark.line + 1, mark.column + 1
            if detail.startswith("mapping values are not allowed"):
                hint = 'put a text with ": " in it in quotes, or indent this line like the one before it'
            elif "cannot start any token" in detail:
                hint = "indent with spaces instead of tabs; put a text that starts with this character in quotes"
        else:  # a character that YAML does not allow: libyaml counts bytes, the pure reader characters
            position, character = getattr(error, "position", 0), getattr(error, "character", 0)
            number = character if isinstance(character, int) else ord(character)
            before = self.text[:position]
            if getattr(error, "encoding", "") == "?":
                before = self.text.encode()[:position].decode(errors="ignore")
            line = before.count("\n") + 1, position_in_line(before)
            detail, hint = (
                f"the control character U+{number:04X} is not allowed",
                "remove it, or write an escape in quotes",
            )
        self.problems.append(Diagnostic("LS101", detail, Source(self.file, *line), hint=hint))


def position_in_line(before: str) -> int:
    """Return the column, from 1, of what follows the text `before`."""
    return len(before) - (before.rfind("\n") + 1) + 1

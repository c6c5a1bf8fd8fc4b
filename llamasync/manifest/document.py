"""A YAML document as plain data, with the place of every key and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source

Marks = tuple[Any, ...]
"""Places that mirror the data; lines and columns count from 1. For a scalar (line, column); for a mapping (line,
column, {key: marks of the value}, {key: (line, column) of the key}); for a sequence (line, column, [marks])."""
Path = Sequence[str | int]


@lean_dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One YAML document. `file` is relative to the root of the workspace; `text` is the text of the whole file.

    `broken`: a part of it could not be read and stands as null, which is reported already.
    `has_expressions`: a `${` is in the text. Known here, since to look again for each document of a large file takes
    many times as long as to read it.
    """

    file: str
    text: str
    data: Any
    marks: Marks
    broken: bool = False
    has_expressions: bool = True

    def place(self, path: Path = (), key: str | None = None) -> Source:
        """Return the place of the value at `path`, or of the nearest that exists above it; with `key`, of that key."""
        return Source(self.file, *locate(self.marks, path, key))

    def has(self, path: Path) -> bool:
        """Say whether there is a value at `path`."""
        return find(self.data, path) is not None or _exists(self.marks, path)


def locate(marks: Marks, path: Path, key: str | None = None) -> tuple[int, int]:
    """Return line and column of the value at `path`, or of its nearest parent; with `key`, of that key in it.

    >>> marks = (1, 1, {"a": (1, 4)}, {"a": (1, 1)})
    >>> locate(marks, ["a"]), locate(marks, [], "a"), locate(marks, ["b", "c"])
    ((1, 4), (1, 1), (1, 1))
    """
    for step in path:
        if len(marks) < 3:
            break
        try:
            marks = marks[2][step]
        except (KeyError, IndexError, TypeError):
            break
    if key is not None and len(marks) > 3 and key in marks[3]:
        line, column = marks[3][key]
        return line, column
    return marks[0], marks[1]


def find(data: Any, path: Path) -> Any:
    """Return the value at `path` in plain data, None when there is none. Never raises."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def field_text(path: Path) -> str:
    """Write a path as people read it.

    >>> field_text(["spec", "include", 2])
    'spec.include[2]'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def near(name: str, names: Mapping[str, Any] | Sequence[str]) -> str:
    """Return the one of `names` that was probably meant by `name`, or "".

    >>> near("previous_names", ["name", "previousNames"]), near("x", ["name"])
    ('previousNames', '')
    """
    from difflib import get_close_matches

    plain = {other.replace("_", "").replace("-", "").lower(): other for other in names}
    found = get_close_matches(name.replace("_", "").replace("-", "").lower(), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else ""


def _exists(marks: Marks, path: Path) -> bool:
    for step in path:
        if len(marks) < 3:
            return False
        try:
            marks = marks[2][step]
        except (KeyError, IndexError, TypeError):
            return False
    return True

"""Expressions in texts: `${env:NAME}`, `${env:NAME:-default}`, `${var:NAME}`, and `$${` for a literal `${`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import partial
from typing import Any

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.manifest.concealed import conceal
from llamasync.manifest.document import Document, field_text, near
from llamasync.manifest.yaml_events import position_in_line

_PIECE = re.compile(r"\$\$\{|\$\{(?P<inside>[^{}]*)\}|\$\{")
_ENV = re.compile(r"env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<has>:-(?P<default>.*))?", re.DOTALL)
_VAR = re.compile(r"var:(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)")
_MISSING = object()

DataPath = tuple[str | int, ...]
Place = Callable[[], Source]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What expressions can name. Without `require_env` an environment variable that is not set is a warning only.
    `variables` None: they are being read, and cannot be named yet."""

    env: Mapping[str, str]
    variables: Mapping[str, Any] | None = field(default_factory=dict)
    require_env: bool = True


@lean_dataclass(slots=True)
class Expansion:
    """Puts values in the place of the expressions of one document.

    `placeholders` are the paths of texts that hold an expression whose value is not known; they keep it as written,
    so what is wrong with their values says nothing about the manifest. Below `secret_places` a text with an expression
    becomes Concealed.
    """

    document: Document
    scope: Scope
    secret_places: tuple[DataPath, ...] = ()
    problems: list[Diagnostic] = field(default_factory=list)
    placeholders: set[DataPath] = field(default_factory=set)

    def expand(self, value: Any, path: DataPath = ()) -> Any:
        """Return `value`, which stands at `path`, with every expression in it replaced. Shares what has none."""
        if isinstance(value, str):
            if "${" not in value:
                return value
            found = self._text(value, path)
            if self._is_secret_place(path):
                return conceal(found, value, is_known=path not in self.placeholders)
            return found
        if isinstance(value, dict):
            return {key: self.expand(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.expand(item, (*path, number)) for number, item in enumerate(value)]
        return value

    def _is_secret_place(self, path: DataPath) -> bool:
        return any(path[: len(place)] == place for place in self.secret_places)

    def _text(self, text: str, path: DataPath) -> Any:
        pieces: list[str] = []
        end, places = 0, _Places(self.document, path)
        for found in _PIECE.finditer(text):
            pieces.append(text[end : found.start()])
            end = found.end()
            if found[0] == "$${":
                pieces.append("${")
                continue
            place = places.of(found[0])
            value = self._value(found["inside"], place, path)
            if value is _MISSING:
                self.placeholders.add(path)
                value = found[0]
            if len(found[0]) == len(text):
                return value
            pieces.append(self._written(value, place, path))
        pieces.append(text[end:])
        return "".join(pieces)

    def _value(self, inside: str | None, place: Place, path: DataPath) -> Any:
        if found := _ENV.fullmatch(inside or ""):
            value = self.scope.env.get(found["name"])
            if found["has"] is not None:
                return value or found["default"]
            if value is None:
                self._note_missing(found["name"], place, path)
                return _MISSING
            return value
        if found := _VAR.fullmatch(inside or ""):
            name = found["name"]
            if self.scope.variables is None:
                hint = "write its value here, or give both from ${env:NAME}"
                self._note("LS111", f"{name}: a variable cannot name another one", place, path, hint=hint)
                return _MISSING
            if name in self.scope.variables:
                return self.scope.variables[name]
            meant = near(name, self.scope.variables)
            hint = f"did you mean ${{var:{meant}}}?" if meant else ""
            self._note("LS111", f"no variable is called {name}", place, path, hint=hint)
            return _MISSING
        detail = "`${` without a `}`" if inside is None else f"`${{{inside}}}` is neither env: nor var: and a name"
        self._note("LS116", detail, place, path)
        return _MISSING

    def _written(self, value: Any, place: Place, path: DataPath) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        self._note("LS116", "a variable inside of a text must be a text, a number or a boolean", place, path)
        self.placeholders.add(path)
        return ""

    def _note_missing(self, name: str, place: Place, path: DataPath) -> None:
        severity = Severity.ERROR if self.scope.require_env else Severity.WARNING
        hint = f"export {name}=..."
        if not self._is_secret_place(path):
            hint += f", or write ${{env:{name}:-default}}"
        self._note("LS110", f"{name} is not set", place, path, hint=hint, severity=severity)

    def _note(
        self,
        code: str,
        detail: str,
        place: Place,
        path: DataPath,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        found = Diagnostic(code, detail, place(), field=field_text(path), hint=hint, severity=severity)
        self.problems.append(found)


class _Places:
    """Finds the expressions of one scalar in the text of the file, in the order in which they stand there.

    Only when a problem is to be told: the place of each in a large file would take longer than to read it.
    """

    def __init__(self, document: Document, path: DataPath) -> None:
        self._document = document
        self._path = path
        self._expressions: list[str] = []

    def of(self, expression: str) -> Place:
        """Note the next expression; return how to find it."""
        self._expressions.append(expression)
        return partial(self._find, len(self._expressions))

    def _find(self, count: int) -> Source:
        text, start = self._document.text, self._document.place(self._path)
        found, end = -1, _offset(text, start)
        for expression in self._expressions[:count]:
            found = text.find(expression, end)
            if found >= 0:
                end = found + len(expression)
        if found < 0:  # written with escapes or folded: the place of the whole text must do
            return start
        before = text[:found]
        return Source(self._document.file, before.count("\n") + 1, position_in_line(before))


def _offset(text: str, place: Source) -> int:
    offset = 0
    for _ in range(place.line - 1):
        offset = text.find("\n", offset) + 1
    return offset + place.column - 1

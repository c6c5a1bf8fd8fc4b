"""Concealed: a text with an expression in it, at a place where secrets may stand. Checks see it as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.core.secret import Secret

_VARIABLE = re.compile(r"\$\{env:[A-Za-z_][A-Za-z0-9_]*\}")

DataPath = tuple[str | int, ...]


@lean_dataclass(frozen=True, slots=True)
class Concealed:
    """A text of a manifest as it is `written`, and its `value`; None when that is not known."""

    written: str
    value: Secret | None

    @property
    def is_variable(self) -> bool:
        """Whether nothing but `${env:NAME}` stands there."""
        return _VARIABLE.fullmatch(self.written) is not None


def conceal(value: Any, written: str, *, is_known: bool) -> Any:
    """Conceal every text in `value`, which came of the expression `written`."""
    if isinstance(value, str):
        return Concealed(written, Secret(value) if is_known else None)
    if isinstance(value, dict):
        return {key: conceal(item, written, is_known=is_known) for key, item in value.items()}
    if isinstance(value, list):
        return [conceal(item, written, is_known=is_known) for item in value]
    return value


def concealed_in(value: Any, path: DataPath = ()) -> Iterator[tuple[DataPath, Concealed]]:
    """Iterate over what is concealed in plain data, with the path of each."""
    if isinstance(value, Concealed):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from concealed_in(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from concealed_in(item, (*path, number))


def as_written(value: Any) -> Any:
    """Return `value` with every concealed text as it is written.

    >>> as_written({"a": [Concealed("${env:A}", Secret("x"))], "b": 1})
    {'a': ['${env:A}'], 'b': 1}
    """
    return _each(value, unveil=False)


def unveiled(value: Any) -> Any:
    """Return `value` with what every concealed text stands for, where that is known."""
    return _each(value, unveil=True)


def _each(value: Any, *, unveil: bool) -> Any:
    if isinstance(value, Concealed):
        return value.value.reveal() if unveil and value.value is not None else value.written
    if isinstance(value, dict):
        return {key: _each(item, unveil=unveil) for key, item in value.items()}
    if isinstance(value, list):
        return [_each(item, unveil=unveil) for item in value]
    return value

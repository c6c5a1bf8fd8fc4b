"""Holes: what the service does not show stands in an exported manifest as the name of an environment variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from llamasync.core.nested import every
from llamasync.kinds.facts import Hole, Kind
from llamasync.manifest.write import escape_expressions

_OTHER = re.compile(r"[^A-Z0-9]+")


def variables_of(kind: Kind, name: str, spec: Any) -> dict[Hole, str]:
    """Return the environment variable of every hole in a spec, in the spec's order. No two objects, and no two holes of
    one, share a variable.

    >>> from llamasync.kinds.registry import all_kinds
    >>> spec = {"a": Hole("token"), "b": [Hole("header X-A"), Hole("header X_A")]}
    >>> list(variables_of(all_kinds()["Directory"], "my-docs", spec).values())
    ['DIRECTORY_MY_DOCS__TOKEN', 'DIRECTORY_MY_DOCS__HEADER_X_A', 'DIRECTORY_MY_DOCS__HEADER_X_A__2']
    """
    found: dict[Hole, str] = {}
    for hole in every(spec, Hole):
        first = text = f"{_upper(kind.name)}_{_upper(name)}__{_upper(hole.label)}"
        number = 1
        while text in found.values():
            number += 1
            text = f"{first}__{number}"
        found[hole] = text
    return found


def filled(value: Any, variables: Mapping[Hole, str]) -> Any:
    """Return a spec with an expression in the place of every hole."""
    if isinstance(value, Hole):
        return f"{escape_expressions(value.before)}${{env:{variables[value]}}}{escape_expressions(value.after)}"
    if isinstance(value, Mapping):
        return {key: filled(item, variables) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, variables) for item in value]
    return value


def _upper(text: str) -> str:
    return _OTHER.sub("_", text.upper()).strip("_")

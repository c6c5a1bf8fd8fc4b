"""Metadata of files: what the service takes, and the manifest's values with their templates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.kinds.directory_files import FINGERPRINT_KEY
from llamasync.workspace.files.report import Report
from llamasync.workspace.files.templates import Template, read_template

Problem = tuple[tuple[str | int, ...], str]


@lean_dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of every file of a manifest: `static` values, and those that `templates` make for each file."""

    static: dict[str, Any] = field(default_factory=dict)
    templates: dict[str, Template | list[Template]] = field(default_factory=dict)

    def of(self, path: str, name: str) -> dict[str, Any]:
        """Return the metadata of the file at `path`: without templates one dictionary, shared by all files."""
        if not self.templates:
            return self.static
        values = dict(self.static)
        for key, value in self.templates.items():
            if isinstance(value, list):
                values[key] = [part.expand(path, name) for part in value]
            else:
                values[key] = value.expand(path, name)
        return values


def find_wrong(values: Mapping[Any, Any]) -> Iterator[Problem]:
    """Iterate over what the service would refuse: the path inside `values`, and why. Source: the API contract.

    >>> list(find_wrong({"a": 1, "b": ["x", 2]}))
    [(('b', 1), 'b holds a number in its list; lists are of texts only')]
    """
    for key, value in values.items():
        if not isinstance(key, str):
            yield (key,), f"the key {key!r} is not a text"
        elif key == FINGERPRINT_KEY:
            yield (key,), f"{key} is written by llamasync itself"
        elif isinstance(value, float) and not math.isfinite(value):
            yield (key,), f"{key} is {value}, which JSON cannot hold"
        elif isinstance(value, list | tuple):
            for index, part in enumerate(value):
                if not isinstance(part, str):
                    yield (key, index), f"{key} holds {_type_name(part)} in its list; lists are of texts only"
        elif not isinstance(value, str | int | float | None):
            yield (key,), f"{key} is {_type_name(value)}"


def _type_name(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    names = {int: "a number", float: "a number", list: "a list", tuple: "a list"}
    return names.get(type(value), "a mapping" if isinstance(value, Mapping) else f"of type {type(value).__name__}")


def read_metadata(values: Mapping[str, Any], report: Report) -> Metadata:
    """Check the manifest's own metadata and parse its templates. What is wrong is reported and left out."""
    result = Metadata()
    wrong = list(find_wrong(values))
    for path, detail in wrong:
        report.add("LS207", detail, where=("spec", "metadata", *path))
    skip = {path[0] for path, _ in wrong}
    for key, value in values.items():
        if key not in skip:
            _add(result, key, value, report)
    return result


def _add(result: Metadata, key: str, value: Any, report: Report) -> None:
    if isinstance(value, str):
        template = read_template(value, report, ("spec", "metadata", key))
        if template.plain is None:
            result.templates[key] = template
        else:
            result.static[key] = template.plain
    elif isinstance(value, list | tuple):
        parts = [read_template(part, report, ("spec", "metadata", key, i)) for i, part in enumerate(value)]
        plain = [part.plain for part in parts]
        if None in plain:
            result.templates[key] = parts
        else:
            result.static[key] = plain
    else:
        result.static[key] = value

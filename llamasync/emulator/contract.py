"""The contract file of a dialect as operations: routing, parameters, schemas. Reads files, knows no resource."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from llamasync.emulator.errors import Refusal

# The one parameter of a path whose values are paths themselves. Servers see an encoded slash as a slash.
OPEN_ENDED = "attachment_name"
# What came after the file of the current dialect, as the newest official SDK calls it.
NEWER = "newer.json"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path template, as the contract file has it."""

    method: str
    template: str
    parameters: tuple[Mapping[str, Any], ...]
    body_schema: Mapping[str, Any] | None
    body_type: str | None
    body_required: bool
    status: int
    response_schema: Mapping[str, Any] | None
    pattern: re.Pattern[str]
    body_fields: frozenset[str]
    fields: frozenset[str]
    """The fields of the answered object; for a list, of one item."""

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.template


@dataclass(frozen=True, slots=True)
class Contract:
    """A dialect: its operations, and the components that their schemas refer to."""

    dialect: str
    operations: tuple[Operation, ...]
    components: Mapping[str, Any]
    by_segments: Mapping[int, tuple[Operation, ...]] = field(repr=False)
    open_ended: tuple[Operation, ...] = ()
    """Those whose last segment may hold slashes."""

    def route(self, method: str, path: str, unserved: frozenset[tuple[str, str]]) -> tuple[Operation, dict[str, str]]:
        """Find the operation for a request, the most literal template first. Raises Refusal 404 or 405."""
        others: list[Operation] = []
        for operation in (*self.by_segments.get(path.count("/"), ()), *self.open_ended):
            found = operation.pattern.fullmatch(path)
            if found and operation.key not in unserved:
                if operation.method == method:
                    return operation, found.groupdict()
                others.append(operation)
        if others:
            # A literal path hides the wider one that fits it too.
            allowed = sorted(each.method for each in others if each.template == others[0].template)
            raise Refusal(405, "Method Not Allowed", [("Allow", ", ".join(allowed))])
        raise Refusal(404, "Not Found")

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow `$ref` to the schema that it means."""
        while "$ref" in schema:
            schema = self.components["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema


@functools.cache
def load_contract(dialect: str) -> Contract:
    """Read the contract file of a dialect, the current one with what is newer; the second call is free."""
    document = _read(f"{dialect}.openapi.json")
    if dialect == "current":
        _extend(document, _read(NEWER))
    found = [
        _operation(document, method, template, item[method])
        for template, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    found.sort(key=lambda operation: operation.template.count("{"))
    by_segments: dict[int, tuple[Operation, ...]] = {}
    open_ended = tuple(each for each in found if each.template.endswith(f"{{{OPEN_ENDED}}}"))
    for operation in found:
        segments = operation.template.count("/")
        by_segments[segments] = (*by_segments.get(segments, ()), operation)
    return Contract(dialect, tuple(found), document["components"], by_segments, open_ended)


def _read(name: str) -> dict[str, Any]:
    text = resources.files("llamasync.emulator").joinpath("contracts", name).read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _extend(document: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add to a document what another one has: maps are merged, lists joined, the rest is taken over."""
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(document.get(name), dict):
            _extend(document[name], value)
        elif isinstance(value, list) and isinstance(document.get(name), list):
            document[name] += value
        else:
            document[name] = value


def _operation(document: Mapping[str, Any], method: str, template: str, item: Mapping[str, Any]) -> Operation:
    body = item.get("requestBody", {})
    body_type, media = next(iter(body.get("content", {}).items()), (None, dict[str, Any]()))
    status, answer = next((int(s), r) for s, r in item["responses"].items() if s.startswith("2"))
    response_schema = answer.get("content", {}).get("application/json", {}).get("schema")
    body_schema = media.get("schema")
    return Operation(
        method=method.upper(),
        template=template,
        parameters=tuple(item.get("parameters", ())),
        body_schema=body_schema,
        body_type=body_type,
        body_required=bool(body.get("required")),
        status=status,
        response_schema=response_schema,
        pattern=re.compile("".join(_segment(part) for part in re.split(r"(\{\w+\})", template))),
        body_fields=frozenset(_resolve(document, body_schema).get("properties", ())),
        fields=_object_fields(document, response_schema),
    )


def _segment(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part[1:-1]
    return f"(?P<{name}>{'.+' if name == OPEN_ENDED else '[^/]+'})"


def _resolve(document: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Mapping[str, Any]:
    while schema and "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema or {}


def _object_fields(document: Mapping[str, Any], schema: Mapping[str, Any] | None) -> frozenset[str]:
    shape = _resolve(document, schema)
    listed = shape.get("properties", {}).get("items", shape)
    if "items" in listed:
        shape = _resolve(document, listed["items"])
    return frozenset(shape.get("properties", ()))

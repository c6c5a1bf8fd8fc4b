"""Lists the fields that a schema has, for `explain` and the reference pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.manifest.wording import join_or

_MAX_DEPTH = 8
_PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true/false",
    "object": "map",
    "array": "list",
    "null": "null",
}


@lean_dataclass(frozen=True, slots=True)
class SchemaField:
    """One field. `path` is as in a manifest (`spec.include`); `type` and `default` are for people.

    `when` says under which value of another field it exists (`productType: parse_v2`), or is empty.
    """

    path: str
    type: str
    required: bool
    default: str
    description: str
    when: str = ""


def list_fields(schema: dict[str, Any]) -> list[SchemaField]:
    """List every field of a document, in the order of the schema, parents before what they hold."""
    return list(_walk(schema, schema, "", (), ""))


def _walk(
    root: dict[str, Any], schema: dict[str, Any], prefix: str, seen: tuple[str, ...], when: str
) -> Iterator[SchemaField]:
    parts = [(schema, when), *((one["then"], _condition(one["if"])) for one in schema.get("allOf", ()) if "if" in one)]
    for part, here in parts:
        needed = part.get("required", ())
        for name, field in part.get("properties", {}).items():
            path = f"{prefix}.{name}" if prefix else name
            if part is schema:
                yield replace(_describe(root, field, path, name in needed), when=when)
            for reference, inner in _inner(root, field):
                if reference not in seen and len(seen) < _MAX_DEPTH and reference != "#/$defs/reference":
                    below = (*seen, reference) if reference else seen
                    yield from _walk(root, inner, path, below, here)


def _condition(schema: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {field['const']}" for name, field in schema["properties"].items())


def _describe(root: dict[str, Any], field: dict[str, Any], path: str, required: bool) -> SchemaField:
    default = json.dumps(field["default"], ensure_ascii=False) if field.get("default") not in (None, {}, []) else ""
    return SchemaField(path, _type_of(root, field), required, default, field.get("description", ""))


def _inner(root: dict[str, Any], field: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Iterate over the object schemas inside a field: itself, alternatives, items, values; with the name of each."""
    if "$ref" in field:
        reference = field["$ref"]
        for _, inner in _inner(root, root["$defs"][reference.rpartition("/")[2]]):
            yield reference, inner
    elif "properties" in field or "allOf" in field:
        yield "", field
    for alternative in field.get("anyOf", ()):
        yield from _inner(root, alternative)
    for key in ("items", "additionalProperties"):
        if isinstance(field.get(key), dict):
            yield from _inner(root, field[key])


def _type_of(root: dict[str, Any], field: dict[str, Any]) -> str:
    if field.get("$ref") == "#/$defs/reference":
        return "reference"
    if "$ref" in field:
        return _type_of(root, root["$defs"][field["$ref"].rpartition("/")[2]])
    if "enum" in field or "const" in field:
        return join_or(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if "anyOf" in field:
        return join_or(text for one in field["anyOf"] if (text := _type_of(root, one)) != "null")
    kind = field.get("type", "any")
    if kind == "string" and field.get("writeOnly"):
        return "secret text"
    if kind == "array" and isinstance(field.get("items"), dict) and field["items"]:
        return f"list of {_type_of(root, field['items'])}"
    return join_or(_PLAIN.get(name, "any value") for name in (kind if isinstance(kind, list) else [kind]))

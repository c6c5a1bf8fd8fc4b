"""Takes the service's own schemas out of the API contract, for the spec fields that are passed on as they are."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from llamasync.core.naming import to_camel
from llamasync.kinds.facts import Kind

CONTRACT = Path(__file__).resolve().parent.parent / "emulator" / "contracts" / "current.openapi.json"
_PREFIX = "#/components/schemas/"

Schema = dict[str, Any]


def contract_parts(kind: Kind, spec_fields: set[str]) -> tuple[Schema, Schema]:
    """Return what the contract adds to the spec's schema of a kind, and the definitions that it needs.

    Where the contract tells variants apart by a property that is a spec field of its own, that field chooses the
    variant, and the property is not written twice. Objects take the properties they name and no others: the service
    would ignore the rest without a word.
    """
    assert kind.contract_schema is not None
    field, pointer = kind.contract_schema
    schema = _at(pointer)
    tag = schema.get("discriminator", {}).get("propertyName", "")
    chooser = to_camel(tag)
    definitions: Schema = {}
    if chooser not in spec_fields:
        _collect(schema, definitions)
        return {"properties": {field: _local(schema)}}, definitions
    variants = []
    for value, target in schema["discriminator"]["mapping"].items():
        name = target.removeprefix(_PREFIX)
        if not components()[name].get("additionalProperties"):
            _collect({"$ref": target}, definitions)
            definitions[name] = _without(definitions[name], tag)
            variants.append(_variant(chooser, value, field, name, bool(definitions[name].get("required"))))
    return {"allOf": variants}, definitions


def contract_field(pointer: str) -> tuple[Schema, Schema]:
    """Return the contract's schema of one field, without null, and the definitions that it needs."""
    schema = _at(pointer)
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    schema = choices[0] if len(choices) == 1 else schema
    definitions: Schema = {}
    _collect(schema, definitions)
    local: Schema = _local(schema)
    return local, definitions


def _at(pointer: str) -> Schema:
    component, _, property_name = pointer.partition(".")
    schema: Schema = components()[component]
    if property_name:
        schema = schema["properties"][property_name]
    return schema


@cache
def components() -> Schema:
    """Return the component schemas of the contract by name."""
    contract: Schema = json.loads(CONTRACT.read_text(encoding="utf-8"))
    found: Schema = contract["components"]["schemas"]
    return found


def _variant(chooser: str, value: str, field: str, name: str, needed: bool) -> Schema:
    then: Schema = {"properties": {field: {"$ref": f"#/$defs/{name}"}}}
    if needed:
        then["required"] = [field]
    return {"if": {"properties": {chooser: {"const": value}}, "required": [chooser]}, "then": then}


def _collect(schema: Any, into: Schema) -> None:
    """Copy every component that `schema` refers to, and those that they refer to, made local and closed."""
    if isinstance(schema, list):
        for item in schema:
            _collect(item, into)
    elif isinstance(schema, dict):
        name = str(schema.get("$ref", "")).removeprefix(_PREFIX)
        if name and name not in into:
            into[name] = {}
            into[name] = _local(components()[name])
            _collect(components()[name], into)
        for value in schema.values():
            _collect(value, into)


def _local(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_local(item) for item in schema]
    if isinstance(schema, str):
        return schema.replace(_PREFIX, "#/$defs/") if schema.startswith(_PREFIX) else schema
    if not isinstance(schema, dict):
        return schema
    local = {key: _local(value) for key, value in schema.items() if key != "discriminator"}
    if isinstance(local.get("properties"), dict) and local.get("type") == "object":
        local.setdefault("additionalProperties", False)
    return local


def _without(schema: Schema, name: str) -> Schema:
    properties = {key: value for key, value in schema["properties"].items() if key != name}
    required = [key for key in schema.get("required", ()) if key != name]
    rest = {key: value for key, value in schema.items() if key not in ("properties", "required")}
    return {**rest, "properties": properties} | ({"required": required} if required else {})

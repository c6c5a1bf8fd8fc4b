"""JSON Schemas of the kinds, from their spec dataclasses. The only place where pydantic reads them."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from llamasync.codegen.contract import contract_field, contract_parts
from llamasync.core.naming import to_camel
from llamasync.kinds.facts import Kind
from llamasync.manifest.envelope import API_VERSION, NAME_PATTERN, LifecycleForm, Metadata
from llamasync.manifest.settings import KIND
from llamasync.manifest.settings_form import WorkspaceSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://llamasync.dev/schemas/v1/"
ADDRESS_PATTERN = "^[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9][A-Za-z0-9._-]*$"

Schema = dict[str, Any]

_KEPT = ("description", "minItems", "maxItems")  # of a field whose form comes from elsewhere
_ONLY_VARIABLE = "A secret: only `${env:NAME}` is accepted, and what it stands for is shown nowhere."

_REFERENCE: Schema = {
    "description": "A manifest's name, or {id: ...} or {name: ...} for an object that is not managed here.",
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"id": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1}},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    ],
}


def kind_schema(kind: Kind) -> Schema:
    """Return the schema of whole manifests of this kind."""
    spec, definitions = _model_schema(kind.spec)
    for fact in kind.fields:
        if fact.secret:
            _mark_secret(spec["properties"][fact.spec.rpartition(".")[2]])
    for reference in (one for one in kind.references if not one.by_name_only):
        _refer(spec, reference.field.split("."), definitions)
        definitions["reference"] = _REFERENCE
    for path, pointer in kind.contract_fields.items():
        definitions |= _put_contract(spec, path.split("."), pointer, definitions)
    if kind.contract_schema:
        parts, more = contract_parts(kind, set(spec["properties"]))
        for name, part in parts.pop("properties", {}).items():
            own = spec["properties"][name]
            for alternative in (*own.get("anyOf", ()), own):
                part = {key: alternative[key] for key in _KEPT if key in alternative} | part
            spec["properties"][name] = part
        spec |= parts
        definitions |= more
    metadata, more = _model_schema(Metadata)
    metadata["properties"]["name"]["pattern"] = NAME_PATTERN
    lifecycle, _ = _model_schema(LifecycleForm)
    return _document(
        kind.name,
        kind.summary,
        {
            "metadata": metadata,
            "lifecycle": lifecycle,
            "dependsOn": {
                "description": "Addresses (`Kind/name`) that come first, beside those that references imply.",
                "type": "array",
                "items": {"type": "string", "pattern": ADDRESS_PATTERN},
            },
            "spec": spec,
        },
        ["metadata", "spec"],
        definitions | more,
    )


def workspace_schema() -> Schema:
    """Return the schema of `llamasync.yaml`."""
    spec, definitions = _model_schema(WorkspaceSpec)
    for name in ("from", "to"):
        definitions["Move"]["properties"][name]["pattern"] = ADDRESS_PATTERN
    _drop_inherited_defaults(definitions)
    return _document(KIND, "the settings of a workspace", {"spec": spec}, ["spec"], definitions)


def _drop_inherited_defaults(definitions: Schema) -> None:
    """Leave an environment's settings without defaults: what it does not say is as in the workspace."""
    for field in definitions["EnvironmentSpec"]["properties"].values():
        if "$ref" in field:
            name = field["$ref"].rpartition("/")[2]
            fields = definitions[name]["properties"]
            bare = {key: {word: said for word, said in one.items() if word != "default"} for key, one in fields.items()}
            field["$ref"] += "OfEnvironment"
            definitions[f"{name}OfEnvironment"] = definitions[name] | {"properties": bare}


def any_schema(schemas: dict[str, Schema]) -> Schema:
    """Return the schema of a document of any kind, for editors: everything in one file, chosen by `kind`."""
    definitions: Schema = {}
    for name, schema in schemas.items():
        definitions |= schema.get("$defs", {})
        definitions[name] = {key: value for key, value in schema.items() if not key.startswith("$")}
    return {
        "$schema": DIALECT,
        "$id": f"{BASE}manifest.json",
        "title": "A llamasync document",
        "type": "object",
        "properties": {"apiVersion": {"const": API_VERSION}, "kind": {"enum": list(schemas)}},
        "required": ["apiVersion", "kind"],
        "allOf": [
            {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in schemas
        ],
        "$defs": definitions,
    }


def _document(name: str, summary: str, fields: Schema, required: list[str], definitions: Schema) -> Schema:
    schema = {
        "$schema": DIALECT,
        "$id": f"{BASE}{name}.json",
        "title": name,
        "description": summary,
        "type": "object",
        "properties": {
            "apiVersion": {"description": "The form of the manifest.", "const": API_VERSION},
            "kind": {"description": "What the document declares.", "const": name},
            **fields,
        },
        "required": ["apiVersion", "kind", *required],
        "additionalProperties": False,
    }
    return schema | ({"$defs": definitions} if definitions else {})


def _model_schema(model: type[Any]) -> tuple[Schema, Schema]:
    """Return the schema of a dataclass and the definitions it needs. Fields that it inherits come last."""
    schema = _clean(TypeAdapter(model).json_schema(by_alias=True))
    definitions: Schema = schema.pop("$defs", {})
    for base in model.__mro__[1:-1]:
        for name, field in _model_schema(base)[0]["properties"].items():
            own = schema["properties"].pop(name)
            schema["properties"][name] = {"description": field.get("description", ""), **own}
    return schema, definitions


def _mark_secret(field: Schema) -> None:
    """Say of a field, in its schema, that it is a secret."""
    field["writeOnly"] = True
    field["description"] = f"{field['description'].rstrip()} {_ONLY_VARIABLE}"


def _clean(schema: Any, *, named: bool = False) -> Any:
    """Drop the titles that pydantic makes up, and defaults of null or of whole maps. `named`: the keys are fields."""
    if isinstance(schema, list):
        return [_clean(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _clean(value, named=key in ("properties", "$defs") and not named)
        for key, value in schema.items()
        if named or not (key == "title" or (key == "default" and _is_noise(value)))
    }


def _is_noise(default: Any) -> bool:
    """Say whether a default is none to show: null, or one that the fields of a map have anyway."""
    return default is None or (isinstance(default, dict) and bool(default))


def _refer(spec: Schema, steps: list[str], definitions: Schema) -> None:
    """Let the reference field have the form that all references have, wherever it stands: alone or in a list."""
    if len(steps) > 1:
        _refer(_target(spec["properties"][to_camel(steps[0])], definitions), steps[1:], definitions)
        return
    field = steps[0]
    own = spec["properties"][to_camel(field)]
    target = {"$ref": "#/$defs/reference"}
    form = {"type": "array", "items": target} if own.get("type") == "array" else target
    kept = {key: own[key] for key in _KEPT if key in own}
    spec["properties"][to_camel(field)] = kept | form


def _put_contract(spec: Schema, steps: list[str], pointer: str, definitions: Schema) -> Schema:
    """Let a field have the form that the contract gives it, but for null; return the definitions that it needs."""
    for step in steps[:-1]:
        spec = _target(spec["properties"][to_camel(step)], definitions)
    form, needed = contract_field(pointer)
    own = spec["properties"][steps[-1]]
    spec["properties"][steps[-1]] = {key: own[key] for key in ("description",) if key in own} | form
    return needed


def _target(schema: Schema, definitions: Schema) -> Schema:
    """Return the object schema that a field leads to: its own, that of its items, or the one it refers to."""
    if "$ref" in schema:
        found: Schema = definitions[schema["$ref"].rpartition("/")[2]]
        return found
    if "items" in schema:
        return _target(schema["items"], definitions)
    for alternative in schema.get("anyOf", ()):
        if alternative.get("type") != "null":
            return _target(alternative, definitions)
    return schema

"""Values against the contract's schemas; a violation becomes a 422 in the contract's shape."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from llamasync.emulator.contract import Contract, load_contract
from llamasync.emulator.errors import Refusal, problem
from llamasync.emulator.times import is_time

# The words of the service's own validator for the keywords of JSON schema.
KINDS = {
    "required": "missing",
    "minLength": "string_too_short",
    "maxLength": "string_too_long",
    "minItems": "too_short",
    "maxItems": "too_long",
    "minimum": "greater_than_equal",
    "maximum": "less_than_equal",
    "exclusiveMinimum": "greater_than",
    "enum": "enum",
    "const": "literal_error",
    "additionalProperties": "extra_forbidden",
    "pattern": "string_pattern_mismatch",
}


class Validator:
    """A compiled schema. Safe for many threads."""

    def __init__(self, contract: Contract, schema: Mapping[str, Any]) -> None:
        # Compiling all components costs milliseconds, and parameters refer to none of them.
        whole = {**schema, "components": contract.components} if refers(schema) else dict(schema)
        self._compiled = jsonschema_rs.Draft202012Validator(
            whole, validate_formats=True, formats={"date-time": is_time}
        )

    def check(self, value: Any, loc: Sequence[str | int]) -> None:
        """Raise Refusal 422 with every violation."""
        try:
            if self._compiled.is_valid(value):
                return
            found = [each for error in self._compiled.iter_errors(value) for each in _problems(error, loc)]
        except ValueError as unusable:
            found = [problem(loc, str(unusable))]
        raise Refusal(422, found)


def refers(schema: Any) -> bool:
    """Tell whether a schema has a `$ref` anywhere."""
    if isinstance(schema, Mapping):
        return "$ref" in schema or any(refers(each) for each in schema.values())
    return isinstance(schema, list) and any(refers(each) for each in schema)


@functools.cache
def body_validator(dialect: str, key: tuple[str, str]) -> Validator:
    """Compile the body schema of an operation; the second call is free."""
    contract = load_contract(dialect)
    operation = next(each for each in contract.operations if each.key == key)
    return Validator(contract, operation.body_schema or {})


@functools.cache
def property_validator(dialect: str, component: str, name: str) -> Validator:
    """Compile one property of a component, such as the metadata that an upload carries as text."""
    contract = load_contract(dialect)
    return Validator(contract, contract.components["schemas"][component]["properties"][name])


def _problems(error: Any, loc: Sequence[str | int]) -> Iterator[Mapping[str, Any]]:
    """Flatten one violation: of alternatives, the one that came closest is reported."""
    branches = getattr(error.kind, "context", None)
    if branches:
        nearest = min(branches, key=_distance)
        if any(each.schema_path and each.schema_path[-1] == "const" for each in nearest):
            yield problem([*loc, *error.instance_path], error.message, "union_tag_invalid")
            return
        for each in nearest:
            yield from _problems(each, loc)
        return
    keyword = str(error.schema_path[-1]) if error.schema_path else "schema"
    place = [*loc, *error.instance_path]
    if keyword == "required":
        place.append(error.kind.property)
    message = "Field required" if keyword == "required" else error.message
    yield problem(place, message, _kind(error, keyword))


def _distance(branch: Sequence[Any]) -> tuple[int, int]:
    """Rank an alternative: a wrong tag or a wrong type means that it was not the one intended."""
    keywords = [str(error.schema_path[-1]) if error.schema_path else "" for error in branch]
    shallow = [not error.instance_path for error in branch]
    return sum(word in ("const", "type") for word in keywords) + sum(shallow), len(branch)


def _kind(error: Any, keyword: str) -> str:
    if keyword == "type":
        types = getattr(error.kind, "types", None) or ["value"]
        return f"{types[0]}_type"
    if keyword == "format":
        return f"{getattr(error.kind, 'format', 'value')}_parsing"
    return KINDS.get(keyword, "value_error")

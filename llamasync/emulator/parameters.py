"""Path and query texts read as the contract types them: arrays repeat the key, unknown keys are ignored."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.contract import load_contract
from llamasync.emulator.errors import Refusal, problem
from llamasync.emulator.validation import Validator

BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One path or query parameter. `kind` is array, integer, number, boolean or string."""

    name: str
    place: str
    required: bool
    kind: str
    item_kind: str
    default: Any
    validator: Validator

    def read(self, texts: list[str]) -> Any:
        """Turn the texts of one key into a value. Raises Refusal 422."""
        loc = [self.place, self.name]
        if self.kind == "array":
            value: Any = [_scalar(text, self.item_kind, [*loc, i]) for i, text in enumerate(texts)]
        else:
            value = _scalar(texts[-1], self.kind, loc)
        self.validator.check(value, loc)
        return value


def _scalar(text: str, kind: str, loc: Sequence[str | int]) -> Any:
    if kind == "integer":
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
            raise Refusal(422, [problem(loc, "Input should be a valid integer", "int_parsing")])
        return int(text)
    if kind == "boolean":
        if text.lower() not in BOOLEANS:
            raise Refusal(422, [problem(loc, "Input should be a valid boolean", "bool_parsing")])
        return BOOLEANS[text.lower()]
    return text


@functools.cache
def parameters_of(dialect: str, key: tuple[str, str]) -> tuple[Parameter, ...]:
    """Compile the parameters of an operation; the second call is free."""
    contract = load_contract(dialect)
    operation = next(each for each in contract.operations if each.key == key)
    return tuple(
        _compile(each, Validator(contract, each["schema"]))
        for each in operation.parameters
        if each["in"] in ("path", "query")
    )


def _compile(parameter: Mapping[str, Any], validator: Validator) -> Parameter:
    schema = parameter["schema"]
    alternatives = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    shape = alternatives[0]
    return Parameter(
        name=parameter["name"],
        place=parameter["in"],
        required=bool(parameter.get("required")),
        kind=str(shape.get("type", "string")),
        item_kind=str(shape.get("items", {}).get("type", "string")),
        default=schema.get("default"),
        validator=validator,
    )


def read_parameters(
    parameters: Iterable[Parameter], path: Mapping[str, str], query: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """Read all parameters of one request; those not given have their default or None. Raises Refusal 422 for all."""
    given: dict[str, list[str]] = {}
    for name, text in query:
        given.setdefault(name, []).append(text)
    values: dict[str, Any] = {}
    problems: list[Any] = []
    for each in parameters:
        texts = [path[each.name]] if each.place == "path" else given.get(each.name)
        if texts:
            try:
                values[each.name] = each.read(texts)
            except Refusal as refusal:
                problems.extend(refusal.detail)
        elif each.required:
            problems.append(problem([each.place, each.name], "Field required", "missing"))
        else:
            values[each.name] = each.default
    if problems:
        raise Refusal(422, problems)
    return values

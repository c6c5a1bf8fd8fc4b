"""Builds frozen dataclasses from validated mappings, without pydantic: its import costs more than all of `validate`."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from llamasync.core.naming import to_camel
from llamasync.core.secret import Secret

T = TypeVar("T")


def construct(cls: type[T], values: Mapping[str, Any]) -> T:
    """Build a `cls` from `values`, whose keys are manifest field names. They must satisfy the schema of `cls`.

    Lists become tuples, maps become nested dataclasses and texts Secrets where `cls` says so; other values are taken as
    they are.
    """
    plan = _plan(cast("Any", cls))
    return cls(**{plan[key][0]: plan[key][1](value) for key, value in values.items()})


@cache
def _plan(cls: type[Any]) -> dict[str, tuple[str, Callable[[Any], Any]]]:
    hints = get_type_hints(cls)
    return {to_camel(field.name): (field.name, _converter(hints[field.name])) for field in fields(cls)}


def _same(value: Any) -> Any:
    return value


def _converter(hint: Any) -> Callable[[Any], Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (int, float, Secret):  # JSON Schema takes 5.0 for a whole number, too
        return cast("Callable[[Any], Any]", hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return lambda value: construct(hint, value)
    if origin is tuple:
        item = _converter(arguments[0])
        return lambda value: tuple(map(item, value))
    lists = [argument for argument in arguments if get_origin(argument) is tuple]
    if origin in (Union, types.UnionType) and lists and str in arguments:
        convert_list = _converter(lists[0])
        return lambda value: convert_list(value) if isinstance(value, list) else value
    if origin in (Union, types.UnionType) and type(None) in arguments:
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1 and get_origin(inner[0]) is not Literal:
            convert = _converter(inner[0])
            return lambda value: None if value is None else convert(value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:
        convert_value = _converter(arguments[1])
        if convert_value is not _same:
            return lambda value: {key: convert_value(item) for key, item in value.items()}
    return _same

"""Says in people's words what a JSON Schema wants and what a value is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

_TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def name_types(types: Iterable[str]) -> str:
    """Name the types that are allowed.

    >>> name_types(["string", "object"])
    'a text or a map'
    """
    return join_or([_TYPES[name] for name in types])


def join_or(texts: Iterable[str]) -> str:
    """Join alternatives: `a, b or c`. Each is named once.

    >>> join_or(["a", "b", "a", "c"])
    'a, b or c'
    """
    *first, last = dict.fromkeys(texts)
    return f"{', '.join(first)} or {last}" if first else last


def describe(value: Any) -> str:
    """Say what a value is.

    >>> describe("5"), describe(5), describe(None), describe([])
    ('the text "5"', 'the number 5', 'nothing', 'a list')
    """
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return f"the text {text}" if len(text) <= 60 else f"the text {text[:56]}..."
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    return (
        f"the number {value}"
        if isinstance(value, int | float)
        else _TYPES["array" if isinstance(value, list) else "object"]
    )


def retype(value: Any, types: Iterable[str]) -> str:
    """Return a hint for a value that was only written in the wrong type, or "".

    >>> retype("yes", ["boolean"]), retype(5, ["string"])
    ('write true', 'write "5"')
    """
    wanted = list(types)
    if isinstance(value, str):
        if "boolean" in wanted and value.lower() in ("yes", "on", "true", "y"):
            return "write true"
        if "boolean" in wanted and value.lower() in ("no", "off", "false", "n"):
            return "write false"
        if {"integer", "number"} & set(wanted) and value.strip().isdigit():
            return f"write {int(value)}, without quotes"
    elif "string" in wanted and isinstance(value, bool | int | float):
        return f"write {json.dumps(json.dumps(value))}"
    if "array" in wanted and not isinstance(value, list | dict | None):
        return f"write [{json.dumps(value, ensure_ascii=False)}]" if len(str(value)) < 40 else "make it a list"
    return ""


def explain_limit(keyword: str, limit: Any) -> str:
    """Say what a limiting keyword of JSON Schema expects."""
    words = {
        "minLength": "a text that is not empty" if limit == 1 else f"a text of at least {limit} characters",
        "maxLength": f"a text of at most {limit} characters",
        "minItems": "a list that is not empty" if limit == 1 else f"a list of at least {limit}",
        "maxItems": f"a list of at most {limit}",
        "minProperties": f"a map with at least {limit} entries",
        "maxProperties": f"a map with at most {limit} entries",
        "minimum": f"at least {limit:g}" if isinstance(limit, int | float) else "",
        "maximum": f"at most {limit:g}" if isinstance(limit, int | float) else "",
        "exclusiveMinimum": f"more than {limit}",
        "exclusiveMaximum": f"less than {limit}",
        "pattern": f"a text of the form {limit}",
        "format": f"a text of the form {limit}",
        "uniqueItems": "no entry twice",
        "const": json.dumps(limit, ensure_ascii=False),
    }
    return words.get(keyword, f"what `{keyword}` allows")

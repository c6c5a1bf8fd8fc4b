"""JSON documents in SQL: filters, orders and groups over the keys of a `data` column, nested keys joined by dots.

A number never equals a boolean, nor a text a number: types are compared as JSON has them.
"""

# ruff: noqa: S608 - the SQL is put together from constants and quoted keys; values are always bound

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.calls import to_json
from llamasync.emulator.errors import Refusal, invalid
from llamasync.emulator.times import parse_time

TIMES = ("created_at", "updated_at")
COMPARISONS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
OPERATORS = (*COMPARISONS, "ne", "includes", "excludes")
# SQLite cannot look these up in a document; such keys are absent from all of them.
UNREACHABLE = re.compile(r'["\\\x00-\x1f\ud800-\udfff]')
# Expressions of SQLite may not be deeper than 1000.
MAX_TERMS = 100


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause, and the values bound to it, in order."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterRules:
    """What the contract leaves open about filters."""

    null_counts: bool
    """Whether a null operand means null, or no filter."""
    absent_differs: bool
    """Whether a key that is not there counts as unequal."""


def json_path(key: str) -> str | None:
    """Write the path of a key as SQLite reads it; None where no document can have it.

    >>> json_path("a.b")
    '$."a"."b"'
    """
    if UNREACHABLE.search(key):
        return None
    return "$" + "".join(f'."{part}"' for part in key.split("."))


def filter_conditions(filters: Mapping[str, Mapping[str, Any]] | None, rules: FilterRules) -> list[Condition]:
    """Make one condition of each operation. Raises Refusal 422 for an operator or a time that is none."""
    found = []
    for key, operations in (filters or {}).items():
        for operator, operand in operations.items():
            if operator not in OPERATORS:
                raise invalid(["body", "filter", key, operator], "Extra inputs are not permitted", "extra_forbidden")
            if operand is None and not rules.null_counts:
                continue
            found.append(_condition(key, operator, operand, rules))
    if len(found) > MAX_TERMS:
        raise invalid(["body", "filter"], f"At most {MAX_TERMS} comparisons", "too_long")
    return found


def _condition(key: str, operator: str, operand: Any, rules: FilterRules) -> Condition:
    if key in TIMES:
        operand = _times(key, operator, operand)
    if operator in ("includes", "excludes"):
        positive = _any_of(key, operand)
    else:
        positive = _compare(key, COMPARISONS.get(operator, "="), operand)
    if operator not in ("ne", "excludes"):
        return positive
    present, values = _type(key)
    there = "1" if rules.absent_differs else f"{present} IS NOT NULL"
    bound = () if rules.absent_differs else values
    return Condition(f"(NOT coalesce({positive.sql}, 0) AND {there})", (*positive.values, *bound))


def _compare(key: str, sign: str, operand: Any) -> Condition:
    kind, kind_values = _type(key)
    value, value_values = _value(key)
    if operand is None:
        null = f"coalesce({kind}, 'null') = 'null'"
        return Condition(null, kind_values) if sign == "=" else Condition("0")
    wanted = "'text'" if isinstance(operand, str) else "'integer', 'real'"
    sql = f"({kind} IN ({wanted}) AND {value} {sign} json_extract(?, '$'))"
    return Condition(sql, (*kind_values, *value_values, to_json(operand)))


def _any_of(key: str, operands: Iterable[Any]) -> Condition:
    chosen = list(operands)
    kind, kind_values = _type(key)
    value, value_values = _value(key)
    parts, values = ["0"], list[Any]()
    texts = [each for each in chosen if isinstance(each, str)]
    numbers = [each for each in chosen if isinstance(each, int | float)]
    for wanted, group in (("'text'", texts), ("'integer', 'real'", numbers)):
        parts.append(f"({kind} IN ({wanted}) AND {value} IN (SELECT value FROM json_each(?)))")
        values += [*kind_values, *value_values, to_json(group)]
    if None in chosen:
        parts.append(f"coalesce({kind}, 'null') = 'null'")
        values += kind_values
    return Condition(f"({' OR '.join(parts)})", tuple(values))


def _times(key: str, operator: str, operand: Any) -> Any:
    """Normalise the times of an operand. Raises Refusal 422."""
    try:
        if isinstance(operand, list):
            return [parse_time(each) for each in operand if each is not None]
        return None if operand is None else parse_time(operand)
    except (ValueError, OverflowError, TypeError) as wrong:
        raise invalid(
            ["body", "filter", key, operator], "Input should be a valid datetime", "datetime_parsing"
        ) from wrong


def _type(key: str) -> tuple[str, tuple[str, ...]]:
    if key in TIMES:
        return "'text'", ()
    path = json_path(key)
    return ("NULL", ()) if path is None else ("json_type(data, ?)", (path,))


def _value(key: str) -> tuple[str, tuple[str, ...]]:
    if key in TIMES:
        return key, ()
    path = json_path(key)
    return ("NULL", ()) if path is None else ("json_extract(data, ?)", (path,))


def order_terms(order_by: str | None) -> tuple[str, ...]:
    """Turn `a.b, created_at desc` into ORDER BY terms; none asked for is none. Raises Refusal 422."""
    terms = []
    for text in (order_by or "").split(","):
        words = text.split()
        if not words:
            continue
        if len(words) > 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise invalid(["body", "order_by"], f"Cannot order by {text.strip()!r}; write 'field' or 'field desc'")
        terms.append(f"{_literal(words[0])} {words[1].upper() if len(words) == 2 else 'ASC'}")
    if len(terms) > MAX_TERMS:
        raise invalid(["body", "order_by"], f"At most {MAX_TERMS} fields", "too_long")
    return tuple(terms)


def group_columns(group_by: Iterable[str] | None) -> list[str]:
    """Write the value of each key as a column of its own: JSON text, an array whose first item is the value."""
    keys = list(group_by or ())
    if len(keys) > MAX_TERMS:
        raise Refusal(422, [{"loc": ["body", "group_by"], "msg": f"At most {MAX_TERMS} fields", "type": "too_long"}])
    columns = []
    for key in keys:
        path = json_path(key)
        if key in TIMES:
            columns.append(f"json_array({key})")
        elif path is None:
            columns.append("'[null]'")
        else:
            # Two paths make an array, which keeps true apart from 1.
            columns.append(f"json_extract(data, {_quoted(path)}, {_quoted(path)})")
    return columns


def _literal(key: str) -> str:
    if key in TIMES:
        return key
    path = json_path(key)
    return "NULL" if path is None else f"json_extract(data, {_quoted(path)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

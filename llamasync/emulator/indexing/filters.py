"""Filters on metadata: an operator and a value against what a file says. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "lt": operator.lt,
    "gte": operator.ge,
    "lte": operator.le,
}


def keeps(filters: Mapping[str, Any] | None, values: Mapping[str, Any]) -> bool:
    """Tell whether values pass all filters; a filter of None asks for nothing, a list of filters for all in it.

    >>> keeps({"year": [{"operator": "gte", "value": 2020}, {"operator": "lt", "value": 2025}]}, {"year": 2024})
    True
    """
    for name, asked in (filters or {}).items():
        for each in asked if isinstance(asked, list) else [asked]:
            if each is not None and not passes(each["operator"], each["value"], values.get(name)):
                return False
    return True


def passes(name: str, wanted: Any, value: Any) -> bool:
    """Tell whether one value passes. A list passes where one of its items does, as in a document database.

    What is missing equals nothing and is in no order: only `ne` and `nin` let it pass.

    >>> passes("eq", "law", ["law", "tax"]), passes("nin", ["law"], None), passes("gt", 3, True), passes("eq", 1, True)
    (True, True, False, False)
    """
    if name in ("ne", "nin"):
        return not passes("eq" if name == "ne" else "in", wanted, value)
    if isinstance(value, list) and value != wanted:
        return any(passes(name, wanted, each) for each in value)
    if name in ("eq", "in"):
        return any(_same(each, value) for each in (wanted if name == "in" and isinstance(wanted, list) else [wanted]))
    return _kind(wanted) == _kind(value) != "other" and ORDERS[name](value, wanted)


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "other"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "other"

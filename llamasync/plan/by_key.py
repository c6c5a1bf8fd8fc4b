"""Maps whose differences are told key by key, null and absence told apart: the data of items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llamasync.kinds.facts import FieldFact
from llamasync.plan.model import Drift, FieldChange
from llamasync.plan.values import equal

_ABSENT = object()


def compare_by_key(
    fact: FieldFact, wanted: Mapping[str, Any], shown: Mapping[str, Any], last: Mapping[str, Any] | None
) -> tuple[list[FieldChange], Any]:
    """List the keys of a map, and of maps in it, that differ; a list that differs is told as a whole.

    `last` is what was applied last, None when that is not known. Returns with them the value that mends all.
    """
    if equal(shown, wanted):
        return [], None
    return list(_changes(fact.spec, shown, wanted, last)), wanted


def _changes(
    path: str, shown: Mapping[str, Any], wanted: Mapping[str, Any], last: Mapping[str, Any] | None
) -> Iterator[FieldChange]:
    for key in sorted({*shown, *wanted}):
        before, after = shown.get(key, _ABSENT), wanted.get(key, _ABSENT)
        known = _ABSENT if last is None else last.get(key, _ABSENT)
        if _same(before, after):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            inner = known if isinstance(known, Mapping) else None if last is None else {}
            yield from _changes(f"{path}.{key}", before, after, inner)
        else:
            if last is None or _same(known, before):
                drift = Drift.MANIFEST
            else:
                drift = Drift.SERVICE if _same(known, after) else Drift.BOTH
            yield FieldChange(path=f"{path}.{key}", before=shown.get(key), after=wanted.get(key), drift=drift)


def _same(left: Any, right: Any) -> bool:
    return left is right or (left is not _ABSENT and right is not _ABSENT and equal(left, right))

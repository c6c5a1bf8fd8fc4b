"""Value logic: when two values of a field mean the same, and what of a live value is ours to compare."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from llamasync.core.digest import canonical_json
from llamasync.core.reference import Reference
from llamasync.kinds.facts import FieldFact


def equal(left: Any, right: Any) -> bool:
    """Compare as JSON does: true is not 1, at any depth.

    >>> equal({"a": [1]}, {"a": [1]}), equal({"a": 1}, {"a": True}), equal(1, 1.0)
    (True, False, True)
    """
    if left is right:
        return True
    if left != right:
        return False
    kind = type(left)
    if kind is str:  # most of what there is
        return True
    if kind is dict or isinstance(left, Mapping):  # asking an abstract class takes its time
        for key, value in left.items():
            if type(value) is not str and value is not right[key] and not equal(value, right[key]):
                return False
        return True
    if isinstance(left, list | tuple):
        return all(map(equal, left, right))
    return isinstance(left, bool) == isinstance(right, bool)


def same(fact: FieldFact, left: Any, right: Any) -> bool:
    """Say whether two values of this field mean the same.

    >>> same(FieldFact(name="d", spec="spec.d", empty_is_null=True), "", None)
    True
    """
    if equal(left, right):
        return True
    if fact.empty_is_null and not left and not right:
        return True
    if fact.unordered and isinstance(left, list) and isinstance(right, list):
        if any(isinstance(item, Reference) for item in (*left, *right)):
            return False  # an id that is not known yet is none of those that are there
        return sorted(map(canonical_json, left)) == sorted(map(canonical_json, right))
    return False


def ours(live: Any, desired: Any, last: Any, observed: Any) -> Any:
    """Return of a live value that the service fills in itself only what counts as a difference from `desired`.

    Kept are: what the manifest names, what it named last time (so a removal is seen), and what has changed since the
    service showed it after our last write. `last` and `observed` are None for what was never applied. Null is absence.

    >>> ours({"tier": "fast", "version": "latest"}, {"tier": "fast"}, None, None)
    {'tier': 'fast'}
    >>> ours({"tier": "fast", "version": "v2"}, {"tier": "fast"}, {"tier": "fast"}, {"tier": "fast", "version": "v1"})
    {'tier': 'fast', 'version': 'v2'}
    """
    if isinstance(live, Mapping) and isinstance(desired, Mapping):
        kept = {}
        for key, value in live.items():
            named = desired.get(key)
            before = last.get(key) if isinstance(last, Mapping) else None
            shown = observed.get(key) if isinstance(observed, Mapping) else None
            if key in desired:
                kept[key] = ours(value, named, before, shown)
            elif value is not None and (before is not None or (isinstance(observed, Mapping) and shown != value)):
                kept[key] = value
        return kept
    if isinstance(live, list) and isinstance(desired, list) and len(live) == len(desired):
        return [
            ours(value, wanted, _at(last, index), _at(observed, index))
            for index, (value, wanted) in enumerate(zip(live, desired, strict=True))
        ]
    return live


def without_nulls(value: Any) -> Any:
    """Drop null entries of maps at every depth: for the service null and absence are one.

    >>> without_nulls({"a": None, "b": [{"c": None}]})
    {'b': [{}]}
    """
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(item) for item in value]
    return value


def leaf_changes(before: Any, after: Any, last: Any, path: str) -> list[tuple[str, Any, Any, Any]]:
    """List the innermost places where two nested values differ, as (path, before, after, last): what each of the three
    holds there. None is absence.

    >>> leaf_changes({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 1}}, "spec.parameters")
    [('spec.parameters.a.c', 2, 3, 1)]
    """
    if not isinstance(before, Mapping | list) or not isinstance(after, Mapping | list):
        return [(path, before, after, last)]
    from deepdiff import DeepDiff

    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    found = []
    for entries in tree.values():
        for entry in entries:
            steps = entry.path(output_format="list")
            place = path + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
            found.append((place, _or_none(entry.t1), _or_none(entry.t2), reduce(_below, steps, last)))
    return sorted(found, key=lambda item: item[0])


def with_shown(value: Any, shown: Any, path: str) -> Any:
    """Return `value` with what `shown` has at one of the places where the two differ; `path` is below the value itself.

    A list whose length differs is taken from `shown` as a whole.

    >>> with_shown({"a": {"b": 1, "c": 2}}, {"a": {"b": 5, "c": 6}}, ".a.c")
    {'a': {'b': 1, 'c': 6}}
    """
    if path.startswith(".") and isinstance(value, Mapping) and isinstance(shown, Mapping):
        rest = path[1:]
        names = [name for name in {**value, **shown} if rest == name or rest.startswith((f"{name}.", f"{name}["))]
        name = max(names, key=len, default=None)  # a key may hold a dot itself
        if name is None:
            return value  # with another difference the whole list above it was taken
        others = {key: item for key, item in value.items() if key != name}
        if name not in shown:
            return others
        return {**others, name: with_shown(value.get(name), shown[name], rest.removeprefix(name))}
    if path.startswith("[") and isinstance(value, list) and isinstance(shown, list) and len(value) == len(shown):
        number, _, rest = path[1:].partition("]")
        return [
            with_shown(*pair, rest) if str(n) == number else pair[0]
            for n, pair in enumerate(zip(value, shown, strict=True))
        ]
    return shown


def _below(value: Any, step: str | int) -> Any:
    return _at(value, step) if isinstance(step, int) else value.get(step) if isinstance(value, Mapping) else None


def _at(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) and index < len(values) else None


def _or_none(value: Any) -> Any:
    return None if type(value).__name__ == "NotPresent" else value

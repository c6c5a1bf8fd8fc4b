"""Fields that the service does not show, or shows with masks: compared with what was applied last, by keyed digests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.core.secret import UNKNOWN, plainly, sealed
from llamasync.kinds.facts import FieldFact
from llamasync.live.model import LiveObject
from llamasync.plan.differences import field_change
from llamasync.plan.model import Drift, FieldChange
from llamasync.plan.values import equal, same
from llamasync.state.model import Binding


def compare_hidden(
    fact: FieldFact, is_named: bool, wanted: Any, live: LiveObject, binding: Binding | None, key: bytes
) -> tuple[list[FieldChange], Any]:
    """Return the differences of such a field, and what is to be sent. `key` is that of the digests in the state.

    What was never applied, as far as anybody knows, is sent: nobody can tell what the service has.
    """
    if fact.write_only:
        return _unseen(fact, is_named, wanted, live, binding, key)
    if is_named:
        return _masked(fact, wanted, live, binding, key), wanted
    last = binding.fields.get(fact.name) if binding else None
    if last is None or same(fact, last, fact.clear_with) or same(fact, live.fields.get(fact.name), fact.clear_with):
        return [], None
    return _masked(fact, None, live, binding, key), fact.clear_with


def _unseen(
    fact: FieldFact, is_named: bool, wanted: Any, live: LiveObject, binding: Binding | None, key: bytes
) -> tuple[list[FieldChange], Any]:
    """Compare a field that the service does not show with what was applied last, and with whether it has one at all."""
    has_one = live.fields.get(fact.shown_by) if fact.shown_by else None
    if binding is None or fact.name not in binding.fields:
        if fact.immutable or not is_named:
            return [], None
        drift = Drift.UNKNOWN if has_one and _is_forgotten(binding) else Drift.MANIFEST
        before = UNKNOWN if has_one else None
        return [FieldChange(path=fact.spec, before=before, after=wanted, drift=drift)], wanted
    last = binding.fields.get(fact.name)
    value = wanted if is_named else fact.clear_with
    is_gone = has_one is False and last is not None
    if same(fact, last, sealed(value, key)):
        if not (is_gone and is_named):
            return [], None
        return [FieldChange(path=fact.spec, before=None, after=value, drift=Drift.SERVICE)], value
    if not fact.secret:
        return [field_change(fact.spec, last, value, last, forces_replace=fact.immutable)], value
    if is_gone and not is_named:
        return [], None
    return [
        FieldChange(
            path=fact.spec,
            before=UNKNOWN if has_one else None,
            after=wanted,
            drift=Drift.BOTH if is_gone else Drift.MANIFEST,
        )
    ], value


def _masked(fact: FieldFact, wanted: Any, live: LiveObject, binding: Binding | None, key: bytes) -> list[FieldChange]:
    """Compare a field of which the service masks a part. A masked value is as it was when manifest and mask are both as
    they were right after our last write; when nothing is known of that, it is another."""
    here, there = _entries(wanted), _entries(live.fields.get(fact.name))
    last = _entries(binding.fields.get(fact.name)) if binding else {}
    seen = _entries(binding.observed.get(fact.name)) if binding else {}
    changes = []
    for name in sorted({*here, *there}):
        before, after = there.get(name), here.get(name)
        is_kept = last.get(name) == sealed(after, key)
        is_left = seen.get(name) == sealed(before, key)
        if type(before) is type(after) and (equal(before, after) or (is_kept and is_left)):
            continue
        drift = Drift.MANIFEST if is_left or not last else Drift.SERVICE if is_kept else Drift.BOTH
        if before is not None and _is_forgotten(binding):
            drift = Drift.UNKNOWN
        path = f"{fact.spec}.{name}" if name else fact.spec
        changes.append(FieldChange(path=path, before=before, after=after, drift=drift))
    return changes


def _is_forgotten(binding: Binding | None) -> bool:
    """Say whether nothing is remembered of what was applied: it was adopted, or found after the state was lost."""
    return binding is None or not binding.fields


def unkept(fact: FieldFact, wanted: Any, live: LiveObject) -> list[FieldChange]:
    """Return what can be seen of a hidden value that was sent (None: to be cleared) and is not there."""
    if fact.shown_by and live.fields.get(fact.shown_by) is (wanted is None):
        before, after = (None, wanted) if wanted is not None else (UNKNOWN, None)
        return [FieldChange(path=fact.spec, before=before, after=after)]
    if not fact.hide:
        return []
    here, there = plainly(_entries(wanted)), plainly(_entries(live.fields.get(fact.name)))
    return [
        FieldChange(path=f"{fact.spec}.{name}" if name else fact.spec, before=there.get(name), after=here.get(name))
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]


def _entries(value: Any) -> Mapping[str, Any]:
    """Return the parts of a value that are compared one by one: those of a map by name, else the whole under ""."""
    if isinstance(value, Mapping):
        return value
    return {} if value is None else {"": value}

"""Records: the Binding that state keeps once an object is as desired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.core.nested import holds
from llamasync.core.reference import Reference
from llamasync.core.secret import sealed
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject
from llamasync.plan.compare import Resolve, compare, resolved
from llamasync.plan.protection import is_protected
from llamasync.plan.values import equal
from llamasync.state.model import Binding
from llamasync.workspace.desired import Desired


def record_of(  # noqa: PLR0913 (what is kept besides the object itself)
    desired: Desired,
    live: LiveObject,
    kinds: Mapping[str, Kind],
    *,
    applied_at: str,
    resolve: Resolve = lambda reference: reference,
    inputs: str = "",
    key: bytes = b"",
    before: Binding | None = None,
) -> Binding:
    """Return what to remember of `desired`, which `live` is now. `observed` is kept for fields the service fills in.

    `resolve` gives the ids of references; of a field with one that it does not know, what the service shows is taken.
    `inputs`: the fingerprint of what the object was made of, "" while that is not certain. `key`: of the digests that
    stand for secrets. `before`: what was remembered of the object so far.
    """
    kind = kinds[desired.kind]
    return Binding(
        address=desired.address,
        collection=live.collection,
        id=live.id,
        key=live.key,
        parent_id=live.parent_id,
        fields=_applied(desired, live, kind, resolve, key, before.fields if before else {}),
        observed=observed_of(kind, live, key),
        sha256=desired.content.sha256 if desired.content else "",
        size_bytes=desired.content.size_bytes if desired.content else 0,
        file_id=live.file_id,
        protect=is_protected(desired, kinds),
        on_remove=desired.lifecycle.on_remove,
        delete_contents=desired.delete_contents,
        needs=tuple(sorted(desired.needs)),
        applied_at=applied_at,
        inputs=inputs,
        other_id=live.other_id,
    )


def observed_of(kind: Kind, live: LiveObject, key: bytes) -> dict[str, Any]:
    """Return what the service shows of the fields that it fills in itself, may keep otherwise, or masks."""
    shown = live.fields
    return {
        fact.name: sealed(shown[fact.name], key) if fact.hide else shown[fact.name]
        for fact in kind.fields
        if (fact.server_fills or fact.may_differ or fact.hide) and fact.name in shown
    }


def _applied(
    desired: Desired, live: LiveObject, kind: Kind, resolve: Resolve, key: bytes, last: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields as they were applied. A field that the service never shows is noted as null when it is not set,
    so that one that is not noted at all is one of which nothing is known. Of what is left to others, what was
    noted `last` stays, or else what they have made of it: what the manifest says was not applied."""
    fields: dict[str, Any] = {fact.name: None for fact in kind.fields if fact.write_only}
    for name, value in desired.fields.items():
        fields[name] = resolved(value, resolve)
        if holds(fields[name], Reference):
            del fields[name]
            if name in live.fields:
                fields[name] = live.fields[name]
    for name, value in _left_to_others(desired, live, kind, resolve).items():
        fields[name] = _noted(fields.get(name), value, last.get(name))
    for fact in kind.fields:
        if (fact.secret or fact.hide) and fact.name in fields:
            fields[fact.name] = sealed(fields[fact.name], key)
    return fields


def _left_to_others(desired: Desired, live: LiveObject, kind: Kind, resolve: Resolve) -> dict[str, Any]:
    """Return the fields of which something is left to others, theirs included."""
    if not desired.lifecycle.ignore_changes:
        return {}
    left = compare(desired, live, None, kind, live.parent_id, resolve).left
    unseen = {fact.name for fact in kind.fields if fact.secret or fact.hide or fact.write_only}
    return {name: value for name, value in left.items() if name in desired.fields and name not in unseen}


def _noted(applied: Any, left: Any, last: Any) -> Any:
    """Return a value as it was applied, and in the places that were left to others what was noted there last, or else
    what they have made of it."""
    if equal(applied, left):
        return applied
    if isinstance(applied, Mapping) and isinstance(left, Mapping):
        before = last if isinstance(last, Mapping) else {}
        return {key: _noted(value, left[key], before.get(key)) for key, value in applied.items() if key in left}
    return left if last is None else last

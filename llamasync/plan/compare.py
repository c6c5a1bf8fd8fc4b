"""Compares a desired object with its live one and what was last applied: what differs, and whose change it was."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import field
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import to_camel
from llamasync.core.reference import Reference
from llamasync.kinds.facts import ANONYMOUS, FieldFact, Kind
from llamasync.live.model import LiveObject
from llamasync.plan.by_key import compare_by_key
from llamasync.plan.differences import field_change
from llamasync.plan.hidden import compare_hidden, unkept
from llamasync.plan.model import FieldChange
from llamasync.plan.values import equal, leaf_changes, ours, same, with_shown, without_nulls
from llamasync.state.model import Binding
from llamasync.workspace.desired import Desired

Resolve = Callable[[Reference], "str | Reference"]

_MISSING = object()

CONTENT_PATH = "content"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs (`fields`), and the API fields with their final values that would mend it (`send`).

    `left` holds the values of fields in which something is left to others (`ignoreChanges`), theirs included.
    `content` and `moved` say whether the bytes or the place (parent or natural key) are among the differences.
    """

    fields: tuple[FieldChange, ...] = ()
    send: Mapping[str, Any]
    left: Mapping[str, Any] = field(default_factory=dict)
    content: bool = False
    moved: bool = False
    immutable: bool = False


def compare(
    desired: Desired,
    live: LiveObject,
    binding: Binding | None,
    kind: Kind,
    parent: str | Reference,
    resolve: Resolve,
    *,
    key: bytes = b"",
) -> Comparison:
    """Compare field by field. `parent` is where the object should live; `resolve` gives ids that are known; `key` is
    that of the digests of secrets in the state.

    A field that the service does not show is compared with what was applied last; where nothing was, it is sent, but
    for one that cannot be changed in place, which is taken to be as desired.
    """
    fields: list[FieldChange] = []
    send: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for fact in kind.fields:
        if live.key == ANONYMOUS and fact.name in kind.collection.key:
            continue  # the service chose it, and would do so again
        wanted = resolved(desired.fields.get(fact.name), resolve)
        changes, value = _field(fact, desired, wanted, live, binding, key)
        kept = [change for change in changes if not _is_ignored(change.path, desired.lifecycle.ignore_changes)]
        for change in changes:
            if change not in kept:
                value = left[fact.name] = with_shown(
                    value, live.fields.get(fact.name), change.path.removeprefix(fact.spec)
                )
        if kept:
            fields += kept
            send[fact.name] = _with_masks(fact, value, live, desired) if fact.hide else value
    moved = any(name in send for name in kind.collection.key) and bool(kind.collection.move_keys)
    if (kind.collection.parent or kind.collection.scope) and parent != live.parent_id:
        last_parent = binding.parent_id if binding else None
        can_move = bool(kind.collection.move_keys)
        fields.append(field_change(parent_path(kind), live.parent_id, parent, last_parent, forces_replace=not can_move))
        moved = can_move
    content = _content(desired, live, binding)
    if content is not None:
        fields.append(content)
    return Comparison(
        fields=tuple(sorted(fields, key=lambda change: change.path)),
        send=send,
        left=left,
        content=content is not None,
        moved=moved,
        immutable=any(change.forces_replace for change in fields),
    )


def parent_path(kind: Kind) -> str:
    """Return where a manifest of a kind says in what its objects live: `spec.directory`, `spec.collection`."""
    named = [reference.field for reference in kind.references if reference.parent]
    named += [to_camel(name) for name in kind.collection.scope.fields[-1:]] if kind.collection.scope else []
    return f"spec.{named[0]}"


def initial_fields(desired: Desired, kind: Kind, resolve: Resolve) -> dict[str, Any]:
    """Return all fields for a create, references resolved where their ids are known."""
    return {
        fact.name: resolved(desired.fields[fact.name], resolve) for fact in kind.fields if fact.name in desired.fields
    }


def check_kept(
    desired: Desired,
    live: LiveObject,
    kind: Kind,
    parent: str | Reference,
    resolve: Resolve,
    *,
    sent: Container[str] = (),
) -> tuple[FieldChange, ...]:
    """Return what the service did not keep of what it was sent, as it shows in the answer `live`. `sent` names the
    fields of an update, in which what is not desired was to be cleared.

    What it never shows, and what it may keep otherwise, is left out; of what it masks, only what can be seen counts.
    """
    silent = tuple(fact.spec for fact in kind.fields if fact.write_only or fact.may_differ or fact.hide)
    found = compare(desired, live, None, kind, parent, resolve).fields
    lost = [change for change in found if not _is_ignored(change.path, silent)]
    for fact in kind.fields:
        is_named = fact.name in desired.fields
        if is_named or fact.name in sent:
            lost += unkept(fact, desired.fields.get(fact.name), live)
    ignored = desired.lifecycle.ignore_changes
    return tuple(change for change in lost if not _is_ignored(change.path, ignored))


def resolved(value: Any, resolve: Resolve) -> Any:
    """Return `value` with the references in it, at any depth, replaced by ids where these are known."""
    if isinstance(value, Reference):
        return resolve(value)
    if isinstance(value, Mapping):
        return {key: resolved(item, resolve) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(item, resolve) for item in value]
    return value


def _field(
    fact: FieldFact, desired: Desired, wanted: Any, live: LiveObject, binding: Binding | None, key: bytes
) -> tuple[list[FieldChange], Any]:
    is_named = fact.name in desired.fields
    shown = live.fields.get(fact.name)
    last = binding.fields.get(fact.name) if binding else None
    if fact.write_only or fact.hide:
        return compare_hidden(fact, is_named, wanted, live, binding, key)
    if not is_named:
        if last is None or same(fact, last, fact.clear_with) or same(fact, shown, fact.clear_with):
            return [], None
        return [field_change(fact.spec, shown, None, last, forces_replace=fact.clear_by_replacing)], fact.clear_with
    if fact.owned_keys or fact.by_key:
        is_shared = fact.owned_keys or desired.is_shared
        return (_owned_keys if is_shared else compare_by_key)(fact, wanted, shown or {}, last)
    if fact.server_fills:
        observed = binding.observed.get(fact.name) if binding else None
        visible = without_nulls(ours(shown, wanted, last, observed))
        if equal(visible, without_nulls(wanted)):
            return [], None
        return [
            field_change(path, before, after, applied)
            for path, before, after, applied in leaf_changes(
                visible, without_nulls(wanted), without_nulls(last), fact.spec
            )
        ], wanted
    kept_otherwise = fact.may_differ and binding is not None and same(fact, last, wanted)
    if same(fact, shown, wanted) or (kept_otherwise and same(fact, shown, binding.observed.get(fact.name))):  # type: ignore[union-attr]
        return [], None
    return [field_change(fact.spec, shown, wanted, last, forces_replace=fact.immutable)], wanted


def _owned_keys(
    fact: FieldFact, wanted: Mapping[str, Any], shown: Mapping[str, Any], last: Mapping[str, Any] | None
) -> tuple[list[FieldChange], Any]:
    """Compare a map in which others may have keys of their own: theirs are kept when ours are written."""
    blank = _MISSING if fact.by_key else None  # there null is a value that can be missing
    if all(equal(shown.get(key, blank), value) for key, value in wanted.items()) and (
        not last or last.keys() <= wanted.keys()
    ):
        return [], None
    removed = {key for key in (last or {}) if key not in wanted and key in shown}
    changes = [
        field_change(f"{fact.spec}.{key}", shown.get(key), wanted.get(key), (last or {}).get(key))
        for key in sorted({*wanted, *removed})
        if key in removed or not equal(shown.get(key, blank), wanted[key])
    ]
    return changes, {**{key: value for key, value in shown.items() if key not in removed}, **wanted}


def _content(desired: Desired, live: LiveObject, binding: Binding | None) -> FieldChange | None:
    if desired.content is None or desired.content.sha256 == live.sha256:
        return None
    return field_change(CONTENT_PATH, live.sha256 or None, desired.content.sha256, binding.sha256 if binding else None)


def _with_masks(fact: FieldFact, value: Any, live: LiveObject, desired: Desired) -> Any:
    """Return a map with the masks of what is left to others: sent back they keep what is there, seen or not."""
    shown = live.fields.get(fact.name)
    if not isinstance(value, Mapping) or not isinstance(shown, Mapping):
        return value
    ignored = desired.lifecycle.ignore_changes
    masks = {name: mask for name, mask in shown.items() if _is_ignored(f"{fact.spec}.{name}", ignored)}
    return {**value, **masks}


def _is_ignored(path: str, ignored: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith((one + ".", one + "[")) for one in ignored)

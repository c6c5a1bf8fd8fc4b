"""The quick answer for what has not changed since it was recorded: most of a workspace, most of the time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject
from llamasync.plan.changes import Context
from llamasync.plan.records import observed_of
from llamasync.plan.values import equal
from llamasync.state.model import Binding
from llamasync.workspace.desired import Desired

_NOTHING: dict[str, Any] = {}


def is_as_recorded(desired: Desired, context: Context) -> bool:
    """Say whether manifest, service and state agree in everything: then there is nothing to do and nothing to record.

    False proves nothing: values that mean the same may be written differently, which the field by field comparison of
    `wanted_change` sees. It costs four times as much.
    """
    address, found = desired.address, context.identities
    live, binding = found.live.get(address), context.bindings.get(address)
    if live is None or binding is None or address in found.renamed_from:
        return False
    kind = context.kinds[desired.kind]
    observed = observed_of(kind, live, context.key) if shows_more(kind) else _NOTHING
    return (
        agree(desired, binding, live, kind, observed)
        and binding.sha256 == live.sha256
        and found.parents[address] == live.parent_id
    )


def agree(
    desired: Desired, binding: Binding, live: LiveObject, kind: Kind, observed: Mapping[str, Any] = _NOTHING
) -> bool:
    """Say whether the three agree, as far as they can be seen without knowing what lives where: in everything but what
    the parent of `desired` is, and but the digest of the live bytes. `observed`: see Binding."""
    content, lifecycle = desired.content, desired.lifecycle
    sha256, size_bytes = (content.sha256, content.size_bytes) if content else ("", 0)
    return (
        binding.id == live.id
        and sha256 == binding.sha256
        and size_bytes == binding.size_bytes
        and live.file_id == binding.file_id
        and live.parent_id == binding.parent_id
        and live.key == binding.key
        and _are_same(desired.fields, binding.fields, live.fields)
        and desired.needs == binding.needs
        and desired.delete_contents == binding.delete_contents
        and lifecycle.on_remove == binding.on_remove
        and (kind.protect if lifecycle.protect is None else lifecycle.protect) == binding.protect
        and live.collection == binding.collection
        and observed == binding.observed
    )


def _are_same(fields: Mapping[str, Any], recorded: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Say whether the fields that are desired are those that are recorded, and among those that are shown."""
    if fields != recorded:
        return False
    if fields != shown and any(shown.get(name) != value for name, value in fields.items()):
        return False
    for name, value in fields.items():  # what is equal to a text is the same text, but true is also equal to 1
        kind = type(value)
        if kind is str or (kind is dict and not value):
            continue
        if not (equal(value, recorded[name]) and equal(value, shown.get(name))):
            return False
    return True


@cache
def shows_more(kind: Kind) -> bool:
    """Say whether objects of a kind can have anything in `observed`: most kinds' cannot, which saves looking."""
    return any(fact.server_fills or fact.may_differ or fact.hide for fact in kind.fields)

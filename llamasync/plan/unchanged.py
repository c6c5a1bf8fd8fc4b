"""The quick answer for what has not changed since it was recorded: most of a workspace, most of the time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from llamasync.kinds.facts import Kind
from llamasync.plan.changes import Context
from llamasync.plan.records import observed_of
from llamasync.plan.values import equal
from llamasync.workspace.desired import Desired

_NOTHING: dict[str, Any] = {}


def is_as_recorded(desired: Desired, context: Context) -> bool:
    """Say whether manifest, service and state agree in everything: then there is nothing to do and nothing to record.

    False proves nothing: values that mean the same may be written differently, which the field by field comparison of
    `wanted_change` sees. It costs four times as much.
    """
    address, found = desired.address, context.identities
    live, binding = found.live.get(address), context.bindings.get(address)
    if live is None or binding is None or binding.id != live.id or address in found.renamed_from:
        return False
    kind, content, lifecycle = context.kinds[desired.kind], desired.content, desired.lifecycle
    fields, shown = desired.fields, live.fields
    sha256, size_bytes = (content.sha256, content.size_bytes) if content else ("", 0)
    return (
        sha256 == binding.sha256 == live.sha256
        and size_bytes == binding.size_bytes
        and _are_same(fields, binding.fields, shown)
        and found.parents[address] == live.parent_id == binding.parent_id
        and desired.needs == binding.needs
        and desired.delete_contents == binding.delete_contents
        and lifecycle.on_remove == binding.on_remove
        and (kind.protect if lifecycle.protect is None else lifecycle.protect) == binding.protect
        and live.collection == binding.collection
        and live.key == binding.key
        and live.file_id == binding.file_id
        and (observed_of(kind, live, context.key) if _shows_more(kind) else _NOTHING) == binding.observed
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
def _shows_more(kind: Kind) -> bool:
    """Say whether objects of a kind can have anything in `observed`: most kinds' cannot, which saves looking."""
    return any(fact.server_fills or fact.may_differ or fact.hide for fact in kind.fields)

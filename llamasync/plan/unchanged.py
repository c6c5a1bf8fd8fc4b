"""The quick answer for what has not changed since it was recorded: most of a workspace, most of the time."""

from __future__ import annotations

from llamasync.plan.changes import Context, is_protected
from llamasync.plan.records import observed_of
from llamasync.plan.values import equal
from llamasync.workspace.desired import Desired


def is_as_recorded(desired: Desired, context: Context) -> bool:
    """Say whether manifest, service and state agree in everything: then there is nothing to do and nothing to record.

    False proves nothing: values that mean the same may be written differently, which the field by field comparison of
    `wanted_change` sees. It costs four times as much.
    """
    address, content = desired.address, desired.content
    live, binding = context.identities.live.get(address), context.bindings.get(address)
    if live is None or binding is None or binding.id != live.id or address in context.identities.renamed_from:
        return False
    sha256, size_bytes = (content.sha256, content.size_bytes) if content else ("", 0)
    fields, shown = desired.fields, live.fields
    return (
        sha256 == binding.sha256 == live.sha256
        and size_bytes == binding.size_bytes
        and equal(fields, binding.fields)
        and (equal(shown, fields) or all(equal(shown.get(name), value) for name, value in fields.items()))
        and context.identities.parents[address] == live.parent_id == binding.parent_id
        and desired.needs == binding.needs
        and desired.delete_contents == binding.delete_contents
        and desired.lifecycle.on_remove == binding.on_remove
        and is_protected(desired, context.kinds) == binding.protect
        and (live.collection, live.key, live.file_id) == (binding.collection, binding.key, binding.file_id)
        and observed_of(context.kinds[desired.kind], live, context.key) == binding.observed
    )

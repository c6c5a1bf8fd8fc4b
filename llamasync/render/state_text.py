"""What the state remembers, as aligned text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from llamasync.render.table import render_table
from llamasync.render.units import human_bytes, human_time
from llamasync.render.values import json_value, text_value
from llamasync.state.model import Binding, State


def render_state_list(bindings: Iterable[Binding]) -> str:
    """Show one line a binding: address, id, size, when it was applied. Empty without bindings."""
    rows = [
        (str(each.address), each.id, human_bytes(each.size_bytes) if each.sha256 else "", human_time(each.applied_at))
        for each in bindings
    ]
    return render_table(("ADDRESS", "ID", "SIZE", "APPLIED"), rows)


def render_binding(binding: Binding) -> str:
    """Show everything that is remembered of one address, a line a value."""
    value = _value(binding)
    fields = value.pop("fields")
    value.pop("observed")
    lines = [f"{name:<16} {_plain(each)}" for name, each in value.items() if each not in ("", None, [])]
    lines += [f"{'fields.' + name:<16} {text_value(each)}" for name, each in sorted(fields.items())]
    return "".join(f"{line}\n" for line in lines)


def render_bindings_json(bindings: Iterable[Binding], state: State) -> str:
    """Render bindings of `state` as one JSON object, with whose state it is and the creates that were not finished."""
    document = {
        "format_version": "1.0",
        "project_id": state.project_id or None,
        "endpoint": state.endpoint or None,
        "bindings": [_value(binding) for binding in bindings],
        "unfinished": sorted({str(intent.address) for intent in state.intents}),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _value(binding: Binding) -> dict[str, Any]:
    return {
        "address": str(binding.address),
        "collection": binding.collection,
        "id": binding.id,
        "key": list(binding.key),
        "other_id": binding.other_id,
        "parent_id": binding.parent_id,
        "sha256": binding.sha256,
        "size_bytes": binding.size_bytes,
        "file_id": binding.file_id,
        "protect": binding.protect,
        "on_remove": binding.on_remove,
        "delete_contents": binding.delete_contents,
        "needs": [str(need) for need in binding.needs],
        "applied_at": binding.applied_at,
        "inputs": binding.inputs,
        "fields": json_value(binding.fields),
        "observed": json_value(binding.observed),
    }


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

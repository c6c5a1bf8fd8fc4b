"""The fingerprint of a plan: equal for two plans that would send the same calls about the same live objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llamasync.core.digest import digest
from llamasync.core.reference import Reference
from llamasync.core.secret import Secret
from llamasync.live.model import LiveObject, Project
from llamasync.plan.model import Change, PlanOptions


def fingerprint(changes: Iterable[Change], project: Project, options: PlanOptions) -> str:
    """Digest what each change touches (the live object as it was read) and what it sends. Order does not matter."""
    return digest(
        {
            "project": project.id,
            "endpoint": options.endpoint,
            "changes": [_change(change) for change in sorted(changes, key=lambda change: change.address)],
        }
    )


def _change(change: Change) -> dict[str, Any]:
    content = change.desired.content if change.desired else None
    return {
        "address": str(change.address),
        "action": change.action.value,
        "send": _plain(change.send),
        "parent": _plain(change.parent),
        "content": content.sha256 if content and change.uploads else None,
        "live": _live(change.live),
        "staged": _live(change.staged),
        "fields": [[field.path, _plain(field.after)] for field in change.fields],
    } | ({"inputs": change.inputs} if change.syncs else {})


def _live(live: LiveObject | None) -> Any:
    if live is None:
        return None
    return [live.collection, live.id, live.parent_id, list(live.key), live.file_id, _plain(live.fields)]


def _plain(value: Any) -> Any:
    if isinstance(value, Reference | Secret):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value

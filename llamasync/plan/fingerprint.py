"""The fingerprint of a plan: equal for two plans that would send the same calls about the same live objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llamasync.core.digest import digest
from llamasync.core.reference import Reference
from llamasync.core.secret import Secret, sealed
from llamasync.live.model import LiveObject, Project
from llamasync.plan.model import Change, PlanOptions, RunStep


def fingerprint(changes: Iterable[Change], project: Project, options: PlanOptions, key: bytes = b"") -> str:
    """Digest what each change touches (the live object as it was read) and what it sends. Order does not matter.

    Secrets count through their digests with `key`; without one nothing of them counts.
    """
    return digest(
        {
            "project": project.id,
            "endpoint": options.endpoint,
            "changes": [_change(change, key) for change in sorted(changes, key=lambda change: change.address)],
        }
    )


def _change(change: Change, key: bytes) -> dict[str, Any]:
    content = change.desired.content if change.desired else None
    told = {
        "address": str(change.address),
        "action": change.action.value,
        "send": _plain(change.send, key),
        "parent": _plain(change.parent, key),
        "content": content.sha256 if content and change.uploads else None,
        "live": _live(change.live, key),
        "staged": _live(change.staged, key),
        "fields": [[field.path, _plain(field.after, key)] for field in change.fields],
    }
    told |= {"inputs": change.inputs} if change.syncs else {}
    return told | ({"run": _run(change.run)} if change.run else {})


def _run(run: RunStep) -> Any:
    return [run.fingerprint, run.shown.id if run.shown else None, run.desired.save_shown if run.desired else None]


def _live(live: LiveObject | None, key: bytes) -> Any:
    if live is None:
        return None
    return [live.collection, live.id, live.parent_id, list(live.key), live.file_id, _plain(live.fields, key)]


def _plain(value: Any, key: bytes) -> Any:
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, Secret):
        return sealed(value, key)
    if isinstance(value, dict):
        return {name: _plain(item, key) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, key) for item in value]
    return value

"""Records: the Binding that state keeps once an object is as desired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.core.reference import Reference
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject
from llamasync.plan.changes import is_protected
from llamasync.state.model import Binding
from llamasync.workspace.desired import Desired


def record_of(desired: Desired, live: LiveObject, kinds: Mapping[str, Kind], *, applied_at: str) -> Binding:
    """Return what to remember of `desired`, which `live` is now. `observed` is kept for fields the service fills in."""
    kind = kinds[desired.kind]
    return Binding(
        address=desired.address,
        collection=live.collection,
        id=live.id,
        key=live.key,
        parent_id=live.parent_id,
        fields={
            name: live.fields.get(name) if isinstance(value, Reference) else value
            for name, value in desired.fields.items()
        },
        observed=observed_of(kind, live),
        sha256=desired.content.sha256 if desired.content else "",
        size_bytes=desired.content.size_bytes if desired.content else 0,
        file_id=live.file_id,
        protect=is_protected(desired, kinds),
        on_remove=desired.lifecycle.on_remove,
        delete_contents=desired.delete_contents,
        needs=tuple(sorted(desired.needs)),
        applied_at=applied_at,
    )


def observed_of(kind: Kind, live: LiveObject) -> dict[str, Any]:
    """Return what the service shows of the fields that it fills in itself."""
    shown = live.fields
    return {fact.name: shown[fact.name] for fact in kind.fields if fact.server_fills and fact.name in shown}

"""State: a cache of what was applied, by address. Losing it costs time, not correctness. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One address, the live object it stands for, and what was last applied to it.

    `fields`: last applied, in the API's names (references resolved to ids, secrets as keyed digests).
    `observed`: what the service showed right after, for fields it fills in itself.
    `sha256`, `size_bytes`, `file_id`: of its bytes.
    `protect`, `on_remove`, `delete_contents`: from the manifest, so that they hold when it is gone.
    `needs`: addresses it depended on, so that deletes run in reverse. `applied_at`: RFC 3339, UTC.
    `inputs`: fingerprint of what it was last made of (the files that an index was synced with, the inputs of a run), ""
    when it never came to its end. `other_id`: a second id by which the service may know it.
    """

    address: Address
    collection: str
    id: str
    key: tuple[str, ...]
    parent_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    observed: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    size_bytes: int = 0
    file_id: str = ""
    protect: bool = False
    on_remove: str = "delete"
    delete_contents: bool = False
    needs: tuple[Address, ...] = ()
    applied_at: str = ""
    inputs: str = ""
    other_id: str = ""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A create that is about to be sent: made durable first, removed when its outcome is recorded.

    `key` is the natural key by which the live service can be asked what became of it. `digest`: of the request. `sent`:
    the fields of the object, a keyed digest in the place of each secret; empty for runs.
    """

    number: int
    address: Address
    collection: str
    key: tuple[str, ...]
    parent_id: str = ""
    digest: str = ""
    started_at: str = ""
    sent: Mapping[str, Any] = field(default_factory=dict)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Of which project a state is, and in which collections and parents (by id) its bindings are."""

    project_id: str = ""
    places: frozenset[tuple[str, str]] = frozenset()


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything remembered for one project. `project_id` is "" until the first apply; `serial` grows with writes."""

    bindings: Mapping[Address, Binding] = field(default_factory=dict)
    intents: tuple[Intent, ...] = ()
    project_id: str = ""
    endpoint: str = ""
    lineage: str = ""
    serial: int = 0

    @property
    def outline(self) -> Outline:
        """What of it can be known at once."""
        places = frozenset((binding.collection, binding.parent_id) for binding in self.bindings.values())
        return Outline(project_id=self.project_id, places=places)

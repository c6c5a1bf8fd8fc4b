"""Live: what the service holds, as far as a plan needs to know. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.core.many import maker_of
from llamasync.kinds.facts import Status
from llamasync.kinds.run_facts import RunShown


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class LiveObject:
    """One live object. `fields` holds the API fields that its kinds have facts of.

    `foreign` says why it is never ours to touch, or "". `sha256` is the digest of its bytes where it is known for
    certain, else "". `file_id` names the immutable bytes. The times are RFC 3339 or "". `other_id` is a second id by
    which the service may want to be asked for it, `status` where it is with work of its own on the object, `is_used`
    whether somebody works with one that has no key.
    """

    collection: str
    id: str
    key: tuple[str, ...]
    fields: Mapping[str, Any]
    parent_id: str = ""
    foreign: str = ""
    file_id: str = ""
    sha256: str = ""
    created_at: str = ""
    updated_at: str = ""
    other_id: str = ""
    status: Status = Status.NONE
    is_used: bool = False

    def with_sha256(self, sha256: str) -> LiveObject:
        """Return it with the digest of its bytes. A plan calls this for every file: replace() takes ten times that."""
        return _make(
            self.collection,
            self.id,
            self.key,
            self.fields,
            self.parent_id,
            self.foreign,
            self.file_id,
            sha256,
            self.created_at,
            self.updated_at,
            self.other_id,
            self.status,
            self.is_used,
        )


_make = maker_of(LiveObject)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The project that is spoken to. `name` is "" when it was given by id and need not be looked up."""

    id: str
    name: str = ""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """What to look for when a run may be there already: runs of that kind over the input with this id ("": over single
    items), made since then with this configuration. `items` are the ids of all files they had, None when not known."""

    address: Address
    kind: str
    input: str
    configuration: Mapping[str, Any]
    since: str = ""
    items: frozenset[str] | None = None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """The live objects of every collection and parent that was read. An unread parent is not in `parents_read`.
    `unlisted` names the collections that the service does not list: of these only what is remembered was looked for.

    `missing` names the collections that the service does not have at all.
    `runs` are those that are remembered and still there, by collection and id; `candidates` what was found for each
    RunQuery, the oldest first, by address. `read_calls` counts the requests it took.
    """

    project: Project
    objects: Mapping[str, tuple[LiveObject, ...]] = field(default_factory=dict)
    parents_read: frozenset[str] = frozenset()
    read_calls: int = 0
    unlisted: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    runs: Mapping[tuple[str, str], RunShown] = field(default_factory=dict)
    candidates: Mapping[Address, tuple[RunShown, ...]] = field(default_factory=dict)

    def all(self, collection: str) -> Iterator[LiveObject]:
        """Iterate over the objects of a collection, foreign ones too."""
        return iter(self.objects.get(collection, ()))

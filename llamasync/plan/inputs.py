"""What an index or a run is made of: the files of a directory as they will be after the plan, as a fingerprint.

Files that are ours count with what the manifests say of them, others with the id of their bytes, so that the
fingerprint is the same before and after an apply, and on every machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from posixpath import splitext
from typing import Any, NamedTuple

from llamasync.core.address import Address
from llamasync.core.digest import digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.live.model import LiveObject
from llamasync.plan.changes import Context
from llamasync.plan.model import Action, Change
from llamasync.state.model import Binding
from llamasync.workspace.desired import Desired

Parent = str | Reference

_GONE = (Action.DELETE,)
_UNCHANGED = (Action.FORGET, Action.ADOPT)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What one parent will hold. `fingerprint` names it; `bytes_only` the bytes and their types, whatever the files are
    called and said to be. `changes` are those of this plan that alter it, sorted."""

    fingerprint: str
    bytes_only: str = ""
    changes: tuple[Change, ...] = ()
    count: int = 0


class Held(NamedTuple):
    """One file of a parent: `desired` where the manifests in hand ask for it, `binding` where others of ours did."""

    desired: Desired | None
    live: LiveObject | None
    binding: Binding | None


@lean_dataclass(slots=True)
class Inputs:
    """The contents of every parent whose objects have bytes, worked out when they are asked for."""

    context: Context
    desired: Mapping[Address, Desired]
    changes: Iterable[Change]
    _made: dict[Parent, Contents] = field(default_factory=dict)
    _by_parent: defaultdict[Parent, list[Change]] = field(default_factory=lambda: defaultdict(list))
    _wanted: defaultdict[Parent, list[Desired]] = field(default_factory=lambda: defaultdict(list))
    _live: defaultdict[Parent, list[LiveObject]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        kinds, found = self.context.kinds, self.context.identities
        with_bytes = {kind.collection.name for kind in kinds.values() if kind.collection.content_field}
        for change in self.changes:
            if change.collection in with_bytes and (change.action not in _UNCHANGED or change.send):
                for parent in {change.parent, change.live.parent_id if change.live else change.parent}:
                    self._by_parent[parent].append(change)
        for one in self.desired.values():
            if kinds[one.kind].collection.name in with_bytes:
                self._wanted[found.parents[one.address]].append(one)
        for collection, object_id in self.context.index.by_id:
            live = self.context.index.by_id[collection, object_id]
            if collection in with_bytes and not live.foreign:
                self._live[live.parent_id].append(live)

    def of(self, parent: Parent) -> Contents:
        """Return what `parent` (an id, or a reference to what is made in this plan) will hold."""
        if parent not in self._made:
            entries = sorted(self._entries(parent))
            changes = tuple(sorted(self._by_parent[parent], key=lambda change: change.address))
            self._made[parent] = Contents(
                fingerprint=digest(entries),
                bytes_only=digest(sorted([splitext(key)[1].lower(), content] for key, content, _ in entries)),
                changes=changes,
                count=len(entries),
            )
        return self._made[parent]

    def held(self, parent: Parent) -> Iterator[Held]:
        """Iterate over what `parent` will hold: first what is desired in it, then what stays there as it is."""
        taken: set[str] = set()
        for change in self._by_parent[parent]:
            if change.live is not None and change.action in _GONE:
                taken.add(change.live.id)
        for one in self._wanted[parent]:
            live = self.context.identities.live.get(one.address)
            if live is not None:
                taken.add(live.id)
            yield Held(one, live, None)
        found = self.context.identities
        taken.update(live.id for live in (*found.staged.values(), *found.left_behind.values()))
        bound = {binding.id: binding for binding in self.context.bindings.values()}
        taken.update(live.id for address, live in found.live.items() if found.parents[address] != parent)
        for live in self._live[parent]:
            if live.id not in taken:
                yield Held(None, live, bound.get(live.id))

    def _entries(self, parent: Parent) -> Iterator[list[Any]]:
        for one, live, binding in self.held(parent):
            if one is not None:
                yield _entry(one.key, one.content.sha256 if one.content else "", one.fields)
            else:
                assert live is not None, "what is not desired is there"
                yield _of_live(live, binding)


def _of_live(live: LiveObject, binding: Binding | None) -> list[Any]:
    """Return the entry of what stays as it is: ours from another part of the workspace, or not ours at all."""
    if binding is not None and binding.sha256 and binding.fields:
        return _entry(binding.key, binding.sha256, binding.fields)
    return ["/".join(live.key), f"file:{live.file_id}", None]


def _entry(key: tuple[str, ...], sha256: str, fields: Mapping[str, Any]) -> list[Any]:
    return ["/".join(key), f"sha256:{sha256}", digest(dict(fields))]

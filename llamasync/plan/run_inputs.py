"""What a run is made of: its input as it will be after the plan, and the configuration that decides what it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from posixpath import splitext
from typing import Any

from llamasync.core.address import Address
from llamasync.core.digest import digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.moments import latest
from llamasync.core.nested import every
from llamasync.core.reference import Reference
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject
from llamasync.plan.changes import Context
from llamasync.plan.inputs import Inputs
from llamasync.plan.model import Change
from llamasync.workspace.desired import Desired, DesiredRun, DesiredState


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """The input of a run. `digest` names its bytes, "" when it is not there. `changes` are addresses whose changes in
    this plan alter it. The rest is as in RunStep."""

    digest: str
    parent: str | Reference = ""
    file_id: str = ""
    ids: tuple[str, ...] = ()
    changes: tuple[Address, ...] = ()
    since: str | None = None
    items: frozenset[str] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    count: int = 1

    @property
    def is_known(self) -> bool:
        """Whether its ids are known now, so that runs over it can be looked for."""
        return bool(self.ids or self.file_id) or (bool(self.parent) and isinstance(self.parent, str))

    @property
    def id(self) -> str:
        """The id by which the service knows it; "" for single items, and for what is not there yet."""
        return self.parent if isinstance(self.parent, str) and self.parent else self.file_id


@lean_dataclass(frozen=True, slots=True)
class RunInputs:
    """Works out inputs and configurations of runs. `changes` are those of objects, by address."""

    wanted: DesiredState
    context: Context
    changes: Mapping[Address, Change]
    contents: Inputs

    def of(self, one: DesiredRun, kind: Kind) -> RunInput:
        """Return the input of a run."""
        if one.directory is not None:
            return self._directory(one.directory)
        if one.file is not None:
            return self._file(one.file)
        alone = kind.run is not None and not kind.run.items
        return RunInput(
            digest=digest(sorted(one.ids)),
            file_id=one.ids[0] if alone else "",
            ids=one.ids,
            since="",
            items=None if alone else frozenset(one.ids),
            count=len(one.ids),
        )

    def configuration(self, one: DesiredRun, kind: Kind) -> tuple[str, Mapping[str, Any], str | None]:
        """Return the digest of what decides the result, the configuration to compare live runs by (ids filled in where
        they are known), and the time of its last change in the service: "" when it is not known, None when it changes
        in this plan."""
        described, last_change = self._described(one.configuration)
        changed: str | None = last_change
        changing = {address for address, change in self.changes.items() if change.send}
        if any(reference.address in changing for reference in every(one.configuration, Reference)):
            changed = None
        compared = dict(self._resolved(one.configuration))
        saved = kind.run.saved if kind.run else ""
        if saved:
            for value in one.configuration.values():
                if isinstance(value, Reference):
                    compared[saved] = self._fields(value).get(saved)
        return digest(described), compared, changed

    def _directory(self, directory: Reference) -> RunInput:
        parent = self.context.resolve(directory)
        contents = self.contents.of(parent)
        files = [] if isinstance(parent, Reference) else list(self._files(parent))
        changes = tuple(change.address for change in contents.changes if _alters_bytes(change))
        is_settled = not changes and isinstance(parent, str)
        return RunInput(
            digest=contents.bytes_only,
            parent=parent,
            changes=changes,
            since=latest(*(latest(one.created_at, one.updated_at) for one in files)) if is_settled else None,
            items=frozenset(one.id for one in files) if is_settled else None,
            names={one.id: one.key[-1] for one in files},
            count=contents.count,
        )

    def _files(self, parent: str) -> list[LiveObject]:
        index = self.context.index
        kinds = self.context.kinds.values()
        with_bytes = {kind.collection.name for kind in kinds if kind.collection.content_field}
        return [
            one
            for (collection, where, _), found in index.by_place.items()
            if collection in with_bytes and where == parent
            for one in found
        ]

    def _file(self, file: Address) -> RunInput:
        wanted, live = self.wanted.objects.get(file), self._live(file)
        binding = self.context.bindings.get(file)
        sha256 = wanted.content.sha256 if wanted and wanted.content else binding.sha256 if binding else ""
        change = self.changes.get(file)
        is_new = change is not None and _alters_bytes(change)
        name = wanted.key[-1] if wanted else live.key[-1] if live else ""
        return RunInput(
            digest=digest([splitext(name)[1].lower(), f"sha256:{sha256}"]) if sha256 else "",
            file_id="" if is_new or live is None else live.file_id,
            changes=(file,) if is_new else (),
            since=None if is_new or live is None else live.created_at,
            names={live.id: live.key[-1]} if live else {},
        )

    def _live(self, address: Address) -> LiveObject | None:
        binding = self.context.bindings.get(address)
        found = self.context.identities.live.get(address)
        return found or (self.context.index.by_id.get((binding.collection, binding.id)) if binding else None)

    def _described(self, value: Any) -> tuple[Any, str]:
        """Put in place of a reference what it stands for, so that the same means the same on every machine."""
        if isinstance(value, Reference):
            live = self._referred(value)
            changed = latest(live.created_at, live.updated_at) if live else ""
            return self._fields(value) or {"id": value.id or str(value)}, changed
        if isinstance(value, Mapping):
            pairs = {key: self._described(item) for key, item in value.items()}
            return {key: pair[0] for key, pair in pairs.items()}, latest(*(pair[1] for pair in pairs.values()))
        if isinstance(value, list | tuple):
            listed = [self._described(item) for item in value]
            return [pair[0] for pair in listed], latest(*(pair[1] for pair in listed))
        return value, ""

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Reference):
            return self.context.resolve(value)
        if isinstance(value, Mapping):
            return {key: self._resolved(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._resolved(item) for item in value]
        return value

    def _referred(self, reference: Reference) -> LiveObject | None:
        found = self.context.resolve(reference)
        if isinstance(found, Reference):
            return None
        return self.context.index.by_id.get((self.context.kinds[reference.kind].collection.name, found))

    def _fields(self, reference: Reference) -> dict[str, Any]:
        """Return what the object referred to is, as the manifest says or else as the service shows it, without its
        name."""
        wanted: Desired | None = self.wanted.objects.get(reference.address) if reference.address else None
        live = self._referred(reference)
        fields = wanted.fields if wanted else live.fields if live else {}
        name = next(reversed(list(self.context.kinds[reference.kind].collection.key)))
        return {key: value for key, value in fields.items() if key != name}


def _alters_bytes(change: Change) -> bool:
    """Say whether the files of a directory, or the bytes of one, are others after a change. A rename is none, as long
    as the type stays."""
    if change.desired is None or change.live is None or change.uploads or change.parent != change.live.parent_id:
        return True
    return splitext(change.live.key[-1])[1].lower() != splitext(change.desired.key[-1])[1].lower()

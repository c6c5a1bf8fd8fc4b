"""A Plan as data: what will be done to which address, why, and what must go first. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.live.model import LiveObject, Project
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import Desired


class Action(StrEnum):
    """What is done to one object: the one vocabulary from the planner to the terminal."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    MOVE = "move"
    ADOPT = "adopt"
    FORGET = "forget"
    RUN = "run"
    SYNC = "sync"
    NOOP = "noop"


class Drift(StrEnum):
    """Who changed it since the last apply: someone in the manifests, someone in the service, or both."""

    MANIFEST = "manifest"
    SERVICE = "service"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs. `path` is the manifest's (`spec.metadata.team`); None before or after means absent.

    A content's digest stands for its bytes. A Reference as `after` is an id that is not known yet.
    """

    path: str
    before: Any
    after: Any
    forces_replace: bool = False
    drift: Drift = Drift.MANIFEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a change costs: bytes to upload, pages to process, credits."""

    bytes: int = 0
    pages: int = 0
    credits: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object and what is done to it.

    `reason` explains to a person and decides nothing. `needs` are addresses of other changes of this plan (or manifests
    of them) that go first. `send` holds the API fields that are written, with their final values; a Reference in it, or
    as `parent`, is an id that another change of this plan makes. `parent` is "" for objects that live in no other.
    `uploads`: bytes are sent. `staged`: a live object that holds the new bytes already, left by an interrupted run.
    `renamed_from`: the address that stood for the live object until now.
    `syncs`: the object is brought up to date with what its parent holds, or its first sync is waited for; `inputs` is
    the fingerprint of that. `saves_bytes`: the bytes that go away exist nowhere else, so they are fetched to the trash
    first. `desired` is None for deletes and forgets, `live` for creates, `binding` for what was never applied.
    """

    address: Address
    kind: str
    collection: str
    action: Action
    reason: str
    drift: Drift = Drift.MANIFEST
    source: Source | None = None
    needs: tuple[Address, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    estimate: Estimate = Estimate()
    desired: Desired | None = None
    live: LiveObject | None = None
    binding: Binding | None = None
    send: Mapping[str, Any] = field(default_factory=dict)
    parent: str | Reference = ""
    uploads: bool = False
    saves_bytes: bool = False
    syncs: bool = False
    inputs: str = ""
    staged: LiveObject | None = None
    renamed_from: Address | None = None

    @property
    def id(self) -> str | None:
        """The live object's id, None while there is none."""
        return self.live.id if self.live else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that apply will do, and what was found on the way.

    `changes` are sorted by address and hold no noop; `noop` counts those. `remembered` are bindings to record without
    any call, because the live object is as desired already; `renamed` are addresses that state is to call otherwise;
    `settled` are intents of an earlier run about which nothing is left to do. `unmanaged` are live objects beside ours
    that are not ours. `problems` with severity error forbid applying. `managed` counts the addresses in state before.
    `fingerprint` is a digest of all changes: two plans with the same one do the same. `known_ids` are the ids of
    what the changes refer to, where it exists already and stays; `other_ids` are the second ids of those that have one.
    `lineage` is that of the state, "" while it has none.
    `checks` are the checks to run once all is done.
    """

    changes: tuple[Change, ...]
    project: Project
    endpoint: str
    fingerprint: str
    environment: str | None = None
    noop: int = 0
    managed: int = 0
    remembered: tuple[Binding, ...] = ()
    renamed: tuple[tuple[Address, Address], ...] = ()
    settled: tuple[Intent, ...] = ()
    unmanaged: tuple[LiveObject, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    read_calls: int = 0
    known_ids: Mapping[Reference, str] = field(default_factory=dict)
    other_ids: Mapping[str, str] = field(default_factory=dict)
    lineage: str = ""
    checks: tuple[Address, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    def summary(self) -> dict[Action, int]:
        """Count the changes by action; every action has an entry."""
        counts = dict.fromkeys(Action, 0)
        for change in self.changes:
            counts[change.action] += 1
        counts[Action.NOOP] = self.noop
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Brakes on deletes. `max_delete_share` is of the managed addresses, from ten on; None is no limit.

    `allow_deletes`: so many deletes are meant, whatever the limits say.
    """

    max_delete_share: float | None = 0.3
    max_deletes: int | None = None
    allow_deletes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of the workspace is meant: all of it when empty. Addresses are of manifests or of single items."""

    targets: tuple[Address, ...] = ()
    excludes: tuple[Address, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What a plan is made for. `destroy`: as if the workspace were empty, on purpose."""

    selection: Selection = Selection()
    guards: Guards = Guards()
    destroy: bool = False
    partial: bool = False
    endpoint: str = ""
    environment: str | None = None

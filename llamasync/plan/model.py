"""A Plan as data: what will be done to which address, why, and what must go first. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.run_facts import RunShown
from llamasync.live.model import LiveObject, Project, RunQuery
from llamasync.plan.processing import NO_COST, Estimate, Processing, total_of
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import Desired, DesiredRun

__all__ = [
    "Action",
    "Change",
    "Drift",
    "Estimate",
    "FieldChange",
    "Guards",
    "Plan",
    "PlanOptions",
    "Selection",
]


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
    """Who changed it since the last apply: someone in the manifests, someone in the service, or both. UNKNOWN: the
    service does not show it and the state does not remember it, so nobody knows whether it differs at all."""

    MANIFEST = "manifest"
    SERVICE = "service"
    BOTH = "both"
    UNKNOWN = "unknown"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs. `path` is the manifest's (`spec.metadata.team`); None before or after means absent.

    A content's digest stands for its bytes. A Reference as `after` is an id that is not known yet.
    """

    path: str
    before: Any
    after: Any
    forces_replace: bool = False
    drift: Drift = Drift.MANIFEST


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """What a change of a run works with. `desired` is None for one that no manifest asks for any more.

    `fingerprint` names the configuration and the inputs, `parts` has a digest of each. The input is one `parent` (a
    directory), a `file` of ours whose bytes have `file_id` ("" while this plan brings them), or the files with `ids`.
    `configuration` is what a live run is compared by. `shown` is the live run that is adopted, removed or saved.
    A run that began from `since` on counts as the same; None: none does, for the inputs change in this plan. `items`
    are the ids of all files there, None when they are not known; `names` are names by id. `intent` is that of an
    interrupted start for the same fingerprint. `same_as`: a run of this plan that asks for the same; what it starts
    stands for this one, too.
    """

    fingerprint: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    desired: DesiredRun | None = None
    parent: str | Reference = ""
    file: Address | None = None
    file_id: str = ""
    ids: tuple[str, ...] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    shown: RunShown | None = None
    since: str | None = None
    items: frozenset[str] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    intent: Intent | None = None
    same_as: Address | None = None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
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
    `run` is set for runs alone, which have neither `desired` nor `live`.
    `processing`: the documents that the service works on because of it; what that costs is in `estimate`.
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
    estimate: Estimate = NO_COST
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
    run: RunStep | None = None
    processing: Processing | None = None

    @property
    def id(self) -> str | None:
        """The live object's or run's id, None while there is none."""
        if self.run is not None and self.run.shown is not None:
            return self.run.shown.id
        return self.live.id if self.live else None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run is, or the service's own work on a live object. `id` and `status` are "" for a run that was never
    started or is gone; `status` is one of RunStatus, or of Status. `since` is when the service began, RFC 3339 or "".
    `reason` says why it is to run again, "" when it is as the manifests say. `run` is set for runs, `live` and
    `desired` for objects."""

    address: Address
    collection: str
    id: str = ""
    status: str = ""
    since: str = ""
    reason: str = ""
    run: RunStep | None = None
    binding: Binding | None = None
    live: LiveObject | None = None
    desired: Desired | None = None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
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
    `questions` are what must be looked for before the plan is final: runs that may be there already. `standings` tell
    where runs and the service's own work are. `awaited` are runs that go on from an earlier apply, which change nothing
    and whose end is to be waited for.
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
    questions: tuple[RunQuery, ...] = ()
    standings: tuple[Standing, ...] = ()
    awaited: tuple[Change, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    @property
    def estimate(self) -> Estimate:
        """What all of it costs."""
        return total_of(change.estimate for change in self.changes)

    def summary(self) -> dict[Action, int]:
        """Count the changes by action; every action has an entry."""
        counts = dict.fromkeys(Action, 0)
        for change in self.changes:
            counts[change.action] += 1
        counts[Action.NOOP] = self.noop
        return counts


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Brakes on deletes and on costs. `max_delete_share` is of the managed addresses, from ten on; None is no limit.

    `allow_deletes`, `allow_pages`, `allow_credits`: so many are meant, whatever the limits say.
    """

    max_delete_share: float | None = 0.3
    max_deletes: int | None = None
    allow_deletes: int | None = None
    max_pages: int | None = None
    max_credits: float | None = None
    allow_pages: int | None = None
    allow_credits: float | None = None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of the workspace is meant: all of it when empty. Addresses are of manifests or of single items."""

    targets: tuple[Address, ...] = ()
    excludes: tuple[Address, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def names_items(self) -> bool:
        """Whether it names single items, all of which must be known then."""
        return any(address.item for address in (*self.targets, *self.excludes))


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What a plan is made for. `destroy`: as if the workspace were empty, on purpose."""

    selection: Selection = Selection()
    guards: Guards = Guards()
    destroy: bool = False
    partial: bool = False
    endpoint: str = ""
    environment: str | None = None

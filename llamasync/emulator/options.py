"""How an emulator is set up: where it keeps its data, which dialect it speaks, who may call it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from llamasync.emulator.faults import Fault
from llamasync.emulator.limits import RateLimit
from llamasync.emulator.records import RequestRecord
from llamasync.emulator.switches import Switches
from llamasync.emulator.times import now_utc

Dialect = Literal["reference", "current"]
DIALECTS: tuple[Dialect, ...] = ("reference", "current")
Moment = Literal["before", "after"]
RequestHook = Callable[[RequestRecord, Moment], None]


def stable_uuid(name: str) -> str:
    """Derive a version 4 shaped UUID from a name, the same on every machine."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"llamasync:{name}".encode()).digest()[:16], version=4))


@dataclass(frozen=True, slots=True)
class Project:
    """A project that exists from the start. An empty id is derived from the name."""

    name: str
    id: str = ""
    organization: str = "Default"

    @property
    def identity(self) -> str:
        return self.id or stable_uuid(f"project:{self.name}")

    @property
    def organization_id(self) -> str:
        return stable_uuid(f"organization:{self.organization}")


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that is fixed while an emulator lives.

    `path` None keeps all data in memory and in a private folder, gone after close. `api_keys` None takes any key
    that is not empty. The first of `projects` is the default one. `deployments` are the agent deployments there are,
    `_public` always is; None takes any name. `seed` decides ids and signatures of a new store.
    `latency_s`: every answer takes at least so long from the request's arrival, the work for it included.
    """

    path: Path | None = None
    dialect: Dialect = "current"
    switches: Switches = field(default_factory=Switches)
    faults: tuple[Fault, ...] = ()
    api_keys: frozenset[str] | None = None
    clock: Callable[[], datetime] = now_utc
    projects: tuple[Project, ...] = (Project("Default"),)
    deployments: frozenset[str] | None = None
    latency_s: float = 0.0
    max_file_bytes: int = 512 * 1024 * 1024
    presigned_for_s: int = 3600
    rate_limits: tuple[RateLimit, ...] = ()
    request_log_size: int = 100_000
    seed: int = 0
    on_request: RequestHook | None = None

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise ValueError(f"dialect is one of {', '.join(DIALECTS)}; not {self.dialect!r}")
        if not self.projects:
            raise ValueError("an emulator needs at least one project")

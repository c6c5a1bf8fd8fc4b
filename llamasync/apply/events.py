"""Events: what apply says while it works, as values; renderers and logs are made from these alone."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.plan.model import Action


class EventType(StrEnum):
    """What happened: `plan` comes first, `summary` when all changes have ended; each change has a `start`, and done,
    failed or skipped. After the summary comes a `check` for each check that the apply ran."""

    PLAN = "plan"
    START = "start"
    PROGRESS = "progress"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    SUMMARY = "summary"
    CHECK = "check"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `at` is RFC 3339, UTC; `elapsed_s` since the change (for `summary`, the apply) began.

    `detail` is for people. `because_of`: the change whose failure skipped this one. `outcome` of a check is ok, failed,
    unknown or skipped. `goes_on`: the service is at work still, and was not waited for. Bytes count a running upload.
    `total`, `done`, `failed`, `skipped` are set on `plan` (total only) and `summary`.
    """

    type: EventType
    at: str
    address: Address | None = None
    action: Action | None = None
    elapsed_s: float = 0.0
    id: str = ""
    detail: str = ""
    diagnostic: Diagnostic | None = None
    because_of: Address | None = None
    bytes_done: int = 0
    bytes_total: int = 0
    total: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    outcome: str = ""
    goes_on: bool = False


EventSink = Callable[[Event], None]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an apply ended. `notes` are warnings that failed nothing, such as a field that was not kept."""

    done: int = 0
    failed: tuple[tuple[Address, Diagnostic], ...] = ()
    skipped: tuple[tuple[Address, Address | None], ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    interrupted: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether everything that was planned was done."""
        return not self.failed and not self.skipped and not self.interrupted

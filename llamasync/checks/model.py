"""What came of checks, as values: verdicts of assertions, results of checks, and the report of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source


class Outcome(StrEnum):
    """Whether it holds, does not, or could not be checked."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that came: a hit, a file, a place in a text, or an answer. `pages` is `3` or `3-5`, or "".

    `text` is a snippet on one line; `score` is None for what has none.
    """

    text: str = ""
    file: str = ""
    pages: str = ""
    score: float | None = None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A question of many whose expectations were not met, why, and what came instead."""

    question: str
    unmet: tuple[str, ...]
    shown: tuple[Shown, ...] = ()


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one assertion came out. `expected` and `unmet` are sentences without a full stop, `came` says in a few words
    what the service answered. `problem` says why it could not be checked. `numbers` were measured on the way."""

    outcome: Outcome
    expected: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    came: str = ""
    shown: tuple[Shown, ...] = ()
    missed: tuple[Missed, ...] = ()
    problem: Diagnostic | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class AssertionResult:
    """The verdict of one assertion. `asked` is retrieve, find, grep, read or chat."""

    name: str
    asked: str
    verdict: Verdict
    source: Source | None = None
    elapsed_s: float = 0.0


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What came of one check. With a `problem` none of its assertions was asked."""

    address: Address
    source: Source
    assertions: tuple[AssertionResult, ...] = ()
    problem: Diagnostic | None = None
    elapsed_s: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """FAILED when an assertion fails; else UNKNOWN when one could not be checked."""
        return worst([one.verdict.outcome for one in self.assertions] if self.problem is None else [Outcome.UNKNOWN])

    def count(self, outcome: Outcome) -> int:
        """Count the assertions of one outcome."""
        return sum(one.verdict.outcome is outcome for one in self.assertions)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a run of checks, sorted by address. `notes` are warnings that failed nothing. When `interrupted`,
    the checks that had not come to their end are left out, and `left` of them there are. `waiting` were not run because
    of something else that they need, which is said with each."""

    checks: tuple[CheckResult, ...] = ()
    waiting: tuple[tuple[Address, Address], ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    left: int = 0
    elapsed_s: float = 0.0

    @property
    def interrupted(self) -> bool:
        """Whether the run was ended before its time."""
        return self.left > 0

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of all checks; OK when there are none."""
        return worst(one.outcome for one in self.checks)

    def count(self, outcome: Outcome) -> int:
        """Count the checks of one outcome."""
        return sum(one.outcome is outcome for one in self.checks)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of some outcomes: what fails is worse than what is not known.

    >>> worst([Outcome.OK, Outcome.FAILED, Outcome.UNKNOWN]), worst([])
    (<Outcome.FAILED: 'failed'>, <Outcome.OK: 'ok'>)
    """
    found = set(outcomes)
    return next((one for one in (Outcome.FAILED, Outcome.UNKNOWN) if one in found), Outcome.OK)

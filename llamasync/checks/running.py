"""Runs checks, many assertions at once: each index is opened once, each assertion judged by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import field

from llamasync.api.client import Client
from llamasync.api.errors import ApiError
from llamasync.checks.asking import Asking
from llamasync.checks.chatting import Stopped
from llamasync.checks.matching import Patterns
from llamasync.checks.model import AssertionResult, CheckResult, Report
from llamasync.checks.opening import Ids, OpenIndex, open_index
from llamasync.checks.wording import name_of
from llamasync.core.address import Address
from llamasync.core.clock import Clock
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.kinds.check_assertions import Assertion
from llamasync.kinds.registry import all_kinds
from llamasync.workspace.desired import DesiredCheck

Found = Mapping[Reference, Ids | Diagnostic]
Told = Callable[[CheckResult], None]
Opened = OpenIndex | Diagnostic


@lean_dataclass(frozen=True, slots=True)
class _Pending:
    check: DesiredCheck
    opened: Future[Opened]
    assertions: list[Future[tuple[float, AssertionResult]]] = field(default_factory=list)


def run_checks(
    checks: Sequence[DesiredCheck],
    found: Found,
    client: Client,
    clock: Clock,
    *,
    parallelism: int = 8,
    stop: threading.Event | None = None,
    told: Told = lambda _: None,
) -> Report:
    """Ask everything that the checks ask, and judge it. `found` has the ids of every index that they refer to.

    `told` is called, from this thread and in order, as each check comes to its end. When `stop` is set nothing new is
    asked and chats are left, their sessions deleted. Never raises for what fails.
    """
    with closing(Patterns()) as patterns:
        run = _Run(client, clock, stop or threading.Event(), patterns)
        return run.run(sorted(checks, key=_address), found, parallelism, told)


def _address(check: DesiredCheck) -> Address:
    return check.address


@lean_dataclass(slots=True)
class _Run:
    client: Client
    clock: Clock
    stop: threading.Event
    patterns: Patterns
    notes: list[Diagnostic] = field(default_factory=list)

    def run(self, checks: Sequence[DesiredCheck], found: Found, parallelism: int, told: Told) -> Report:
        started = self.clock.monotonic()
        results: list[CheckResult] = []
        with ThreadPoolExecutor(parallelism, thread_name_prefix="check") as pool:
            opened: dict[Reference, Future[Opened]] = {}
            for check in checks:
                reference = check.references[0]
                if reference not in opened:
                    opened[reference] = pool.submit(self._open, reference, found[reference])
            # All indexes come first in the queue, so an assertion that waits for one holds up none that opens one.
            pending = [self._submit(check, opened[check.references[0]], pool) for check in checks]
            for one in pending:
                result = self._collect(one)
                if result is not None:
                    results.append(result)
                    told(result)
        return Report(
            checks=tuple(results),
            notes=tuple(self.notes),
            left=len(checks) - len(results),
            elapsed_s=self.clock.monotonic() - started,
        )

    def _open(self, reference: Reference, found: Ids | Diagnostic) -> Opened:
        if isinstance(found, Diagnostic):
            return found
        try:
            return open_index(self.client, all_kinds()[reference.kind].collection, found)
        except DiagnosticError as error:
            return error.diagnostics[0]
        except ApiError as error:
            return error.diagnostic()

    def _submit(self, check: DesiredCheck, opened: Future[Opened], pool: ThreadPoolExecutor) -> _Pending:
        assertions = [pool.submit(self._judge, check, number, opened) for number in range(len(check.spec.assertions))]
        return _Pending(check, opened, assertions)

    def _judge(self, check: DesiredCheck, number: int, opened: Future[Opened]) -> tuple[float, AssertionResult]:
        """Return the result of one assertion, and when it was begun. Raises Stopped when it did not come to its end."""
        index = opened.result()
        if self.stop.is_set() or isinstance(index, Diagnostic):
            raise Stopped
        assertion: Assertion = check.spec.assertions[number]
        started = self.clock.monotonic()
        asking = Asking(
            index=index, stop=self.stop, note=self.notes.append, finds=self.patterns.finds, clock=self.clock
        )
        verdict = asking.verdict(assertion)
        name, asked = name_of(assertion)
        return started, AssertionResult(
            name=name,
            asked=asked,
            verdict=verdict,
            source=check.places[number],
            elapsed_s=self.clock.monotonic() - started,
        )

    def _collect(self, pending: _Pending) -> CheckResult | None:
        """Wait for a check; None when it was not brought to its end."""
        check, opened = pending.check, pending.opened.result()
        if isinstance(opened, Diagnostic):
            problem = _at(opened, check)
            return (
                None if self.stop.is_set() else CheckResult(address=check.address, source=check.source, problem=problem)
            )
        results = []
        for future in pending.assertions:
            try:
                results.append(future.result())
            except Stopped:
                continue
        if len(results) < len(pending.assertions):
            return None
        elapsed_s = max(began + one.elapsed_s for began, one in results) - min(began for began, _ in results)
        return CheckResult(
            address=check.address,
            source=check.source,
            assertions=tuple(one for _, one in results),
            elapsed_s=elapsed_s,
        )


def _at(problem: Diagnostic, check: DesiredCheck) -> Diagnostic:
    from dataclasses import replace

    return replace(problem, address=check.address, source=check.source)

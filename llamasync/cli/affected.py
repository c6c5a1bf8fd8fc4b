"""The checks that an apply affected: run after it, told in text or as events, with an exit code of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from llamasync.apply.events import Event, EventType, Result
from llamasync.checks.model import CheckResult, Outcome
from llamasync.cli.checking import ABORTED, STOPPING, exit_of, run, write_report
from llamasync.cli.exits import Exit
from llamasync.cli.interrupts import stop_on_signals
from llamasync.cli.session import Session
from llamasync.cli.showing import now
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.plan.checks import checks_to_run
from llamasync.plan.model import Plan
from llamasync.render.check_text import render_check, render_totals
from llamasync.render.event_json import render_event_json
from llamasync.render.values import safe_text

if TYPE_CHECKING:
    from llamasync.cli.applying import ApplyOptions


def run_affected(plan: Plan, result: Result, session: Session, options: ApplyOptions) -> Exit:
    """Run the plan's checks but for those whose needs were not made; return the exit code that they mean."""
    desired = session.workspace.desired
    undone = [address for address, _ in (*result.failed, *result.skipped)]
    runnable, waiting = checks_to_run(plan.checks, desired, undone)
    if options.no_checks:
        session.console.err(f"Not checked ({options.no_checks}): {', '.join(map(str, plan.checks))}.\n")
        return Exit.DONE
    say = session.console.err if options.json_events else session.console.out
    style = session.console.error_style if options.json_events else session.console.style
    say("\n")

    def told(one: CheckResult) -> None:
        if options.json_events:
            session.console.out(render_event_json(_event(one)))
        say(render_check(one, style, session.root, verbose=session.said.verbose))

    try:
        with stop_on_signals(first=STOPPING, second=ABORTED) as stop:
            report = run(session, [desired.checks[address] for address in runnable], stop, told)
    except DiagnosticError as error:
        session.console.problems(error.diagnostics)
        return Exit.ERROR
    report = replace(report, waiting=tuple(waiting.items()))
    _tell_waiting(waiting, session, options)
    say("\n" + render_totals(report, style))
    if report.notes:
        session.console.problems(report.notes)
    if options.report is not None:
        write_report(report, options.report, session)
    return exit_of(report)


def _tell_waiting(waiting: Mapping[Address, Address], session: Session, options: ApplyOptions) -> None:
    for address, because in waiting.items():
        if options.json_events:
            event = Event(type=EventType.CHECK, at=now(), address=address, because_of=because, outcome="skipped")
            session.console.out(render_event_json(event))
        session.console.err(f"{safe_text(str(address))}  not run because of {safe_text(str(because))}\n")


def _event(one: CheckResult) -> Event:
    return Event(
        type=EventType.CHECK,
        at=now(),
        address=one.address,
        elapsed_s=one.elapsed_s,
        outcome=str(one.outcome),
        diagnostic=_problem(one),
    )


def _problem(one: CheckResult) -> Diagnostic | None:
    """Tell a check that does not hold as a problem of its manifest."""
    if one.problem is not None or one.outcome is Outcome.OK:
        return one.problem
    wrong = [each for each in one.assertions if each.verdict.outcome is one.outcome]
    told = "; ".join(f"{each.name}: {', '.join(each.verdict.unmet)}" for each in wrong)
    if one.outcome is Outcome.UNKNOWN:
        return wrong[0].verdict.problem
    return Diagnostic("LS710", told, source=wrong[0].source, address=one.address)

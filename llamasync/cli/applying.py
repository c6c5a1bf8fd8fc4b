"""What apply and destroy share: show, ask, execute, tell how it ended."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llamasync.cli.checking import write_empty_report
from llamasync.cli.exits import Exit
from llamasync.cli.interrupts import stop_on_signals
from llamasync.cli.session import Session
from llamasync.cli.showing import is_refused, show_plan
from llamasync.core.clock import SYSTEM_CLOCK
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.plan.model import Plan

if TYPE_CHECKING:
    from llamasync.apply.events import Event, EventSink, Result
    from llamasync.apply.tools import Tools
    from llamasync.render.progress import Progress

Confirm = Callable[[Plan, Session], None]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """How a plan is carried out. `confirm` raises DiagnosticError unless it is wanted; None asks nobody. `again` makes
    the plan anew once it was. `no_checks` says why the affected checks are not run, "" where they are; `report` is
    where what came of them is written."""

    confirm: Confirm | None
    again: Callable[[], Plan] | None = None
    parallelism: int = 10
    json_events: bool = False
    trash: bool = True
    wait: bool = True
    verb: str = "Applied"
    no_checks: str = ""
    report: Path | None = None


def carry_out(plan: Plan, session: Session, options: ApplyOptions) -> int:
    """Show the plan, have it confirmed, execute it; return the exit code. The caller holds the state's lock."""
    if not _shown(plan, session, options):
        return Exit.ERROR
    if options.report is not None:
        write_empty_report(options.report, session)
    awaited = plan.awaited if options.wait else ()
    if plan.is_empty and not awaited and not _has_records(plan):
        return Exit.DONE
    confirmed = _confirmed(plan, session, options)
    if confirmed is None:
        return Exit.ERROR
    plan, awaited = confirmed, confirmed.awaited if options.wait else ()
    if awaited:
        going = ", ".join(str(change.address) for change in awaited)
        session.console.err(f"\nWaiting for what is going on (--no-wait leaves it): {going}\n")
    everything = sorted((*plan.changes, *awaited), key=lambda change: change.address)
    return _execute(replace(plan, changes=tuple(everything)), session, options)


def _confirmed(plan: Plan, session: Session, options: ApplyOptions) -> Plan | None:
    """Return the plan that was said yes to, None for one that may not be applied. A question may be open for long: what
    changed meanwhile is shown, and asked about."""
    while options.confirm and not plan.is_empty:
        options.confirm(plan, session)
        now = options.again() if options.again else plan
        if now.fingerprint == plan.fingerprint and not is_refused(now):  # what is there may forbid the same changes
            return now
        session.console.err("\nSomething changed while the question was open. This is the plan now:\n\n")
        plan = now
        if not _shown(plan, session, options):
            return None
    return plan


def _shown(plan: Plan, session: Session, options: ApplyOptions) -> bool:
    """Show the plan, and return whether it may be applied."""
    show_plan(plan, session, to_stderr=options.json_events)
    if is_refused(plan):
        session.console.err("Nothing was changed.\n")
        return False
    return True


def _has_records(plan: Plan) -> bool:
    return bool(plan.remembered or plan.renamed or plan.settled)


def confirm_apply(_: Plan, session: Session) -> None:
    """Ask for a yes. Raises DiagnosticError: LS603 when nobody can be asked, LS608 for any other answer."""
    _require('Apply these changes? Only "yes" is accepted:', ("yes",), session)


def confirm_destroy(plan: Plan, session: Session) -> None:
    """Ask for the project's or the workspace's name. Raises DiagnosticError: LS603, LS608."""
    names = tuple(filter(None, (plan.project.name, plan.project.id, session.root.name)))
    _require(f"Delete all of this? Type the project's name ({names[0]}) to confirm:", names, session)


def _require(question: str, answers: tuple[str, ...], session: Session) -> None:
    if not session.console.can_ask:
        raise DiagnosticError(Diagnostic("LS603", detail="standard input or standard error is not a terminal"))
    answer = session.console.ask(f"\n{question}")
    if answer not in answers:
        raise DiagnosticError(Diagnostic("LS608", detail=f"the answer was {answer!r}"))


def _execute(plan: Plan, session: Session, options: ApplyOptions) -> int:
    from llamasync.apply.executor import execute
    from llamasync.render.result_text import render_result_text

    console = session.console
    started = time.monotonic()
    if not options.json_events and not plan.is_empty:
        console.out("\n")
    live = sys.stdout.isatty() and not options.json_events
    with stop_on_signals(quietly=live) as stop, _progress(plan, session, options, stop) as progress:
        result = execute(
            plan, make_tools(session, options), _unfailing(progress.handle), parallelism=options.parallelism, stop=stop
        )
    if plan.is_empty:
        return Exit.DONE if result.is_complete else Exit.PARTIAL
    problems = [diagnostic for _, diagnostic in result.failed] + list(result.notes)
    if problems:
        console.err("\n")
        console.problems(problems)
    say, style = (console.err, console.error_style) if options.json_events else (console.out, console.style)
    say("\n" + render_result_text(result, time.monotonic() - started, style, verb=options.verb))
    code = _exit_of(result)
    if plan.checks and code != Exit.INTERRUPTED:
        from llamasync.cli.affected import run_affected

        checked = run_affected(plan, result, session, options)
        code = checked if code == Exit.DONE or checked == Exit.INTERRUPTED else code
    return code


def _unfailing(handle: EventSink) -> EventSink:
    """Let no full disk or vanished terminal stop an apply half-way: what cannot be told is done all the same."""

    def told(event: Event) -> None:
        with suppress(OSError):
            handle(event)

    return told


def make_tools(session: Session, options: ApplyOptions) -> Tools:
    """Return what changes of the service are made with."""
    from llamasync.apply.tools import Tools
    from llamasync.kinds.registry import all_collections, all_kinds

    return Tools(
        client=session.client,
        store=session.store,
        kinds=all_kinds(),
        collections=all_collections(),
        digests=session.digests,
        clock=SYSTEM_CLOCK,
        trash=session.trash if options.trash else None,
        wait=options.wait,
    )


def _exit_of(result: Result) -> int:
    if result.interrupted:
        return Exit.INTERRUPTED
    return Exit.DONE if result.is_complete else Exit.PARTIAL


def _progress(plan: Plan, session: Session, options: ApplyOptions, stop: threading.Event) -> Progress:
    from llamasync.render.progress import JsonProgress, LineProgress, LiveProgress

    console = session.console
    if options.json_events:
        return JsonProgress(console.out)
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return LineProgress(console.out, console.style, len(plan.changes))
    from rich.console import Console as RichConsole

    rich = RichConsole(file=sys.stdout, no_color=not console.style.colour, highlight=False, markup=False)
    return LiveProgress(plan, console.style, rich, is_stopping=stop.is_set)

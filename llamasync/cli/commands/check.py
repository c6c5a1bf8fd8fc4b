"""`llamasync check`: run the Check manifests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llamasync.cli.checking import ABORTED, REPORT, STOPPING, check_report_name, exit_of, rendered, run, write_report
from llamasync.cli.options import Command
from llamasync.cli.selection import selection_of, selection_options
from llamasync.cli.session import Session

if TYPE_CHECKING:
    from llamasync.checks.model import CheckResult


@click.command("check", cls=Command)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@selection_options
@click.option("--parallelism", metavar="N", type=click.IntRange(1), default=8, show_default=True, help="At once.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="What stdout gets.",
)
@click.option(
    "--report",
    metavar="FILE",
    type=REPORT,
    help="Write what came of it there too: .txt, .json or .xml (JUnit).",
)
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], form: str, report: Path | None, **given: Any) -> None:
    """Run the Check manifests.

    Asks the indexes that they are about and changes nothing. Exits with 4 when one does not hold, else with 1 when one
    could not be checked.
    """
    from llamasync.cli.interrupts import stop_on_signals
    from llamasync.core.diagnostic import DiagnosticError
    from llamasync.plan.checks import select_checks
    from llamasync.render.check_text import render_check, render_totals

    check_report_name(report)
    session = Session.of(context, paths, whole=True)
    console = session.console
    selection = selection_of(given["targets"], given["excludes"], given["labels"])
    labels = {address: manifest.labels for address, manifest in session.workspace.manifests.items()}
    checks, problems = select_checks(session.checks_in_paths, selection, labels)
    if problems:
        raise DiagnosticError(*problems)

    def told(result: CheckResult) -> None:
        if form == "text":
            console.out(render_check(result, console.style, session.root, verbose=session.said.verbose))

    with stop_on_signals(first=STOPPING, second=ABORTED) as stop:
        ended = run(session, checks, stop, told, given["parallelism"])
    if form == "text":
        console.out(("\n" if ended.checks else "") + render_totals(ended, console.style))
    else:
        console.out(rendered(ended, form, session))
    if ended.notes:
        console.problems(ended.notes)
    if report is not None:
        write_report(ended, report, session)
    context.exit(exit_of(ended))

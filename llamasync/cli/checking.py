"""What `check` and `apply` share: run checks, and say what came of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llamasync.cli.exits import Exit
from llamasync.cli.session import Session
from llamasync.core.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from llamasync.checks.model import Report
    from llamasync.checks.running import Told
    from llamasync.workspace.desired import DesiredCheck

PARALLELISM = 8
REPORT = click.Path(dir_okay=False, path_type=Path)
STOPPING = "\nStopping: chats of checks are ended and their sessions deleted. Again to abort.\n"
ABORTED = "\nAborted. A chat session of a check may be left in the project.\n"
_SUFFIXES = {".txt": "text", ".json": "json", ".xml": "junit"}


def run(
    session: Session, checks: Sequence[DesiredCheck], stop: threading.Event, told: Told, parallelism: int = PARALLELISM
) -> Report:
    """Find the indexes that the checks are about and ask them. Raises DiagnosticError when nothing can be asked."""
    from llamasync.checks.locating import locate
    from llamasync.checks.model import Report
    from llamasync.checks.running import run_checks

    if not checks:
        return Report()
    references = [check.references[0] for check in checks]
    found = locate(
        session.client,
        session.project,
        session.workspace.desired,
        session.store.load(),
        session.digests,
        references,
    )
    return run_checks(checks, found, session.client, SYSTEM_CLOCK, parallelism=parallelism, stop=stop, told=told)


def exit_of(report: Report) -> Exit:
    """Return the exit code that a report means."""
    from llamasync.checks.model import Outcome

    if report.interrupted:
        return Exit.INTERRUPTED
    return {Outcome.OK: Exit.DONE, Outcome.FAILED: Exit.CHECK_FAILED, Outcome.UNKNOWN: Exit.ERROR}[report.outcome]


def check_report_name(path: Path | None) -> None:
    """Refuse, before any work, a report whose suffix says no format."""
    if path is not None and path.suffix.lower() not in _SUFFIXES:
        raise click.UsageError(f"--report {path}: the suffix says the format; use one of {', '.join(_SUFFIXES)}.")


def write_report(report: Report, path: Path, session: Session) -> None:
    """Write a report in the format that the file's suffix says. Raises DiagnosticError LS606."""
    from llamasync.cli.showing import write_file

    write_file(path, rendered(report, _SUFFIXES[path.suffix.lower()], session))


def write_empty_report(path: Path, session: Session) -> None:
    """Write a report of no checks: what reads it finds it even when none is run. Raises DiagnosticError LS606."""
    from llamasync.checks.model import Report

    write_report(Report(), path, session)


def rendered(report: Report, form: str, session: Session) -> str:
    """Return a report in one of the forms text, json and junit; as text with everything that came."""
    from llamasync.render.check_json import render_report_json
    from llamasync.render.check_junit import render_report_junit
    from llamasync.render.check_text import render_report_text
    from llamasync.render.style import PLAIN

    if form == "json":
        return render_report_json(report)
    if form == "junit":
        return render_report_junit(report, session.root)
    return render_report_text(report, PLAIN, session.root, verbose=True)

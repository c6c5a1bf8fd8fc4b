"""A plan on the terminal, in a report, and as an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import click

from llamasync.cli.console import Console
from llamasync.cli.session import Session
from llamasync.core.clock import SYSTEM_CLOCK
from llamasync.core.diagnostic import Diagnostic, DiagnosticError, has_errors
from llamasync.plan.model import Drift, Plan
from llamasync.render.drift_text import owners
from llamasync.render.plan_text import TextOptions, render_plan_text
from llamasync.render.style import PLAIN

SUFFIXES = {
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
}


def now() -> str:
    """Return the time as RFC 3339, UTC, to the second."""
    return SYSTEM_CLOCK.now().replace(microsecond=0).isoformat().replace("+00:00", "Z")


def text_options(session: Session, stream: IO[str] | None = None) -> TextOptions:
    """Say how plans are shown in this session: on a stream, or plain in a file."""
    console = session.console
    return TextOptions(
        style=console.style_of(stream) if stream else PLAIN,
        verbose=session.said.verbose,
        state=session.state_location,
        width=console.width(stream) if stream else 0,
    )


def render(plan: Plan, form: str, options: TextOptions) -> str:
    """Show a plan in one of the forms text, json, markdown and html."""
    return _RENDERERS[form](plan, options)


def _json(plan: Plan, _: TextOptions) -> str:
    from llamasync.render.plan_json import render_plan_json

    return render_plan_json(plan, now())


def _markdown(plan: Plan, _: TextOptions) -> str:
    from llamasync.render.plan_markdown import render_plan_markdown

    return render_plan_markdown(plan)


def _html(plan: Plan, _: TextOptions) -> str:
    from llamasync.render.plan_html import render_plan_html

    return render_plan_html(plan)


_RENDERERS: dict[str, Callable[[Plan, TextOptions], str]] = {
    "text": render_plan_text,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
}
FORMATS = tuple(_RENDERERS)


def show_plan(plan: Plan, session: Session, *, to_stderr: bool = False) -> None:
    """Show the plan as text, its problems after it."""
    console = session.console
    if to_stderr:
        console.err(render_plan_text(plan, text_options(session, sys.stderr)))
    else:
        console.out(render_plan_text(plan, text_options(session, sys.stdout)))
    show_problems(plan, console)


def show_problems(plan: Plan, console: Console) -> None:
    """Show the plan's problems on stderr."""
    if plan.problems:
        console.problems(plan.problems)


def check_report(path: Path | None) -> None:
    """Refuse, before any work, a report whose suffix says no format."""
    if path is not None and path.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"--report {path}: the suffix says the format; use one of {', '.join(SUFFIXES)}.")


def write_report(plan: Plan, path: Path, session: Session) -> None:
    """Write the plan to a file, in the format that its suffix says."""
    write_file(path, render(plan, SUFFIXES[path.suffix.lower()], text_options(session)))


def write_file(path: Path, text: str) -> None:
    """Write a result to a file that the user named. Raises DiagnosticError LS606.

    A name in it that is not UTF-8 is written out, as on the terminal: in JSON as an escape that brings it back.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise DiagnosticError(Diagnostic("LS606", detail=f"{path}: {error.strerror or error}")) from error


def only_service_changes(plan: Plan) -> tuple[Plan, int]:
    """Keep what was changed in the service; also say how many changes that leaves out."""
    from dataclasses import replace

    kept = tuple(change for change in plan.changes if owners(change) & {Drift.SERVICE, Drift.BOTH})
    return replace(plan, changes=kept), len(plan.changes) - len(kept)


def is_refused(plan: Plan) -> bool:
    """Say whether the plan's problems forbid applying it."""
    return has_errors(plan.problems)

"""`llamasync plan`: what apply would do."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from llamasync.cli.exits import Exit
from llamasync.cli.options import Command
from llamasync.cli.selection import GUARDS, guard_options, selection_of, selection_options
from llamasync.cli.session import Session

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("plan", cls=Command)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--out", metavar="FILE", type=_FILE, help="Save the plan, to be applied as reviewed or not at all.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is something to do.")
@selection_options
@click.option("--destroy", is_flag=True, help="Plan to delete everything that is managed here.")
@click.option("--refresh-only", is_flag=True, help="Show only what was changed in the service.")
@click.option("--verify-content", is_flag=True, help="Download and hash every file, trusting no memory.")
@guard_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
    help="What stdout gets.",
)
@click.option("--report", metavar="FILE", type=_FILE, help="Write the plan there too: .md, .json, .txt or .html.")
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], form: str, **given: Any) -> None:
    """Show what apply would do, and why.

    Changes nothing, neither in the service nor in what is remembered.
    """
    from llamasync.cli.planning import make_plan, prepare_saving
    from llamasync.cli.showing import (
        check_report,
        is_refused,
        only_service_changes,
        render,
        show_problems,
        text_options,
        write_file,
        write_report,
    )
    from llamasync.manifest.discovery import SUFFIXES
    from llamasync.plan.model import PlanOptions
    from llamasync.render.units import counted

    if given["refresh_only"] and given["out"]:
        raise click.UsageError("--out saves a whole plan; leave --refresh-only out.")
    if given["out"] and str(given["out"]).endswith(SUFFIXES):
        raise click.UsageError(f"--out {given['out']}: apply would take that for a manifest; call it plan.llamaplan.")
    check_report(given["report"])
    session = Session.of(context, paths)
    options = PlanOptions(
        selection=selection_of(given["targets"], given["excludes"], given["labels"]),
        guards=session.guards(**{name: given[name] for name in GUARDS}),
        destroy=given["destroy"],
    )
    if given["out"]:
        prepare_saving(session)
    plan = make_plan(session, options, verify_content=given["verify_content"])
    left_out = 0
    if given["refresh_only"]:
        plan, left_out = only_service_changes(plan)
    session.console.out(render(plan, form, text_options(session, sys.stdout)))
    if left_out:
        are = "is" if left_out == 1 else "are"
        session.console.err(f"{counted(left_out, 'change')} of the manifests {are} not shown (--refresh-only).\n")
    show_problems(plan, session.console)
    if given["report"]:
        write_report(plan, given["report"], session)
    if is_refused(plan):
        context.exit(Exit.ERROR)
    if given["out"]:
        from llamasync.cli.saved import save_plan

        write_file(given["out"], save_plan(plan, session, options, verify_content=given["verify_content"]))
        said = session.said  # all else is in the file
        words = [
            *(["-C", said.folder] if said.folder else []),
            *(["--endpoint", said.endpoint] if said.endpoint else []),
        ]
        again = shlex.join(["llamasync", *words, "apply", str(given["out"])])
        session.console.err(f"\nSaved. To do exactly this: {again}\n")
    if given["detailed_exitcode"] and not plan.is_empty:
        context.exit(Exit.DIFFERENCES)

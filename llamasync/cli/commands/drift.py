"""`llamasync drift`: what differs from last time, and whose change it was."""

from __future__ import annotations

import sys

import click

from llamasync.cli.exits import Exit
from llamasync.cli.options import Command
from llamasync.cli.session import Session


@click.command("drift", cls=Command)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--verify-content", is_flag=True, help="Download and hash every file, trusting no memory.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], verify_content: bool, form: str) -> None:
    """Show what differs from last time, and whose change it was.

    Exits with 2 when anything differs. Changes nothing.
    """
    from llamasync.cli.planning import make_plan
    from llamasync.cli.showing import now, show_problems, text_options
    from llamasync.plan.model import PlanOptions
    from llamasync.render.drift_text import render_drift_text
    from llamasync.render.plan_json import render_plan_json

    session = Session.of(context, paths)
    plan = make_plan(session, PlanOptions(guards=session.guards()), verify_content=verify_content)
    if form == "json":
        session.console.out(render_plan_json(plan, now()))
    else:
        session.console.out(render_drift_text(plan, text_options(session, sys.stdout)))
    # A guard that would stop an apply is no failure of looking, but it is worth knowing.
    show_problems(plan, session.console)
    if not plan.is_empty:
        context.exit(Exit.DIFFERENCES)

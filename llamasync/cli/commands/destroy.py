"""`llamasync destroy`: delete everything that this workspace manages."""

from __future__ import annotations

from typing import Any

import click

from llamasync.cli.options import Command
from llamasync.cli.selection import selection_of, selection_options
from llamasync.cli.session import Session


@click.command("destroy", cls=Command)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@selection_options
@click.option(
    "--parallelism", metavar="N", type=click.IntRange(1), default=10, show_default=True, help="Changes at once."
)
@click.option("--no-trash", is_flag=True, help="Delete files without saving bytes that exist nowhere else.")
@click.option("--json-events", is_flag=True, help="One JSON object a line on stdout, text on stderr.")
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Delete everything that this workspace manages.

    Like apply of an empty workspace: what others made is left alone, and protected objects are refused.
    """
    from llamasync.cli.applying import ApplyOptions, carry_out, confirm_destroy
    from llamasync.cli.planning import make_plan
    from llamasync.plan.model import PlanOptions

    session = Session.of(context, paths)
    planning = PlanOptions(
        selection=selection_of(given["targets"], given["excludes"], given["labels"]),
        guards=session.guards(),
        destroy=True,
    )
    options = ApplyOptions(
        confirm=None if given["auto_approve"] else confirm_destroy,
        parallelism=given["parallelism"],
        json_events=given["json_events"],
        trash=not given["no_trash"],
        verb="Destroyed",
        again=lambda: make_plan(session, planning),
    )
    with session.lock("destroy"):
        code = carry_out(make_plan(session, planning), session, options)
    context.exit(code)

"""`llamasync doctor`: is everything there that a plan needs?"""

from __future__ import annotations

import json

import click

from llamasync.cli.exits import Exit
from llamasync.cli.options import Command
from llamasync.cli.session import Session


@click.command("doctor", cls=Command)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(context: click.Context, /, form: str) -> None:
    """Check the key, the service, the state and the installation.

    Each with a verdict (ok, warn, fail) and what to do about it. Exits with 1 when something fails. Changes nothing.
    """
    from llamasync.cli.checkup import examine
    from llamasync.render.verdicts import Level, render_verdicts, verdicts_value

    session = Session.of(context)
    verdicts = list(examine(session))
    if form == "json":
        session.console.out(json.dumps(verdicts_value(verdicts), indent=2, ensure_ascii=False) + "\n")
    else:
        session.console.out(render_verdicts(verdicts, session.console.style))
    if any(verdict.level is Level.FAIL for verdict in verdicts):
        context.exit(Exit.ERROR)

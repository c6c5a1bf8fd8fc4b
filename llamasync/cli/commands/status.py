"""`llamasync status`: how far runs and syncs are."""

from __future__ import annotations

import click

from llamasync.cli.options import Command
from llamasync.cli.selection import ADDRESS
from llamasync.cli.session import Session
from llamasync.core.address import Address


@click.command("status", cls=Command)
@click.argument("address", metavar="[ADDR]", type=ADDRESS, required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(context: click.Context, /, address: Address | None, form: str) -> None:
    """Show how far runs and syncs are.

    Each run and each index: its state, how far it is, since when, which files failed and why, and whether the next
    apply runs it again. Changes nothing.
    """
    from llamasync.cli.standing import standings_of
    from llamasync.render.standings import render_standings_json, render_standings_text

    session = Session.of(context)
    found = standings_of(session, address)
    session.console.out(render_standings_json(found) if form == "json" else render_standings_text(found))

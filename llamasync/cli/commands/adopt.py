"""`llamasync adopt`: one address, one live object."""

from __future__ import annotations

import click

from llamasync.cli.options import Command, checked_text
from llamasync.cli.selection import ADDRESS
from llamasync.cli.session import Session
from llamasync.core.address import Address


@click.command("adopt", cls=Command)
@click.argument("address", metavar="ADDR", type=ADDRESS)
@click.argument("object_id", metavar="ID")
@click.pass_context
def command(context: click.Context, /, address: Address, object_id: str) -> None:
    """Take over an existing object.

    From now on the manifest at ADDR stands for the live object ID. The object is not changed; the next plan shows what
    differs. A plan adopts by itself where a name or unique id is certain.
    """
    from llamasync.cli.adopting import adopt_object

    session = Session.of(context)
    binding = adopt_object(session, address, checked_text(object_id, "ID"))
    session.console.err(f"{binding.address} is {binding.id} now. `llamasync plan` shows what differs.\n")

"""`llamasync graph`: the manifests and what they need."""

from __future__ import annotations

import click

from llamasync.cli.options import Command
from llamasync.cli.session import Session
from llamasync.core.address import Address
from llamasync.core.reference import Reference
from llamasync.render.graph import render_dot, render_graph_text, render_mermaid

_RENDERERS = {"mermaid": render_mermaid, "dot": render_dot, "text": render_graph_text}


@click.command("graph", cls=Command)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(list(_RENDERERS)), default="text", show_default=True)
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], form: str) -> None:
    """Draw the manifests and what they need.

    Arrows point from what goes first to what needs it; deletes go the other way.
    """
    session = Session.of(context, paths)
    session.console.out(_RENDERERS[form](_needs(session)))


def _needs(session: Session) -> dict[Address, list[Address]]:
    desired = session.workspace.desired
    found: dict[Address, set[Address]] = {address: set() for address in desired.manifests}
    for one in desired.objects.values():
        mine = found.setdefault(one.address.manifest, set())
        mine.update(need.manifest for need in one.needs if need.manifest != one.address.manifest)
    for check in desired.checks.values():
        found[check.address].update(check.needs)
    for run in desired.runs.values():
        found[run.address].update(need.manifest for need in run.needs)
    for group in desired.groups:
        if isinstance(group.parent, Reference) and group.parent.address:
            found.setdefault(group.address, set()).add(group.parent.address)
    return {address: sorted(needs) for address, needs in sorted(found.items())}

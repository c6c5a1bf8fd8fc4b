"""`llamasync explain`: a kind, a field of it, or a problem's code."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import click

from llamasync.cli.completing import complete_topics
from llamasync.cli.console import Console
from llamasync.cli.options import Command, globals_of
from llamasync.core.diagnostic import Diagnostic, DiagnosticError

if TYPE_CHECKING:
    from llamasync.workspace.explain import Explanation


@click.command("explain", cls=Command)
@click.argument("topic", metavar="KIND[.FIELD] | CODE", shell_complete=complete_topics)
@click.pass_context
def command(context: click.Context, /, topic: str) -> None:
    """Explain a kind, a field or a problem's code.

    Such as: FileSet, FileSet.metadata, Workspace.environments, LS104.
    """
    from llamasync.workspace.explain import explain, suggest

    console = Console.of(globals_of(context))
    found = explain(topic)
    if found is None:
        near = suggest(topic)
        hint = f"did you mean {near}?" if near else "llamasync schema lists the kinds"
        raise DiagnosticError(Diagnostic("LS609", detail=topic, hint=hint))
    console.out(_text(found, console))


_TYPE_WIDTH = 60


def _brief(text: str) -> str:
    """Cut a type short that lists many values: in full it stands above the table, when its field is asked for."""
    return text if len(text) <= _TYPE_WIDTH else f"{text[: _TYPE_WIDTH - 4].rpartition(' ')[0]} ..."


def _text(found: Explanation, console: Console) -> str:
    from llamasync.render.table import render_table

    parts = [f"{console.style.paint('bold', found.topic)}: {found.title}", *found.text]
    for when, fields in groupby(found.fields, attrgetter("when")):
        rows = [
            (field.path, _brief(field.type), "required" if field.required else field.default, field.description)
            for field in fields
        ]
        table = render_table(("FIELD", "TYPE", "DEFAULT", ""), rows).rstrip("\n")
        parts.append(f"With {when}:\n\n{table}" if when else table)
    return "\n\n".join(filter(None, parts)) + "\n"

"""`llamasync schema`: the JSON Schema of a kind, or the kinds."""

from __future__ import annotations

import json

import click

from llamasync.cli.completing import complete_schemas
from llamasync.cli.console import Console
from llamasync.cli.options import Command, globals_of
from llamasync.core.diagnostic import Diagnostic, DiagnosticError


@click.command("schema", cls=Command)
@click.argument("kind", metavar="[KIND]", required=False, shell_complete=complete_schemas)
@click.pass_context
def command(context: click.Context, /, kind: str | None) -> None:
    """Print the JSON Schema of a kind.

    Without KIND lists the kinds. `manifest` is the schema of any of them, for editors; `Workspace` that of
    llamasync.yaml.
    """
    from llamasync.kinds.registry import all_kinds
    from llamasync.manifest.schema_files import load_schema
    from llamasync.render.table import render_table
    from llamasync.workspace.explain import topics

    console = Console.of(globals_of(context))
    if kind is None:
        rows = [(one.name, one.summary) for one in all_kinds().values()]
        rows += [("Workspace", "the settings in llamasync.yaml"), ("manifest", "any kind, for editors")]
        console.out(render_table(("KIND", "IS"), rows))
        return
    names = {name.lower(): name for name in (*topics(), "manifest")}
    schema = load_schema(names[kind.lower()]) if kind.lower() in names else None
    if schema is None:
        raise DiagnosticError(Diagnostic("LS609", detail=f"no kind is called {kind}", hint="llamasync schema"))
    console.out(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")

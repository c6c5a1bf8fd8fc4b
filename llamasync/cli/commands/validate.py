"""`llamasync validate`: everything that can be known offline."""

from __future__ import annotations

from pathlib import Path

import click

from llamasync.cli.console import Console
from llamasync.cli.exits import Exit
from llamasync.cli.options import Command, globals_of
from llamasync.core.diagnostic import has_errors

_FORMATS = ("text", "json", "github", "sarif", "junit")


@click.command("validate", cls=Command)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], form: str) -> None:
    """Check manifests offline.

    Syntax, schema, references and files. No key and no network are needed, and environment variables need not be set.
    """
    from llamasync.render.diagnostic_formats import render_format
    from llamasync.render.diagnostics import in_order
    from llamasync.workspace.files.cache import FileCache
    from llamasync.workspace.load import load_workspace

    said = globals_of(context)
    console = Console.of(said)
    given = [Path(path).absolute() for path in paths]
    start = given[0] if given else Path.cwd()
    from llamasync.manifest.discovery import find_root

    root = said.root = find_root(start)
    cache = FileCache(root)
    context.call_on_close(cache.close)
    workspace = load_workspace(
        start,
        paths=[] if root in given else given,
        environment=said.environment,
        require_env=False,
        cache=cache,
    )
    if form == "text":
        console.problems(workspace.diagnostics)
        if not has_errors(workspace.diagnostics):
            chosen = workspace.manifests if workspace.selected is None else workspace.selected
            console.out(f"Valid: {_counted(len(chosen))}, {len(workspace.desired.objects)} objects.\n")
    else:
        console.out(render_format(form, in_order(workspace.diagnostics), root=root))
    if has_errors(workspace.diagnostics):
        context.exit(Exit.ERROR)


def _counted(number: int) -> str:
    from llamasync.render.units import counted

    return counted(number, "manifest")

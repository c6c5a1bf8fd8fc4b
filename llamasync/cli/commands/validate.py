"""`llamasync validate`: everything that can be known offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llamasync.cli.console import Console
from llamasync.cli.exits import Exit
from llamasync.cli.options import Command, globals_of
from llamasync.core.diagnostic import has_errors

if TYPE_CHECKING:
    from llamasync.workspace.desired import DesiredState

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
            console.out(f"Valid: {_counted(len(chosen), workspace.desired)}.\n")
    else:
        console.out(render_format(form, in_order(workspace.diagnostics), root=root, cwd=said.here))
    if has_errors(workspace.diagnostics):
        context.exit(Exit.ERROR)


def _counted(manifests: int, desired: DesiredState) -> str:
    """Say what there is: always how many objects, the others where there are any."""
    from llamasync.render.units import counted

    objects = len(desired.objects) + sum(map(len, desired.lots))
    parts = [counted(manifests, "manifest"), counted(objects, "object")]
    parts += [
        counted(number, noun) for number, noun in ((len(desired.runs), "run"), (len(desired.checks), "check")) if number
    ]
    return ", ".join(parts)

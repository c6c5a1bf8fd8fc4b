"""`llamasync init`: writes the files of a new workspace, and never over one that exists."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path

import click

from llamasync.cli.console import Console
from llamasync.cli.options import Command, globals_of
from llamasync.core.diagnostic import Diagnostic, DiagnosticError

# From the template's name to the workspace's.
_FILES = {
    "llamasync.yaml": "llamasync.yaml",
    "manifests/documents.yaml": "manifests/documents.yaml",
    "documents/welcome.md": "documents/welcome.md",
    "gitignore": ".gitignore",
    "github/llamasync.yml": ".github/workflows/llamasync.yml",
}
_IGNORE = ".gitignore"


@click.command("init", cls=Command)
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def command(context: click.Context, /, directory: Path) -> None:
    """Make a new workspace.

    Writes llamasync.yaml, an example manifest with a document, .gitignore and a GitHub workflow. A file that exists is
    never overwritten.
    """
    console = Console.of(globals_of(context))
    wanted = dict(_FILES)
    note = ""
    if (directory / _IGNORE).exists():
        wanted = {template: name for template, name in wanted.items() if name != _IGNORE}
        note = _missing_ignores((directory / _IGNORE).read_text(encoding="utf-8", errors="replace"))
    _refuse_existing(directory, list(wanted.values()))
    template = files("llamasync.cli") / "template"
    for source, name in wanted.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write((template / source).read_text(encoding="utf-8"))
        console.out(f"wrote {path}\n")
    if note:
        console.err(note)
    there = "" if directory == Path() else f" -C {shlex.quote(str(directory))}"
    console.err(
        f"\nTry it without a key or a network:\n  llamasync{there} --local plan\n  llamasync{there} --local apply\n"
    )


def _refuse_existing(directory: Path, names: list[str]) -> None:
    problems = [
        Diagnostic("LS605", detail=f"{directory / name} exists already")
        for name in names
        if (directory / name).exists() or (directory / name).is_symlink()
    ]
    if problems:
        raise DiagnosticError(*problems)


def _missing_ignores(text: str) -> str:
    if ".llamasync" in text:
        return ""
    return f"{_IGNORE} exists already and was left alone: add the line `.llamasync/` to it.\n"

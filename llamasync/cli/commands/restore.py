"""`llamasync restore`: bytes that were saved before a delete."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from llamasync.cli.options import Command
from llamasync.cli.session import Session
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.render.table import render_table
from llamasync.render.units import human_bytes, human_time

if TYPE_CHECKING:
    from llamasync.apply.trash import TrashEntry


@click.command("restore", cls=Command)
@click.argument("what", metavar="[HASH|ADDR]", required=False)
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default="restored",
    show_default=True,
    help="Where the files are put.",
)
@click.pass_context
def command(context: click.Context, /, what: str | None, folder: Path) -> None:
    """Bring back bytes from the trash.

    Before a file is deleted whose bytes exist nowhere else they are saved in .llamasync/trash. Without HASH (six digits
    of it are enough) or ADDR lists what is there. Of several versions the newest is restored; name others by HASH.
    """
    session = Session.of(context)
    if what is None:
        entries = session.trash.list()
        rows = [
            (each.sha256[:12], human_bytes(each.size_bytes), human_time(each.at), str(each.address)) for each in entries
        ]
        session.console.out(render_table(("HASH", "SIZE", "SAVED", "ADDRESS"), rows))
        if not entries:
            session.console.err("The trash is empty.\n")
        return
    found = session.trash.find(what)
    if not found:
        raise DiagnosticError(Diagnostic("LS509", detail=what))
    for entry in _newest(found):
        place = folder / _relative(entry)
        session.trash.restore(entry, place)
        session.console.out(f"restored {place} ({human_bytes(entry.size_bytes)}, saved {human_time(entry.at)})\n")


def _newest(entries: Sequence[TrashEntry]) -> list[TrashEntry]:
    latest = {entry.address: entry for entry in sorted(entries, key=lambda entry: entry.at)}
    return [latest[address] for address in sorted(latest)]


def _relative(entry: TrashEntry) -> Path:
    """Make a path of the unique id that cannot leave the folder: it is the service's word, not ours."""
    parts = [part for part in PurePosixPath(entry.unique_id.replace(os.sep, "/")).parts if part not in ("/", "..", ".")]
    safe = [part.replace("\0", "") for part in parts if part.replace("\0", "")]
    return Path(*safe) if safe else Path(entry.sha256)

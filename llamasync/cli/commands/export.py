"""`llamasync export`: manifests, and the files, of what is live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llamasync.cli.completing import complete_kinds
from llamasync.cli.options import Command
from llamasync.cli.session import Session

if TYPE_CHECKING:
    from llamasync.export.disk import Disk
    from llamasync.export.export import Bytes, Export
    from llamasync.export.items import Place
    from llamasync.kinds.facts import Kind

    PlaceBase = click.ParamType[Place]
else:
    PlaceBase = click.ParamType


class PlaceType(PlaceBase):
    """Which items: `DEPLOYMENT/COLLECTION:KEY`."""

    name = "items"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        from llamasync.export.items import Place, parse_place

        place = value if isinstance(value, Place) else parse_place(value)
        if place is None:
            self.fail(f"{value!r} is not of the form DEPLOYMENT/COLLECTION:KEY, or DEPLOYMENT:KEY.", param, ctx)
        return place


@click.command("export", cls=Command)
@click.option(
    "--kind",
    "names",
    metavar="K",
    multiple=True,
    shell_complete=complete_kinds,
    help="Only this kind; may be said more than once.",
)
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a workspace there, instead of manifests to stdout.",
)
@click.option("--content", is_flag=True, help="Download the files too, with manifests and sidecars of them.")
@click.option(
    "--items",
    "places",
    metavar="DEPLOYMENT/COLLECTION:KEY",
    multiple=True,
    type=PlaceType(),
    help="These items of agent data too, told apart by the field KEY; may be said more than once.",
)
@click.pass_context
def command(
    context: click.Context, /, names: tuple[str, ...], folder: Path | None, content: bool, places: tuple[Place, ...]
) -> None:
    """Write manifests of what is live.

    They load back as an empty plan: the next plan only adopts. Files need --content, since a manifest of a file needs
    its bytes; agent data needs --items, since the service does not list its collections. Nothing is changed in the
    service, and no file that exists is overwritten.
    """
    from llamasync.export.disk import Disk
    from llamasync.export.export import export_live
    from llamasync.export.saving import save

    kinds = _chosen(names, content=content, has_places=bool(places))
    if places and folder is None:
        raise click.UsageError("--items needs --out DIR: files of items cannot go to stdout.")
    if content and folder is None:
        raise click.UsageError("--content needs --out DIR: files cannot go to stdout.")
    session = Session.of(context)
    header = [f"Exported by llamasync from project {session.project.id} at {session.endpoint_name}."]
    if folder is None:
        from llamasync.manifest.write import render_documents

        export = export_live(session.client, session.project, kinds)
        session.console.out(render_documents(export.documents, [*header, *export.remarks()]))
        _tell(session, export, kinds, content=content)
        return
    disk = Disk(folder)
    bytes_to = _bytes_to(context, folder, disk) if content else None
    export = export_live(session.client, session.project, kinds, bytes_to)
    _add_items(export, session, places)
    notes = save(export, disk, header)
    _tell(session, export, kinds, content=content)
    session.console.err("".join(notes))
    session.console.out(_summary(export, folder))


def _add_items(export: Export, session: Session, places: tuple[Place, ...]) -> None:
    from llamasync.export.export import MANIFESTS
    from llamasync.export.items import export_items
    from llamasync.export.naming import Names

    taken = Names()
    for place in dict.fromkeys(places):
        found = export_items(session.client, place, taken)
        export.sheets.setdefault(f"{MANIFESTS}/{found.kind.collection.name}.yaml", []).append(found.document)
        if found.text:
            export.sidecars[found.path] = found.text
        export.notes += found.notes


def _chosen(names: tuple[str, ...], *, content: bool, has_places: bool) -> list[Kind]:
    from llamasync.kinds.facts import ContentSource, Role
    from llamasync.kinds.registry import all_kinds
    from llamasync.manifest.document import near

    known = all_kinds()
    for name in names:
        if name not in known:
            meant = near(name, known)
            raise click.UsageError(
                f"--kind {name}: " + (f"did you mean {meant}?" if meant else f"the kinds are {', '.join(known)}.")
            )
        if known[name].role is not Role.OBJECT:
            raise click.UsageError(
                f"--kind {name}: it stands for no object of the service, so there is none to export."
            )
        if known[name].content is ContentSource.ITEMS:
            if not has_places:
                raise click.UsageError(f"--kind {name} needs --items: the service does not list its collections.")
            continue
        if known[name].write is None and not content:
            raise click.UsageError(f"--kind {name} needs --content: its manifests need the files' bytes.")
    return [known[name] for name in names] or list(known.values())


def _bytes_to(context: click.Context, folder: Path, disk: Disk) -> Bytes:
    """Say where bytes go. What is learned of them is kept in the new workspace, whose first plan then asks for none."""
    from llamasync.cli.local import FOLDER
    from llamasync.export.export import Bytes
    from llamasync.state.digests import DigestCache

    digests = DigestCache(folder / FOLDER / "digests.db")
    context.call_on_close(digests.close)
    return Bytes(disk=disk, digests=digests)


def _tell(session: Session, export: Export, kinds: list[Kind], *, content: bool) -> None:
    if export.notes:
        session.console.problems(export.notes)
    parents = {kind.collection.parent for kind in kinds if kind.write is None and kind.collection.parent}
    if not content and any(f"/{parent}.yaml" in path for parent in parents for path in export.sheets):
        session.console.err("Files are left out: their manifests need their bytes. Add --content --out DIR.\n")


def _summary(export: Export, folder: Path) -> str:
    from llamasync.render.units import counted, human_bytes

    files = f" and {counted(export.files, 'file')} ({human_bytes(export.size_bytes)})" if export.files else ""
    return f"Exported {counted(len(export.documents), 'manifest')}{files} to {folder}.\n"

"""The whole export: what is live becomes manifests, and with content its bytes come to disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from llamasync.api.client import Client
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.export.contents import Holder, write_contents
from llamasync.export.disk import Disk
from llamasync.export.documents import Document
from llamasync.export.download import download_all
from llamasync.export.naming import Names
from llamasync.export.objects import Written, write_objects
from llamasync.export.places import TREES, lay_out
from llamasync.kinds.facts import Collection, ContentSource, Kind
from llamasync.kinds.registry import all_kinds
from llamasync.live.content import Digests
from llamasync.live.everything import read_everything
from llamasync.live.model import LiveObject, LiveState, Project
from llamasync.manifest.write import render_documents

MANIFESTS = "manifests"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """Where bytes go, and what is known of them already."""

    disk: Disk
    digests: Digests


@lean_dataclass(slots=True)
class Export:
    """What was exported: manifests (`sheets`), and the texts of sidecars and of files of items (`sidecars`), by their
    paths in the workspace.

    `variables` are those of the environment that a sheet needs, by its path. `files` and `size_bytes` count the files
    whose bytes are on disk now.
    """

    project: Project
    sheets: dict[str, list[Document]] = field(default_factory=dict)
    sidecars: dict[str, str] = field(default_factory=dict)
    variables: dict[str, list[str]] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)
    files: int = 0
    size_bytes: int = 0

    def remarks(self, *paths: str) -> list[str]:
        """Return the lines that a person must read before the sheets at these paths are of use; of all without any."""
        names = [name for path in paths or self.variables for name in self.variables.get(path, ())]
        if not names:
            return []
        return [
            "The service does not show what these stand for. Set them before you plan; apply sends them again:",
            *(f"  {name}" for name in names),
        ]

    @property
    def documents(self) -> list[Document]:
        """All manifests."""
        return [document for sheet in self.sheets.values() for document in sheet]


def export_live(client: Client, project: Project, kinds: Iterable[Kind], content: Bytes | None = None) -> Export:
    """Write manifests of all that is live of `kinds`, and with `content` bring the bytes of files to disk.

    Manifests are not written to disk yet. Kinds whose objects are files are left out without `content`. Raises
    DiagnosticError: LS4xx when the service fails, LS605 and LS606 when bytes cannot be put in their place.
    """
    wanted = {kind.name: kind for kind in kinds}
    filled = {kind.collection.name: kind.collection for kind in wanted.values() if _is_file(kind) and content}
    parents = {collection.parent for collection in filled.values()}
    parents |= {kind.collection.parent for kind in wanted.values() if kind.write}
    writers = [
        one for one in all_kinds().values() if one.write and (one.name in wanted or one.collection.name in parents)
    ]
    writers.sort(key=lambda kind: bool(kind.collection.parent))
    live = read_everything(client, project, {*filled, *(kind.collection.name for kind in writers)})
    result = Export(project)
    written: dict[str, Written] = {}
    for kind in writers:
        held_by = written[kind.collection.parent].references if kind.collection.parent else None
        found = write_objects(kind, live.all(kind.collection.name), wanted=kind.name in wanted, parents=held_by)
        written[kind.collection.name] = found
        result.notes += found.notes
        if found.documents:
            result.sheets[f"{MANIFESTS}/{kind.collection.name}.yaml"] = found.documents
        if found.variables:
            result.variables[f"{MANIFESTS}/{kind.collection.name}.yaml"] = found.variables
        if kind.collection.name in live.missing and kind.name in wanted:
            detail = f"the service has no {kind.collection.path}"
            result.notes.append(Diagnostic("LS122", detail, severity=Severity.NOTE))
    for collection in filled.values():
        assert content is not None, "without content no collection is filled"
        _export_files(client, collection, live, written, content, result)
    return result


def _is_file(kind: Kind) -> bool:
    return kind.content in (ContentSource.FILE, ContentSource.TREE)


def _export_files(
    client: Client,
    collection: Collection,
    live: LiveState,
    written: Mapping[str, Written],
    content: Bytes,
    result: Export,
) -> None:
    """Export every file of a collection, one directory after the other."""
    names, parents = Names(), written[collection.parent]
    children: dict[str, list[LiveObject]] = {}
    for one in live.all(collection.name):
        children.setdefault(one.parent_id, []).append(one)
    for parent_id, name in sorted(parents.names.items(), key=lambda pair: pair[1]):
        layout = lay_out(children.get(parent_id, ()), name)
        tree = [(one, f"{TREES}/{name}/{one.key[-1]}") for one in layout.tree]
        downloaded = download_all(client, collection, tree + layout.singles, content.disk, content.digests)
        holder = Holder(name=name, reference=parents.references[parent_id])
        digests = {live_id: sha256 for live_id, (sha256, _) in downloaded.known.items()}
        contents = write_contents(collection.name, holder, layout, digests, names)
        if contents.documents:
            result.sheets[f"{MANIFESTS}/{collection.name}-{name}.yaml"] = contents.documents
        sidecars = {path: render_documents([values]) for path, values in contents.sidecars.items()}
        result.sidecars |= sidecars
        others = content.disk.others(f"{TREES}/{name}", {*sidecars, *(path for _, path in tree)})
        result.notes += [*layout.notes, *downloaded.notes, *contents.notes, *map(_stale, others)]
        result.files += len(downloaded.known)
        result.size_bytes += sum(size for _, size in downloaded.known.values())


def _stale(path: str) -> Diagnostic:
    detail = f"{path} was there before and is not live; the next apply would upload it"
    return Diagnostic("LS605", detail, hint="remove it, if that is not meant", severity=Severity.WARNING)

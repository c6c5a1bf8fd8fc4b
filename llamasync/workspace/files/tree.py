"""A FileSet's tree becomes one Desired a file."""

from __future__ import annotations

import json
from unicodedata import normalize

from llamasync.core.address import Address
from llamasync.kinds.file_set import FileSetSpec
from llamasync.workspace.desired import Content, Desired
from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.model import FileManifest
from llamasync.workspace.files.naming import Naming, read_naming, report_empty_name
from llamasync.workspace.files.patterns import read_selection
from llamasync.workspace.files.places import find_source, folder_inside
from llamasync.workspace.files.report import Report
from llamasync.workspace.files.scan import SIDECAR, scan_tree
from llamasync.workspace.files.values import Value, find_values


def read_tree(
    manifest: FileManifest, spec: FileSetSpec, report: Report, cache: FileCache | None
) -> tuple[Desired, ...]:
    """Return a Desired for each file of the tree, sorted by path; files with problems are left out."""
    naming = read_naming(spec, spec.unique_id, spec.display_name, report)
    selection = read_selection(spec.include, spec.exclude, report)
    top = find_source(spec.source, report, folder=True)
    if top is None:
        return ()
    folder = folder_inside(top, report)
    rows = cache.rows(folder) if cache else iter(())
    values = find_values(scan_tree(top, selection, report), rows, folder, cache, report)
    return _build_all(manifest, naming, values, report)


def _build_all(manifest: FileManifest, naming: Naming, values: list[Value], report: Report) -> tuple[Desired, ...]:
    kind, name = manifest.address.kind, manifest.address.name
    place = manifest.place(report.where)
    more = {path.removesuffix(SIDECAR): json.loads(text) for path, _, _, _, text in values if text[:1] == "{"}
    taken: dict[str, str] = {}
    result = []
    for path, file_name, absolute, size_bytes, sha256 in values:
        if file_name.endswith(SIDECAR):
            continue
        unique_id = naming.unique_id.expand(path, file_name)
        fields = naming.fields(unique_id, path, file_name, sha256, more.get(path))
        if not (unique_id and fields["display_name"]):
            report_empty_name(report, unique_id, path)
        elif (other := taken.setdefault(unique_id, absolute)) is not absolute:
            _report_collision(unique_id, path, (other, absolute), report)
        elif sha256:
            desired = Desired(
                address=Address(kind, name, path),
                kind=manifest.kind,
                fields=fields,
                key=(unique_id,),
                source=place,
                parent=manifest.parent,
                content=Content(sha256, size_bytes, file_name, absolute),
                needs=manifest.needs,
                lifecycle=manifest.lifecycle,
                labels=manifest.labels,
            )
            result.append(desired)
    return tuple(result)


def _report_collision(unique_id: str, path: str, files: tuple[str, str], report: Report) -> None:
    first, second = map(report.shown, files)
    detail = f"{first} and {second} both become {unique_id!r}"
    if normalize("NFC", first) == normalize("NFC", second):
        detail += "; their names differ only in how accents are encoded"
    report.add("LS203", detail, item=path, where=("spec", "uniqueId"))

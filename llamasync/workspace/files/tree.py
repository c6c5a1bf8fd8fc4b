"""A FileSet's tree becomes one Desired a file."""

from __future__ import annotations

import json
from unicodedata import normalize

from llamasync.core.address import Address
from llamasync.core.many import sharing_maker_of
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


_make_content = sharing_maker_of(Content, "inline")(None)
_share = sharing_maker_of(
    Desired,
    *("kind", "source", "parent", "needs", "lifecycle", "labels"),
    *("previous_keys", "delete_contents", "sync", "follow_up", "is_shared"),
)


def _build_all(manifest: FileManifest, naming: Naming, values: list[Value], report: Report) -> tuple[Desired, ...]:
    kind, name = manifest.address.kind, manifest.address.name
    common = (manifest.kind, manifest.place(report.where), manifest.parent)
    make = _share(*common, manifest.needs, manifest.lifecycle, manifest.labels, (), False, None, None, False)
    expand, fields_of, address_of = naming.unique_id.expand, naming.fields, tuple.__new__
    more = {path.removesuffix(SIDECAR): json.loads(text) for path, _, _, _, text in values if text[:1] == "{"}
    taken: dict[str, str] = {}
    result = []
    for path, file_name, absolute, size_bytes, sha256 in values:
        if file_name.endswith(SIDECAR):
            continue
        unique_id = expand(path, file_name)
        fields = fields_of(unique_id, path, file_name, sha256, more.get(path))
        if not (unique_id and fields["display_name"]):
            report_empty_name(report, unique_id, path)
        elif (other := taken.setdefault(unique_id, absolute)) is not absolute:
            _report_collision(unique_id, path, (other, absolute), report)
        elif sha256:
            address = address_of(Address, (kind, name, path))  # in half the time of Address(...)
            result.append(make(address, fields, (unique_id,), _make_content(sha256, size_bytes, file_name, absolute)))
    return tuple(result)


def _report_collision(unique_id: str, path: str, files: tuple[str, str], report: Report) -> None:
    first, second = map(report.shown, files)
    detail = f"{first} and {second} both become {unique_id!r}"
    if normalize("NFC", first) == normalize("NFC", second):
        detail += "; their names differ only in how accents are encoded"
    report.add("LS203", detail, item=path, where=("spec", "uniqueId"))

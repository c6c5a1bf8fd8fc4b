"""Makes Desired of manifests whose references are closed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.reference import Reference
from llamasync.kinds.facts import ContentSource
from llamasync.kinds.registry import all_kinds
from llamasync.manifest.manifest import Manifest
from llamasync.workspace.desired import Desired, FileGroup, Lifecycle
from llamasync.workspace.references import Closed
from llamasync.workspace.schema_check import build_spec

if TYPE_CHECKING:
    from llamasync.workspace.files.cache import FileCache
    from llamasync.workspace.files.model import Fetch


def build_object(manifest: Manifest, closed: Closed) -> Desired:
    """Build the one object of a manifest whose kind has no content."""
    build = all_kinds()[manifest.kind].build
    assert build is not None, f"{manifest.kind} has neither content nor build"
    built = build(build_spec(manifest), manifest.name)
    return Desired(
        address=manifest.address,
        kind=manifest.kind,
        fields=built.fields,
        key=built.key,
        source=manifest.source,
        parent=closed.parent,
        previous_keys=built.previous_keys,
        needs=tuple(closed.needs),
        lifecycle=lifecycle_of(manifest),
        labels=manifest.labels,
        delete_contents=built.delete_contents,
        sync=built.sync,
        follow_up=built.follow_up,
    )


def read_objects(
    manifest: Manifest,
    closed: Closed,
    root: Path,
    problems: list[Diagnostic],
    cache: FileCache | None,
    fetch: Fetch | None,
) -> tuple[Desired, ...]:
    """Build the objects of a manifest whose kind has content, reading that content."""
    from llamasync.workspace.files.model import FileManifest
    from llamasync.workspace.files.read import read_files

    described = FileManifest(
        address=manifest.address,
        kind=manifest.kind,
        spec=build_spec(manifest),
        folder=manifest.folder,
        root=root,
        place=manifest.place,
        parent=_parent(closed),
        needs=tuple(closed.needs),
        lifecycle=lifecycle_of(manifest),
        labels=manifest.labels,
    )
    return read_files(described, problems, cache, fetch)


def build_group(manifest: Manifest, closed: Closed) -> FileGroup | None:
    """Build the group that a manifest of a tree stands for; None for any other manifest."""
    if all_kinds()[manifest.kind].content is not ContentSource.TREE:
        return None
    spec: Any = build_spec(manifest)
    return FileGroup(
        address=manifest.address,
        kind=manifest.kind,
        parent=_parent(closed),
        prune=spec.prune,
        source=manifest.source,
        lifecycle=lifecycle_of(manifest),
        labels=manifest.labels,
    )


def lifecycle_of(manifest: Manifest) -> Lifecycle:
    """Return how the manifest wants its objects treated."""
    form = manifest.lifecycle
    return Lifecycle(protect=form.protect, ignore_changes=form.ignore_changes, on_remove=form.on_remove)


def check_claims(objects: Iterable[Desired]) -> list[Diagnostic]:
    """Report objects of different manifests that would be one and the same live object, with both places."""
    places: dict[tuple[str, Reference | None], dict[tuple[str, ...], Desired]] = {}
    problems = []
    first: dict[tuple[str, ...], Desired] = {}
    collection, last = "", None
    for one in objects:
        if last is None or one.parent is not last.parent or one.kind != last.kind:  # files of one tree share theirs
            collection = all_kinds()[one.kind].collection.name
            first = places.setdefault((collection, one.parent), {})
        last = one
        other = first.setdefault(one.key, one)
        if other is one or other.address.manifest == one.address.manifest:
            continue
        what = " / ".join(one.key)
        if one.content is not None:
            detail = f"{one.address} and {other.address} are both `{what}` in {one.parent}"
            code = "LS203"
        else:
            detail = f"{one.address} and {other.address} are both the {collection} entry `{what}`"
            code = "LS316"
        hint = f"the other one is at {other.source}"
        problems.append(Diagnostic(code, detail, one.source, one.address, hint=hint))
    return problems


def _parent(closed: Closed) -> Reference:
    assert closed.parent is not None, "kinds with content live inside of another object"
    return closed.parent

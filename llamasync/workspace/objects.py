"""Makes Desired of manifests whose references are closed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.many import maker_of
from llamasync.core.naming import to_camel
from llamasync.core.reference import Reference
from llamasync.kinds.facts import ContentSource, Kind
from llamasync.kinds.registry import kind_named
from llamasync.manifest.manifest import NOTHING_SAID, Manifest
from llamasync.workspace.desired import Desired, FileGroup, Lifecycle
from llamasync.workspace.references import Closed
from llamasync.workspace.schema_check import build_spec

if TYPE_CHECKING:
    from llamasync.workspace.files.cache import FileCache
    from llamasync.workspace.files.model import Fetch
    from llamasync.workspace.items.lot import Lot


_make = maker_of(Desired)
_ORDINARY = Lifecycle()


def build_object(manifest: Manifest, closed: Closed) -> Desired:
    """Build the one object of a manifest whose kind has no content."""
    address = manifest.address
    build = kind_named(address.kind).build
    assert build is not None, f"{address.kind} has neither content nor build"
    built = build(build_spec(manifest), address.name)
    return _make(
        address,
        address.kind,
        built.fields,
        built.key,
        manifest.source,
        closed.parent,
        built.previous_keys,
        None,  # no content
        tuple(closed.needs),
        lifecycle_of(manifest),
        manifest.labels,
        built.delete_contents,
        built.sync,
        built.follow_up,
        False,  # nobody else writes to it
    )


def read_objects(
    manifest: Manifest,
    closed: Closed,
    root: Path,
    problems: list[Diagnostic],
    cache: FileCache | None,
    fetch: Fetch | None,
) -> tuple[Desired, ...]:
    """Build the objects of a manifest whose kind has files as content, reading that content."""
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


def read_list(
    manifest: Manifest, closed: Closed, root: Path, problems: list[Diagnostic], many: int | None
) -> tuple[tuple[Desired, ...], Lot | None]:
    """Build the objects of a manifest whose content is a list of items; as a Lot, from a file of `many` bytes on."""
    from llamasync.workspace.items.read import ItemManifest, read_items

    spec: Any = build_spec(manifest)
    shared = {
        "kind": manifest.kind,
        "parent": place_of(kind_named(manifest.kind), spec),
        "needs": tuple(closed.needs),
        "lifecycle": lifecycle_of(manifest),
        "labels": manifest.labels,
        "is_shared": spec.ownership == "fields",
    }
    described = ItemManifest(
        address=manifest.address,
        spec=spec,
        folder=manifest.folder,
        root=root,
        place=manifest.place,
        shared=shared,
    )
    return read_items(described, problems, many=many)


def build_group(manifest: Manifest, closed: Closed) -> FileGroup | None:
    """Build the group that a manifest of many objects stands for; None for any other manifest."""
    kind = kind_named(manifest.kind)
    if kind.content not in (ContentSource.TREE, ContentSource.ITEMS):
        return None
    spec: Any = build_spec(manifest)
    is_scoped = kind.collection.scope is not None
    return FileGroup(
        address=manifest.address,
        kind=manifest.kind,
        parent=place_of(kind, spec) if is_scoped else _parent(closed),
        prune=spec.prune,
        source=manifest.place(("spec", to_camel(kind.collection.scope.fields[0])))
        if kind.collection.scope
        else manifest.source,
        key_field=spec.key if is_scoped else "",
        lifecycle=lifecycle_of(manifest),
        labels=manifest.labels,
    )


def place_of(kind: Kind, spec: Any) -> str:
    """Return the name of the place that a spec tells, for a kind whose objects live in no other object."""
    scope = kind.collection.scope
    assert scope is not None, f"{kind.name} has no scope"
    return scope.name_of({name: getattr(spec, name) for name in scope.fields})


def lifecycle_of(manifest: Manifest) -> Lifecycle:
    """Return how the manifest wants its objects treated."""
    form = manifest.lifecycle
    if form is NOTHING_SAID:
        return _ORDINARY
    return Lifecycle(protect=form.protect, ignore_changes=form.ignore_changes, on_remove=form.on_remove)


def _parent(closed: Closed) -> Reference:
    assert closed.parent is not None, "kinds with content live inside of another object"
    return closed.parent

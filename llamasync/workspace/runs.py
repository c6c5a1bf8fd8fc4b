"""Makes DesiredRun of manifests of runs, and checks what can be known of their inputs offline."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.reference import Reference
from llamasync.kinds.facts import ContentSource
from llamasync.kinds.registry import kind_named
from llamasync.manifest.document import near
from llamasync.manifest.manifest import Manifest
from llamasync.workspace.desired import Desired, DesiredRun
from llamasync.workspace.objects import lifecycle_of
from llamasync.workspace.references import Closed
from llamasync.workspace.schema_check import build_spec


def build_run(manifest: Manifest, closed: Closed, root: Path, problems: list[Diagnostic]) -> DesiredRun | None:
    """Build the run of a manifest; None, and a problem more, when its input is none. Never raises."""
    build = kind_named(manifest.kind).build_run
    assert build is not None, f"{manifest.kind} is a run"
    built = build(build_spec(manifest), manifest.name)
    save, wrong = _save_folder(manifest, built.options.save, root)
    problems += wrong
    if built.problem is not None:
        name, detail = built.problem
        place = manifest.place(("spec", name))
        problems.append(Diagnostic("LS723", detail, place, manifest.address, f"spec.{name}"))
        return None
    file = built.file.address if built.file else None
    needs = set(closed.needs)
    if file is not None:
        needs = (needs - {file.manifest}) | {file}
    return DesiredRun(
        address=manifest.address,
        kind=manifest.kind,
        configuration=built.configuration,
        rest=built.rest,
        options=built.options,
        source=manifest.source,
        directory=built.directory,
        file=file,
        ids=built.items or ((built.file.id,) if built.file and built.file.id else ()),
        save=save,
        save_shown=os.path.relpath(save, root).replace(os.sep, "/") if save else "",
        needs=tuple(sorted(needs)),
        lifecycle=lifecycle_of(manifest),
        labels=manifest.labels,
    )


def check_runs(
    runs: Iterable[DesiredRun],
    manifests: Mapping[Address, Manifest],
    objects: Mapping[Address, Desired],
    read: Container[Address],
    told: Container[Address | None] = (),
) -> list[Diagnostic]:
    """Check the files that runs name: that they are there, where their manifest is among those `read`, and that they
    are of a type that the run takes. Also that no results would become documents, and that a configuration is for the
    product that the run uses. Of files that have a problem already (`told`) nothing more is said."""
    runs = tuple(runs)
    trees = list(_trees(manifests.values())) if runs else []
    problems: list[Diagnostic] = []
    for one in runs:
        manifest = manifests[one.address]
        if one.file not in told:
            problems += _check_file(one, manifest, objects, read)
        problems += _check_product(one, manifest, objects)
        for owner, tree in trees:
            if one.save and os.path.commonpath([tree, one.save]) == tree:
                detail = f"{_below(one.save, manifest)} is in the source of {owner}: results would become documents"
                field = ("spec", "results", "save")
                problems.append(Diagnostic("LS726", detail, manifest.place(field), one.address, "spec.results.save"))
    return problems


def _check_file(
    one: DesiredRun, manifest: Manifest, objects: Mapping[Address, Desired], read: Container[Address]
) -> Iterator[Diagnostic]:
    file, fact = one.file, kind_named(one.kind).run
    if file is None or fact is None or file.manifest not in read:
        return
    field = ("spec", "file", "path" if file.item else "file")
    where = ".".join(field)
    found = objects.get(file)
    if found is None and file.item:
        known = {address.item: address for address in objects if address.manifest == file.manifest}
        if known:
            meant = near(file.item, known)
            hint = f"did you mean {meant}?" if meant else ""
            detail = f"{file.manifest} has no {file.item}"
            yield Diagnostic("LS725", detail, manifest.place(field), one.address, where, hint)
        return
    name = str(found.fields.get("display_name") or found.key[-1]) if found else ""
    suffix = posixpath.splitext(name)[1].lower()
    if found and fact.suffixes and suffix not in fact.suffixes:
        taken = ", ".join(sorted(fact.suffixes))
        detail = f"{file} is a {suffix or 'file without a suffix'}; a {one.kind} takes {taken}"
        yield Diagnostic("LS722", detail, manifest.place(field), one.address, where)


def _check_product(one: DesiredRun, manifest: Manifest, objects: Mapping[Address, Desired]) -> Iterator[Diagnostic]:
    kind = kind_named(one.kind)
    places = [fact.field for fact in kind.references if fact.field.rpartition(".")[2] == "configuration"]
    for work in kind.works(one.configuration):
        configuration = work.configuration
        if not isinstance(configuration, Reference) or configuration.address is None:
            continue
        found = objects.get(configuration.address)
        product = str(found.fields.get("product_type")) if found else work.product
        if product == work.product or product.partition("_v")[0] == work.product:
            continue
        where = f"spec.{places[0]}"
        detail = f"{configuration} is for {product}; the run uses {work.product}"
        yield Diagnostic("LS730", detail, manifest.place(tuple(where.split("."))), one.address, where)


def _save_folder(manifest: Manifest, save: str, root: Path) -> tuple[str, list[Diagnostic]]:
    if not save:
        return "", []
    folder = os.path.normpath(manifest.folder / save)
    if os.path.commonpath([folder, root]) == str(root):
        return folder, []
    field = ("spec", "results", "save")
    detail = f"{save} leads out of the workspace"
    return "", [Diagnostic("LS726", detail, manifest.place(field), manifest.address, "spec.results.save")]


def _trees(manifests: Iterable[Manifest]) -> Iterator[tuple[Address, str]]:
    for manifest in manifests:
        if kind_named(manifest.kind).content is ContentSource.TREE:
            spec: Any = build_spec(manifest)
            yield manifest.address, os.path.normpath(manifest.folder / spec.source)


def _below(folder: str, manifest: Manifest) -> str:
    return os.path.relpath(folder, manifest.folder)

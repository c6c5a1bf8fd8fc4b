"""Reads every document of a workspace that may be a manifest, and the overlays of its environment."""

from __future__ import annotations

import os
from collections import ChainMap, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.kinds.facts import ContentSource
from llamasync.kinds.registry import find_kind
from llamasync.manifest.discovery import manifest_files
from llamasync.manifest.document import find
from llamasync.manifest.expressions import Scope
from llamasync.manifest.read import read_documents, relative
from llamasync.manifest.settings import FILE_NAME, Settings
from llamasync.workspace.draft import Draft, build_draft

_FIELDS = {ContentSource.TREE: "source", ContentSource.ITEMS: "itemsFrom"}


@lean_dataclass(slots=True)
class Gathered:
    """What was found. `problems` are those of whole files; `unread` are the files a part of which is unknown."""

    drafts: list[Draft] = field(default_factory=list)
    overlays: dict[Address, list[Draft]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Diagnostic] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


def gather(root: Path, settings: Settings, paths: Sequence[Path], scope: Scope) -> Gathered:
    """Read overlays and manifests. `paths` (absolute) are read even where the settings name other folders."""
    gathered = Gathered()
    _read_overlays(root, settings, scope, gathered)
    by_file: dict[Path, list[Draft]] = {}
    problems: dict[Path, list[Diagnostic]] = {}
    trees: dict[Path, Path] = {}  # a tree of documents, or a file of items, and the file of the manifest that names it
    overlays = {folder: folder for folder in (_inside(root, text) for text in settings.overlay_folders)}
    usual = _entries(root, settings, gathered.problems)
    entries = [*usual, *(path for path in paths if path != root / FILE_NAME)]
    passed: list[Path] = []
    for path in manifest_files(entries, ChainMap(trees, overlays), passed):  # which sees the trees that are added
        if path not in paths and _in_tree(path, trees):
            continue
        documents, problems[path] = read_documents(path, relative(path, root))
        folder = path.parent
        by_file[path] = [build_draft(one, folder, scope) for one in documents if one.data is not None or one.broken]
        trees.update((tree, path) for tree in _trees(by_file[path], gathered.overlays))
    for path, drafts in by_file.items():
        if path not in paths and _in_tree(path, trees):
            continue
        gathered.drafts += drafts
        if not any(entry == path or entry in path.parents for entry in usual):
            detail = f"{relative(path, root)} is in none of the places of spec.manifests"
            gathered.problems.append(
                Diagnostic("LS123", detail, Source(relative(path, root)), severity=Severity.WARNING)
            )
        gathered.problems += problems[path]
        if any(problem.code in ("LS101", "LS117") for problem in problems[path]):
            gathered.unread.add(relative(path, root))
    for path in passed:
        if not _in_tree(path, trees) and path not in overlays:
            _tell_passed(path, root, [] if settings.manifests is None else usual, gathered)
    return gathered


def _tell_passed(path: Path, root: Path, named: Sequence[Path], gathered: Gathered) -> None:
    """Report what was not looked into although it may hold manifests: what is no regular file, and a link to a folder
    where the settings have `named` what to read, unless it leads to a place that is read."""
    detail, hint = "it is no regular file", "Remove it, or give it a name that does not end with .yaml or .yml."
    if path.is_dir():
        target = path.resolve()
        if not named or any(entry.resolve() in (target, *target.parents) for entry in named):
            return
        detail = "it is a link to a folder, and those are not followed"
        hint = "Name the folder that it leads to in spec.manifests of llamasync.yaml, or remove the link."
    file = relative(path, root)
    gathered.problems.append(Diagnostic("LS117", detail, Source(file), hint=hint))
    gathered.unread.add(file)


def _entries(root: Path, settings: Settings, problems: list[Diagnostic]) -> list[Path]:
    if settings.manifests is None:
        return [root]
    entries = []
    for number, text in enumerate(settings.manifests):
        path = _inside(root, text)
        if os.path.exists(path):
            entries.append(path)
        else:
            field_path = ("spec", "manifests", number)
            source = settings.place(field_path)
            problems.append(Diagnostic("LS119", f"there is no {text}", source, field=f"spec.manifests[{number}]"))
    return entries


def _read_overlays(root: Path, settings: Settings, scope: Scope, gathered: Gathered) -> None:
    for number, text in enumerate(settings.overlays):
        folder = _inside(root, text)
        if not os.path.exists(folder):
            place = ("spec", "environments", settings.environment or "", "overlays", number)
            name = f"spec.environments.{settings.environment}.overlays[{number}]"
            hint = f"correct the path under spec.environments.{settings.environment}.overlays in {FILE_NAME}"
            gathered.problems.append(
                Diagnostic("LS119", f"there is no {text}", settings.place(place), field=name, hint=hint)
            )
            continue
        passed: list[Path] = []
        for path_found in manifest_files([folder], passed=passed):
            file = relative(path_found, root)
            documents, problems = read_documents(path_found, file)
            gathered.problems += problems
            for document in documents:
                draft = build_draft(document, path_found.parent, scope)
                if draft.address is not None:
                    gathered.overlays[draft.address].append(draft)
                elif document.data is not None:
                    detail = "an overlay needs the kind and the metadata.name of the manifest that it changes"
                    gathered.problems.append(Diagnostic("LS112", detail, document.place()))
        for path in passed:
            _tell_passed(path, root, [folder], gathered)


def _trees(drafts: Sequence[Draft], overlays: Mapping[Address, Sequence[Draft]]) -> Iterator[Path]:
    """Iterate over the folders whose files, and the files whose items, drafts' objects are made of: no manifests."""
    for draft in drafts:
        kind = find_kind(draft.address.kind) if draft.address else None
        if draft.address is None or kind is None or kind.content not in _FIELDS:
            continue
        for data in (draft.data, *(overlay.data for overlay in overlays.get(draft.address, ()))):
            source = find(data, ("spec", _FIELDS[kind.content]))
            if isinstance(source, str):
                tree = _inside(draft.folder, source)
                for one in dict.fromkeys((tree, Path(os.path.realpath(tree)))):  # it may lead through a link
                    if one not in (draft.folder, *draft.folder.parents):  # it would leave out the manifest itself
                        yield one


def _in_tree(path: Path, trees: Mapping[Path, Path]) -> bool:
    return bool(trees) and (path in trees or any(parent in trees for parent in path.parents))


def _inside(folder: Path, text: str) -> Path:
    return Path(os.path.normpath(folder / text))


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def no_manifest_in(paths: Sequence[Path]) -> Diagnostic:
    """LS119: the paths asked for are there, and what they hold is none."""
    return Diagnostic("LS119", f"no manifest is in {', '.join(str(_from_here(path)) for path in paths)}", Source(""))


def missing_paths(root: Path, paths: Sequence[Path]) -> list[Diagnostic]:
    """Return a problem for each path asked for that does not exist, or lies outside of the workspace."""
    problems = []
    for path in paths:
        if not os.path.exists(path):
            problems.append(Diagnostic("LS119", f"there is no {_from_here(path)}", Source("")))
        elif path != root and root not in path.parents:
            problems.append(Diagnostic("LS119", f"{path} lies outside of the workspace {root}", Source("")))
    return problems

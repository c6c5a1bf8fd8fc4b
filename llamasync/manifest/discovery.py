"""Finds the workspace and the files in it that may hold manifests."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from llamasync.manifest.settings import FILE_NAME

_SUFFIXES = (".yaml", ".yml")
_SIDECARS = (".meta.yaml", ".meta.yml")


def find_root(start: Path) -> Path:
    """Return the folder of the nearest `llamasync.yaml` at or above `start` (a file or folder); else its own folder."""
    start = Path(os.path.abspath(start))
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if (candidate / FILE_NAME).is_file():
            return candidate
    return folder


def manifest_files(entry: Path) -> Iterator[Path]:
    """Iterate, sorted, over the YAML files at or below `entry` that may hold manifests, those of a folder before those
    of folders in it.

    Hidden folders are left out, and so are sidecars and settings. Links to folders are not followed. Yields nothing for
    what does not exist.
    """
    if entry.is_dir():
        yield from _walk(str(entry))
    elif entry.is_file():
        yield entry


def manifest_levels(entries: Iterable[Path], skip: Container[str]) -> Iterator[list[Path]]:
    """Iterate over the same files at or below all of `entries`, level by level from the root, each level sorted.

    `skip` names folders that are left out, wherever they are met. It is asked when the turn of a folder comes: what was
    read of the levels above may have added to it, so that a tree of documents is not walked in search of manifests.
    """
    files: defaultdict[int, set[Path]] = defaultdict(set)
    folders: defaultdict[int, dict[str, bool]] = defaultdict(
        dict
    )  # by the level of what is in them; true: was asked for
    for entry in entries:
        level = len(entry.parts)
        if entry.is_dir():
            folders[level + 1][str(entry)] = True
        elif entry.is_file():
            files[level].add(entry)
    while files or folders:
        level = min((*files, *folders))
        found = files.pop(level, set())
        for folder, is_asked_for in folders.pop(level, {}).items():
            if is_asked_for or folder not in skip:
                inside, below = _look(folder)
                found.update(inside)
                for one in below:
                    folders[level + 1].setdefault(one, False)
        yield sorted(found)


def _walk(folder: str) -> Iterator[Path]:
    files, folders = _look(folder)
    yield from files
    for path in folders:
        yield from _walk(path)


def _look(folder: str) -> tuple[list[Path], list[str]]:
    """Return the files in a folder that may hold manifests, and the folders in it, both sorted."""
    try:
        with os.scandir(folder) as found:
            # Most of a tree of documents is neither.
            kept = [entry for entry in found if entry.name.endswith(_SUFFIXES) or entry.is_dir(follow_symlinks=False)]
    except OSError:
        return [], []
    files, folders = [], []
    for entry in sorted(kept, key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
        elif not entry.name.endswith(_SIDECARS) and entry.name != FILE_NAME:
            files.append(Path(entry.path))
    return files, folders

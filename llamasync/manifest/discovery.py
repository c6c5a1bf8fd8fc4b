"""Finds the workspace and the files in it that may hold manifests."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from llamasync.manifest.settings import FILE_NAME

SUFFIXES = (".yaml", ".yml")
_SIDECARS = (".meta.yaml", ".meta.yml")


def find_root(start: Path) -> Path:
    """Return the folder of the nearest `llamasync.yaml` at or above `start` (a file or folder); else its own folder."""
    start = Path(os.path.abspath(start))
    # Here and below os.path says no, where Path raises, to a name that is too long.
    folder = start if os.path.isdir(start) else start.parent
    for candidate in (folder, *folder.parents):
        if os.path.isfile(candidate / FILE_NAME):
            return candidate
    return folder


def manifest_files(
    entries: Iterable[Path], skip: Container[Path] = (), passed: list[Path] | None = None
) -> Iterator[Path]:
    """Iterate over the YAML files at or below `entries` that may hold manifests, level by level from the root, each
    level sorted.

    Hidden folders and those of `skip` are left out, and so are sidecars and settings. Links to folders are not
    followed, and pipes, sockets and devices are not opened: both are added to `passed`. A folder that cannot be listed
    is among the files: reading it says why. Yields nothing for what does not exist. `skip` is asked when the turn of a
    folder comes: what was read of the levels above may have added to it, so that a tree of documents is not walked in
    search of manifests.
    """
    # Both by the level of the files; of the folders, those that were asked for are looked at whatever `skip` says.
    files: defaultdict[int, set[Path]] = defaultdict(set)
    folders: defaultdict[int, dict[Path, bool]] = defaultdict(dict)
    for entry in entries:
        level = len(entry.parts)
        if os.path.isdir(entry):
            folders[level + 1][entry] = True
        elif os.path.isfile(entry):
            files[level].add(entry)
    while files or folders:
        level = min((*files, *folders))
        found = files.pop(level, set())
        for folder, is_asked_for in folders.pop(level, {}).items():
            if is_asked_for or folder not in skip:
                inside, below, others = _look(folder)
                found.update(inside)
                for one in below:
                    folders[level + 1].setdefault(one, False)
                if passed is not None:
                    passed += others
        yield from sorted(found)


def _look(folder: Path) -> tuple[list[Path], list[Path], list[Path]]:
    """Return the files in a folder that may hold manifests, the folders in it, and what is looked into no further."""
    try:
        with os.scandir(folder) as found:
            # Most of a tree of documents is none of these.
            kept = [
                entry
                for entry in found
                if entry.name.endswith(SUFFIXES) or entry.is_dir(follow_symlinks=False) or entry.is_symlink()
            ]
    except FileNotFoundError:  # it has just gone
        return [], [], []
    except OSError:
        return [folder], [], []
    files: list[Path] = []
    folders: list[Path] = []
    others: list[Path] = []
    for entry in kept:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
        elif entry.is_symlink() and path.is_dir():
            others.append(path)
        elif entry.name.endswith(SUFFIXES) and not entry.name.endswith(_SIDECARS) and entry.name != FILE_NAME:
            is_special = path.exists() and not path.is_file() if entry.is_symlink() else not entry.is_file()
            (others if is_special else files).append(path)
    return files, folders, others

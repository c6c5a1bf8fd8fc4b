"""Finds the workspace and the files in it that may hold manifests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
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


def manifest_files(entry: Path, skip: Iterable[Path] = ()) -> Iterator[Path]:
    """Iterate, sorted, over the YAML files at or below `entry` that may hold manifests.

    Hidden folders and those of `skip` are left out, and so are sidecars and settings. Links to folders are not
    followed. Yields nothing for what does not exist.
    """
    if entry.is_dir():
        yield from _walk(str(entry), frozenset(map(str, skip)))
    elif entry.is_file():
        yield entry


def _walk(folder: str, skip: frozenset[str]) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            # Most of a tree of documents is neither.
            kept = [entry for entry in found if entry.name.endswith(_SUFFIXES) or entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    folders = []
    for entry in sorted(kept, key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.path not in skip:
                folders.append(entry.path)
        elif not entry.name.endswith(_SIDECARS) and entry.name != FILE_NAME:
            yield Path(entry.path)
    for path in folders:
        yield from _walk(path, skip)

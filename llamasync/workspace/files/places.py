"""Where a manifest's source is, and whether it may be read: inside the workspace, with every symbolic link followed."""

from __future__ import annotations

import os

from llamasync.manifest.document import near
from llamasync.workspace.files.report import Report, readable


def is_inside(path: str, folder: str) -> bool:
    """Say whether the absolute, normalised `path` is `folder` or below it.

    >>> is_inside("/w/docs/a", "/w/docs"), is_inside("/w/docs2", "/w/docs"), is_inside("/a", "/")
    (True, False, True)
    """
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def find_source(written: str, report: Report, *, folder: bool) -> str | None:
    """Return the real absolute path of the source as written; None, and a problem, when it may not be read.

    `folder` says whether it has to be a folder or a file. Raises nothing.
    """
    if os.path.isabs(written):
        report.add(
            "LS202", f"{readable(written)} is an absolute path", hint="write it relative to the manifest's own folder"
        )
        return None
    base = os.path.realpath(report.manifest.folder)
    path = os.path.join(base, written)
    if not is_inside(os.path.normpath(path), report.root):
        report.add("LS202", f"{readable(written)} leads out of the workspace")
        return None
    if not os.path.exists(path):
        report.add("LS201", f"there is no {_noun(folder)} {report.shown(path)}", hint=_suggest(path))
        return None
    real = os.path.realpath(path)
    if not is_inside(real, report.root):
        report.add(
            "LS202", f"{readable(written)} leads out of the workspace through a symbolic link, to {readable(real)}"
        )
        return None
    if not is_text(os.path.relpath(real, report.root)):
        report.add("LS213", f"{report.shown(real)} is not UTF-8")
        return None
    if os.path.isdir(real) != folder:
        hint = "" if folder else "use a FileSet for the files of a folder"
        report.add("LS201", f"{report.shown(real)} is not a {_noun(folder)}", hint=hint)
        return None
    return real


def folder_inside(folder: str, report: Report) -> str:
    """Return the real absolute `folder` as the cache calls it: relative to the workspace, with a last `/`, or ""."""
    path = os.path.relpath(folder, report.root).replace(os.sep, "/")
    return "" if path == "." else path + "/"


def is_text(name: str) -> bool:
    """Say whether `name` is Unicode text, so that the service can have it: a name that is not UTF-8 on disk is not."""
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _noun(folder: bool) -> str:
    return "folder" if folder else "file"


def _suggest(path: str) -> str:
    parent, name = os.path.split(os.path.normpath(path))
    try:
        other = near(name, sorted(os.listdir(parent)))
    except (OSError, ValueError):
        return ""
    return f"did you mean {other}?" if other else ""

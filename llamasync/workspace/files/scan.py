"""The files of a tree, sorted by path, as a stream: names and stats only, no file is opened.

What is taken, besides the patterns (`patterns`):

- `.git`, `.hg`, `.svn` and `.llamasync` never are, and neither are `Thumbs.db`, `desktop.ini` and office programs'
  lock files (`~$report.docx`); hidden files only when a pattern names them.
- Symbolic links to files are taken when they lead to a file inside of the source; one that leads out of it, or into a
  folder that is never taken, is LS210. Links to folders inside are not followed, so there are no circles: the files
  are taken where they are. A link to a folder outside is LS210 too, for what it shows would be missing without a
  word.
- Names are normalised to NFC. A name that is not UTF-8 is LS213; pipes, sockets and devices are LS206.
- `<file>.meta.yaml` is taken with its file, whatever `include` says. One without its file is LS209.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import normalize

from llamasync.workspace.files.patterns import Selection
from llamasync.workspace.files.places import is_inside, is_text
from llamasync.workspace.files.report import Report, readable

SIDECAR = ".meta.yaml"
NEVER = frozenset({".git", ".hg", ".svn", ".llamasync"})
LITTER = frozenset({"Thumbs.db", "thumbs.db", "desktop.ini", "Desktop.ini"})

Entry = tuple[str, "os.DirEntry[str]"]
_new_tuple = tuple.__new__


class Found(NamedTuple):
    """One file, or sidecar: its path inside the source (`/`, NFC), its last part, where it is, and its stat."""

    path: str
    name: str
    absolute: str
    stat: os.stat_result


class _Folder(NamedTuple):
    """A folder being read: its path inside the source with a last `/`, whether it is hidden, the sorted keys of what is
    in it, and what is left of it.

    What was looked at is let go of at once: an entry keeps its stat, which together take more memory than all else.
    """

    path: str
    hidden: bool
    keys: list[str]
    rest: Iterator[Entry]


def scan_tree(top: str, selection: Selection, report: Report) -> Iterator[Found]:
    """Iterate over the files below the real path `top` that are taken, and their sidecars, in the order of paths."""
    scan = _Scan(top, selection, report)
    stack = scan.open(top, "", hidden=False)
    look = scan.look
    while stack:
        folder = stack[-1]
        prefix, under_hidden = folder.path, folder.hidden
        everything = selection.everything and not under_hidden
        for key, entry in folder.rest:
            if key[-1] == "/":
                stack += scan.enter(entry, prefix, key, under_hidden)
                break
            if everything and key[0] not in ".~" and key not in LITTER and not key.endswith(SIDECAR):
                path = prefix + key
            elif (path := scan.choose(folder, key)) == "":
                continue
            if (found := look(entry, path, key)) is not None:
                yield found
        else:
            stack.pop()


class _Scan:
    """The decisions of one scan that are not taken for every file of an ordinary tree."""

    def __init__(self, top: str, selection: Selection, report: Report) -> None:
        self.top = top
        self.selection = selection
        self.report = report

    def open(self, absolute: str, path: str, *, hidden: bool) -> list[_Folder]:
        """Read a folder; a list of one, or of none when it cannot be read."""
        try:
            with os.scandir(absolute) as entries:
                listed = [(_key(entry), entry) for entry in entries]
        except OSError as error:
            self._unreadable(absolute, path, error)
            return []
        listed.sort(key=_first)
        rest = [None, *reversed(listed)]
        return [_Folder(path, hidden, [key for key, _ in listed], iter(rest.pop, None))]

    def enter(self, entry: os.DirEntry[str], prefix: str, key: str, under_hidden: bool) -> list[_Folder]:
        """Read a folder below, unless nothing in it can be taken."""
        path, hidden = prefix + key, under_hidden or key[0] == "."
        if key[:-1] in NEVER or (hidden and not self.selection.takes_hidden) or self.selection.excludes_folder(path):
            return []
        if not self._named(path, entry.path):
            return []
        return self.open(entry.path, path, hidden=hidden)

    def choose(self, folder: _Folder, key: str) -> str:
        """Return the path of the file when it is taken, else ""."""
        path, hidden = folder.path + key, folder.hidden or key[0] == "."
        if key in NEVER or key in LITTER or key.startswith("~$") or (hidden and not self.selection.takes_hidden):
            return ""
        if not key.endswith(SIDECAR):
            return path if self.selection.takes(path, hidden=hidden) else ""
        base = key.removesuffix(SIDECAR)
        at = bisect_left(folder.keys, base)
        if at < len(folder.keys) and folder.keys[at] == base:
            taken = not self.selection.excludes(path) and self.selection.takes(folder.path + base, hidden=hidden)
            return path if taken else ""
        if self.selection.takes(path, hidden=hidden):
            detail = f"{self._shown(path)} is there, {readable(base)} is not"
            self.report.add("LS209", detail, item=path)
        return ""

    def look(self, entry: os.DirEntry[str], path: str, key: str) -> Found | None:
        """Return the file with its stat; None, and mostly a problem, when it cannot be taken."""
        if not path.isascii() and not self._named(path, entry.path):
            return None
        try:
            if entry.is_file(follow_symlinks=False):
                # A third of what Found(...) takes, for which Python has a function of its own in between.
                return _new_tuple(Found, (path, key, entry.path, entry.stat(follow_symlinks=False)))
            if entry.is_symlink():
                return self._follow(entry, path, key)
        except OSError as error:
            self._unreadable(entry.path, path, error)
            return None
        self.report.add("LS206", f"{self._shown(path)} is a pipe, a socket or a device", item=path)
        return None

    def _follow(self, entry: os.DirEntry[str], path: str, key: str) -> Found | None:
        real = os.path.realpath(entry.path)
        inner = real[len(self.top) :].split(os.sep)
        if not is_inside(real, self.top) or not NEVER.isdisjoint(inner):
            # A pattern such as `linked/` speaks of a folder, as which people see the link.
            if not self.selection.excludes(path + "/"):
                self.report.add("LS210", f"{self._shown(path)} leads to {self.report.shown(real)}", item=path)
            return None
        stat = os.stat(real)
        if os.path.isdir(real):
            return None
        if not os.path.isfile(real):
            self.report.add("LS206", f"{self._shown(path)} leads to a pipe, a socket or a device", item=path)
            return None
        return Found(path, key, real, stat)

    def _named(self, path: str, absolute: str) -> bool:
        """Say whether the name is text; a problem when it is not."""
        if is_text(path):
            return True
        self.report.add("LS213", f"{self.report.shown(absolute)} is not UTF-8", item=path)
        return False

    def _unreadable(self, absolute: str, path: str, error: OSError) -> None:
        self.report.add("LS206", f"{self.report.shown(absolute)}: {error.strerror or error}", item=path)

    def _shown(self, path: str) -> str:
        return self.report.shown(os.path.join(self.top, path))


def _key(entry: os.DirEntry[str]) -> str:
    """Return the normalised name, with a `/` when it is a folder: sorted by these, a tree is in the order of paths."""
    name = entry.name
    if not name.isascii():
        name = normalize("NFC", name)
    return name + "/" if entry.is_dir(follow_symlinks=False) else name


def _first(entry: Entry) -> str:
    return entry[0]

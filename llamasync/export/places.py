"""Which path on disk each file of a directory gets. A unique id is the service's word: it is a path only if it is safe.

A unique id is its own path inside the file set's source when the scan of that source gives back exactly it, on any file
system: relative, normalised, not hidden, not of another file's spelling, short enough. Any other file gets a path made
of its digest and is declared on its own.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import field
from unicodedata import normalize

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.export.documents import left_out
from llamasync.live.model import LiveObject
from llamasync.manifest.write import is_writable
from llamasync.workspace.files.scan import LITTER, NEVER, SIDECAR
from llamasync.workspace.files.templates import parse_template

TREES = "files"
SINGLES = "single-files"
DISPLAY_NAMES = ("{name}", "{path}", "{stem}")

_MAX_PART_BYTES = 240  # a sidecar's name is longer, and must not be over 255
_MAX_PATH_BYTES = 1000
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@lean_dataclass(slots=True)
class Layout:
    """Where the files of one directory go: `tree` inside of the source, at their unique ids, and `singles` by path.

    `display_name` is the template that gives every file of the tree its name. All are sorted by unique id.
    """

    tree: list[LiveObject] = field(default_factory=list)
    singles: list[tuple[LiveObject, str]] = field(default_factory=list)
    display_name: str = DISPLAY_NAMES[0]
    notes: list[Diagnostic] = field(default_factory=list)


def lay_out(files: Iterable[LiveObject], folder: str) -> Layout:
    """Give every file of a directory its place. `folder` is the directory's own name, safe as a part of a path.

    Of files that share a unique id the oldest is kept, as a plan would; the others are noted.
    """
    layout = Layout()
    kept: list[LiveObject] = []
    for live in sorted(files, key=lambda one: (one.key, one.created_at, one.id)):
        if live.foreign:
            continue
        if not is_writable([live.key[-1], live.fields.get("display_name")]):
            layout.notes.append(left_out(f"{live.key[-1]!r} ({live.id}): its name is half of a surrogate pair"))
        elif kept and kept[-1].key == live.key:
            layout.notes.append(_twin(live, kept[-1]))
        else:
            kept.append(live)
    plain = [live for live in kept if is_plain(live.key[-1])]
    layout.display_name = _best_template(plain)
    template = parse_template(layout.display_name)
    taken = _Spellings()
    for live in kept:
        unique_id = live.key[-1]
        named = template.expand(unique_id, posixpath.basename(unique_id)) == live.fields.get("display_name")
        if is_plain(unique_id) and named and taken.take(unique_id):
            layout.tree.append(live)
        else:
            layout.singles.append((live, f"{SINGLES}/{folder}/{safe_name(unique_id)}"))
    return layout


def is_plain(unique_id: str) -> bool:
    r"""Say whether a unique id is a path below a folder, and would be read again as the same.

    >>> [is_plain(one) for one in ("a/b.md", "../a", "/a", "a\\b", ".env", "a.meta.yaml", "e\u0301")]
    [True, False, False, False, False, False, False]
    """
    if not unique_id.isprintable() or "\\" in unique_id or normalize("NFC", unique_id) != unique_id:
        return False
    return len(unique_id.encode()) <= _MAX_PATH_BYTES and all(map(_is_plain_part, unique_id.split("/")))


def safe_name(unique_id: str) -> str:
    """Return a file name of plain letters that tells unique ids apart, and keeps the suffix that says what it is.

    It has one dot: what ends with `.meta.yaml` would be read as a sidecar.

    >>> safe_name("../../etc/passwd"), safe_name("Vertrag §5.pdf")
    ('3754d6cb3a38-passwd', 'acd2104fd613-Vertrag_5.pdf')
    """
    last = re.split(r"[/\\]", unique_id.rstrip("/\\"))[-1]
    stem, suffix = posixpath.splitext(_UNSAFE.sub("_", last).lstrip("._-"))
    return f"{hashlib.sha256(unique_id.encode()).hexdigest()[:12]}-{stem.replace('.', '_')[:60] or 'file'}{suffix[:20]}"


class _Spellings:
    """The paths of one tree, so that no two are one file, or one folder, where case or accents do not matter."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: dict[str, str] = {}

    def take(self, path: str) -> bool:
        """Say whether the path is free beside those that were taken before, and take it."""
        parts = path.split("/")
        folders = ["/".join(parts[:length]) for length in range(1, len(parts))]
        own = _folded(path)
        if own in self._files or own in self._folders:
            return False
        for one in folders:
            if _folded(one) in self._files or self._folders.get(_folded(one), one) != one:
                return False
        self._files.add(own)
        self._folders.update((_folded(one), one) for one in folders)
        return True


def _is_plain_part(part: str) -> bool:
    if not part or part.startswith((".", "~$")) or part in NEVER or part in LITTER:
        return False
    return len(part.encode()) <= _MAX_PART_BYTES and not part.lower().endswith(SIDECAR) and part == part.rstrip(". ")


def _folded(path: str) -> str:
    return normalize("NFKC", normalize("NFKC", path).casefold())


def _best_template(files: list[LiveObject]) -> str:
    templates = {text: parse_template(text) for text in DISPLAY_NAMES}
    fits: Counter[str] = Counter()
    for live in files:
        unique_id = live.key[-1]
        for text, template in templates.items():
            fits[text] += template.expand(unique_id, posixpath.basename(unique_id)) == live.fields.get("display_name")
    return max(DISPLAY_NAMES, key=lambda text: fits[text])


def _twin(live: LiveObject, oldest: LiveObject) -> Diagnostic:
    detail = f"{live.key[-1]!r} is there more than once: {live.id} is left out, the older {oldest.id} is exported"
    return Diagnostic("LS301", detail, severity=Severity.WARNING)

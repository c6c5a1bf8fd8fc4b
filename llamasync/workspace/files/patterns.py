"""Selection: which files of a tree the include and exclude patterns take. The rules are gitignore's, by pathspec.

`exclude` wins over `include`. As in a shell, `*` and `**` do not take names that begin with a dot (`.env` must not go
up by accident): a hidden file, or one below a hidden folder, is taken only when a pattern of `include` with a part
that begins with a dot matches it (`.github/`, `**/.notes.md`, `.*`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llamasync.workspace.files.report import Report

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Match = Callable[[str], object]

# What manifests take unless they say otherwise. It matches every path: pathspec, slow to import, need not be asked.
_EVERYTHING = "**"

_POSIX_CLASS = "[[:"

# pathspec names the group that tells matches of folders apart; a name may stand only once in a joined expression.
_DIRECTORY_GROUP = "(?P<ps_d>"


class Selection:
    """What a manifest takes. Paths are relative to the source, with `/`; those of folders end with one.

    `everything` says that all files that are not hidden are taken, so that no path need be matched.
    """

    __slots__ = ("_dotted", "_exclude", "_include", "everything", "takes_hidden")

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        dotted = [pattern for pattern in include if _names_hidden(pattern)]
        self._include = _matcher(include)
        self._exclude = _matcher(exclude)
        self._dotted = _matcher(dotted)
        self.takes_hidden = bool(dotted)
        self.everything = _EVERYTHING in include and not any(p.startswith("!") for p in include) and not exclude

    def takes(self, path: str, *, hidden: bool = False) -> bool:
        """Say whether the file at `path` is taken; `hidden` when a part of it begins with a dot."""
        if not (self._include and self._include(path)) or self.excludes(path):
            return False
        return not hidden or bool(self._dotted and self._dotted(path))

    def excludes(self, path: str) -> bool:
        """Say whether a pattern of `exclude` matches the file at `path`."""
        return bool(self._exclude and self._exclude(path))

    def excludes_folder(self, path: str) -> bool:
        """Say whether the folder `path` (with its last `/`) is left out with all that is in it. As in git, no negated
        pattern takes back a file of such a folder, so it need not be read."""
        return self.excludes(path)


def _names_hidden(pattern: str) -> bool:
    return any(part.startswith(".") for part in pattern.removeprefix("!").split("/"))


def _matcher(patterns: Sequence[str]) -> Match | None:
    """Return a function that matches a path against all patterns; None when there are none that can match."""
    if not patterns:
        return None
    if all(pattern == _EVERYTHING for pattern in patterns):
        return bool
    spec = _compiled(patterns)
    if any(pattern.include is False for pattern in spec.patterns):
        return spec.match_file
    # Without negation the order means nothing: one expression for all is five times faster than pathspec's loop.
    texts = [pattern.regex.pattern for pattern in spec.patterns if pattern.include and pattern.regex]
    if not texts:
        return None
    with _quietly():
        return re.compile("|".join(f"(?:{text})" for text in texts).replace(_DIRECTORY_GROUP, "(?:")).search


def _compiled(patterns: Sequence[str]) -> GitIgnoreSpec:
    """Compile the patterns. Raises ValueError or re.error for one that is malformed."""
    from pathspec import GitIgnoreSpec

    with _quietly():
        return GitIgnoreSpec.from_lines(patterns)


@contextmanager
def _quietly() -> Iterator[None]:
    """Let nothing be said about what a bracket in a pattern may mean in some later Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def read_selection(include: Sequence[str], exclude: Sequence[str], report: Report) -> Selection:
    """Compile the patterns of a manifest; a malformed one is reported (LS107) and left out."""
    return Selection(_checked(include, "include", report), _checked(exclude, "exclude", report))


def _checked(patterns: Sequence[str], name: str, report: Report) -> list[str]:
    good = []
    for index, pattern in enumerate(patterns):
        if _POSIX_CLASS in pattern:
            detail = f"{pattern!r} has a class such as [:alpha:], which is not known here: write a range, such as [a-z]"
            report.add("LS107", detail, where=("spec", name, index))
        elif _is_sound(pattern):
            good.append(pattern)
        else:
            detail = f"{pattern!r} is not a gitignore pattern that can match anything"
            report.add("LS107", detail, where=("spec", name, index))
    return good


def _is_sound(pattern: str) -> bool:
    if pattern == _EVERYTHING:
        return True
    try:
        spec = _compiled([pattern])
    except (ValueError, re.error):
        return False
    nothing = all(part.include is None for part in spec.patterns)
    return not nothing or not pattern.strip() or pattern.startswith("#")

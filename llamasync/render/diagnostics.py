"""Diagnostics for people: what, where with the line and a caret, and how to mend it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.render.columns import columns
from llamasync.render.style import PLAIN, Style
from llamasync.render.values import safe_text

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
_TAB = "    "
_MAX_WIDTH = 160


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics in the order in which they are shown: by file, line and column."""
    return sorted(diagnostics, key=lambda problem: problem.sort_key)


def render_diagnostics(
    diagnostics: Iterable[Diagnostic], *, root: Path, cwd: Path | None = None, style: Style = PLAIN
) -> str:
    """Show diagnostics with excerpts of the files they are about, and a closing line that counts them.

    One that has no hint of its own gets what helps with every problem of its code, the first time that it is shown.
    `root` is the folder to which their sources are relative; `cwd` (the process's own when None) that to which the
    shown paths are. The text ends with a line feed, and is empty when there is nothing to show. Reads the files; one
    that cannot be read is shown without an excerpt.
    """
    ordered = in_order(diagnostics)
    if not ordered:
        return ""
    here = Path.cwd() if cwd is None else cwd
    silent = [problem.source for problem in ordered if problem.source and not problem.quotes]
    unseen = {(source.file, source.line): source.column for source in silent}
    blocks, helped = [], set[str]()
    for problem in ordered:
        hint = problem.hint if problem.code in helped else problem.advice
        helped |= set() if problem.hint else {problem.code}
        blocks.append(_block(replace(problem, hint=hint), root, here, style, unseen))
    return "\n".join([*blocks, f"{count_line(ordered)}{_more(ordered)}"]) + "\n"


def _more(ordered: list[Diagnostic]) -> str:
    """Say where it stands why it matters; of several codes by the first that is an error."""
    first = min(ordered, key=lambda problem: list(Severity).index(problem.severity))
    return f" (`llamasync explain {first.code}` says why it matters)"


def count_line(diagnostics: Iterable[Diagnostic]) -> str:
    """Count the diagnostics by severity.

    >>> count_line([Diagnostic("LS108"), Diagnostic("LS108"), Diagnostic("LS106", severity=Severity.WARNING)])
    '2 errors, 1 warning'
    """
    counts = Counter(problem.severity for problem in diagnostics)
    parts = [f"{counts[one]} {one}{'' if counts[one] == 1 else 's'}" for one in Severity if counts[one]]
    return ", ".join(parts) or "no problems"


def shown_path(file: str, root: Path, cwd: Path) -> str:
    """Return the path of a source's file as seen from where the user stands, the shorter of relative and absolute."""
    path = root / file
    seen = os.path.relpath(path, cwd)
    return Path(str(path) if seen.startswith(f"..{os.sep}..{os.sep}..") else seen).as_posix()


def _block(problem: Diagnostic, root: Path, cwd: Path, style: Style, unseen: Mapping[tuple[str, int], int]) -> str:
    head = style.paint(_COLOURS[problem.severity], f"{problem.severity}[{problem.code}]")
    lines = [f"{head}: {style.paint('bold', problem.summary)}", *_place(problem, root, cwd)]
    excerpt = _excerpt(problem, root, style, unseen)
    lines += excerpt or [f"  {text}" for text in _details(problem)]
    if problem.hint:
        lines.append(f"  {style.paint('cyan', 'hint')}: {safe_text(problem.hint)}")
    return "\n".join(lines) + "\n"


def _place(problem: Diagnostic, root: Path, cwd: Path) -> list[str]:
    parts = [str(part) for part in (problem.address, problem.field) if part]
    if problem.source and problem.source.file:
        place = shown_path(problem.source.file, root, cwd)
        if problem.source.line:
            place += f":{problem.source.line}:{problem.source.column}"
        parts.insert(0, place)
    return ["  " + safe_text("  ".join(parts))] if parts else []


def _details(problem: Diagnostic) -> list[str]:
    """Return the lines of the detail, fit for a terminal; none where it repeats the address."""
    if problem.detail == str(problem.address):
        return []
    return [safe_text(line) for line in problem.detail.splitlines()]


def _excerpt(problem: Diagnostic, root: Path, style: Style, unseen: Mapping[tuple[str, int], int]) -> list[str]:
    """Return the line that is meant, the one before it, and the detail under a caret; empty without such a line.

    `unseen` are lines of which what stands at a column, and after it, must not be shown.
    """
    source = problem.source
    if source is None or not source.line:
        return []
    lines = _lines(root / source.file)
    if source.line > len(lines):
        return []
    margin = len(str(source.line)) + 1
    shown = []
    for number in (source.line - 1, source.line):
        if number >= 1 and (number == source.line or lines[number - 1].strip()):
            line, column = lines[number - 1], unseen.get((source.file, number))
            text = _printable(line if column is None else f"{line[: column - 1]}...")[:_MAX_WIDTH].rstrip()
            shown.append(f" {number:>{margin}} | {text}".rstrip())
    before = columns(_printable(lines[source.line - 1][: source.column - 1]))
    if before >= _MAX_WIDTH:
        return [*shown, *(f"  {text}" for text in _details(problem))]
    caret = f" {'':>{margin}} | {' ' * before}{style.paint(_COLOURS[problem.severity], '^')}"
    first, *rest = _details(problem) or [""]
    return [*shown, f"{caret} {first}".rstrip(), *(f" {'':>{margin}} | {' ' * before}  {text}" for text in rest)]


@lru_cache(maxsize=64)
def _lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").split("\n"))
    except (OSError, UnicodeDecodeError):
        return ()


def _printable(text: str) -> str:
    """Replace what a terminal would not show as one character: tabs, and control characters that could steer it."""
    return "".join(_TAB if one == "\t" else one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)

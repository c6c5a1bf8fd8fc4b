"""The verdicts of `doctor`, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.render.style import Style
from llamasync.render.values import safe_text


class Level(StrEnum):
    """How well it is: a warning works, a failure does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@lean_dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, how it is, and what to do about it (empty when nothing is to be done)."""

    name: str
    level: Level
    text: str
    fix: str = ""


_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def render_verdicts(verdicts: Sequence[Verdict], style: Style) -> str:
    """Show one line a verdict, and its fix below.

    >>> print(render_verdicts([Verdict("key", Level.FAIL, "none", "set one")], Style()), end="")
    fail  key  none
               set one
    """
    width = max((len(verdict.name) for verdict in verdicts), default=0)
    lines = []
    for verdict in verdicts:
        level = style.paint(_COLOURS[verdict.level], f"{verdict.level:<4}")
        lines.append(f"{level}  {verdict.name:<{width}}  {safe_text(verdict.text)}")
        if verdict.fix:
            lines.append(f"{'':<{width + 8}}{style.paint('cyan', verdict.fix)}")
    return "".join(f"{line}\n" for line in lines)


def verdicts_value(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the verdicts as plain JSON values."""
    worst = max((verdict.level for verdict in verdicts), key=list(Level).index, default=Level.OK)
    return {"format_version": "1.0", "verdict": str(worst), "checks": [asdict(verdict) for verdict in verdicts]}

"""Diagnostics as text, wherever they come from."""

from __future__ import annotations

from collections.abc import Sequence

from llamasync.core.diagnostic import Diagnostic


def problems_text(diagnostics: Sequence[Diagnostic], *, colour: bool) -> str:
    """Show each diagnostic with its place and hint."""
    lines: list[str] = []
    for each in diagnostics:
        lines.append(f"{each.severity}[{each.code}]: {each.summary}")
        place = "  ".join(str(part) for part in (each.source, each.address, each.field) if part)
        lines += [f"  {text}" for text in (place, each.detail) if text]
        if each.hint:
            lines.append(f"  hint: {each.hint}")
    return "\n".join(lines) + "\n"

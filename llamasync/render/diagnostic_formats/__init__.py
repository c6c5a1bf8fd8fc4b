"""Diagnostics for programs: one module a format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from llamasync.core.diagnostic import Diagnostic
from llamasync.render.diagnostic_formats.github import render_github
from llamasync.render.diagnostic_formats.json import render_json
from llamasync.render.diagnostic_formats.junit import render_junit
from llamasync.render.diagnostic_formats.sarif import render_sarif
from llamasync.render.diagnostics import in_order

Render = Callable[[Sequence[Diagnostic], Path, Path], str]

FORMATS: dict[str, Render] = {
    "json": render_json,
    "github": render_github,
    "sarif": render_sarif,
    "junit": render_junit,
}
"""The formats by name. Each takes sorted diagnostics, the workspace's root and where the user stands."""


def render_format(name: str, diagnostics: Sequence[Diagnostic], *, root: Path, cwd: Path | None = None) -> str:
    """Render diagnostics in the format `name`; raises KeyError for one that FORMATS has not.

    The text ends with a line feed, or is empty. Paths are relative to `cwd` (the process's own when None).
    """
    return FORMATS[name](in_order(diagnostics), root, Path.cwd() if cwd is None else cwd)


__all__ = ["FORMATS", "render_format"]

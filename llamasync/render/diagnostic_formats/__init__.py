"""Diagnostics for programs: one module a format, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from llamasync.core.diagnostic import Diagnostic
from llamasync.render.diagnostics import in_order

FORMATS = ("json", "github", "sarif", "junit")
"""The formats by name: each has a module with a `render_<name>(diagnostics, root, cwd)`."""


def render_format(name: str, diagnostics: Sequence[Diagnostic], *, root: Path, cwd: Path | None = None) -> str:
    """Render diagnostics in the format `name`; raises KeyError for one that FORMATS has not.

    The text ends with a line feed, or is empty. Paths are relative to `cwd` (the process's own when None).
    """
    if name not in FORMATS:
        raise KeyError(name)
    render = getattr(import_module(f"{__name__}.{name}"), f"render_{name}")
    text: str = render(in_order(diagnostics), root, Path.cwd() if cwd is None else cwd)
    return text

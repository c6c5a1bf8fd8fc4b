"""Diagnostics as workflow commands of GitHub Actions, which show them beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.render.diagnostics import shown_path

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(diagnostics: Sequence[Diagnostic], root: Path, cwd: Path) -> str:
    """Render one workflow command a line."""
    return "".join(_command(problem, root, cwd) + "\n" for problem in diagnostics)


def _command(problem: Diagnostic, root: Path, cwd: Path) -> str:
    properties = {}
    if problem.source and problem.source.file:
        properties["file"] = shown_path(problem.source.file, root, cwd)
        if problem.source.line:
            properties |= {"line": str(problem.source.line), "col": str(problem.source.column)}
    properties["title"] = f"{problem.code} {problem.summary}"
    where = " ".join(str(part) for part in (problem.address, problem.field) if part)
    message = "\n".join(text for text in (where, problem.detail, f"hint: {problem.advice}") if text)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[problem.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

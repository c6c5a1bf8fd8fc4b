"""Diagnostics as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.render.diagnostics import shown_path


def render_json(diagnostics: Sequence[Diagnostic], root: Path, cwd: Path) -> str:
    """Render one object: `format_version`, `summary` (counts by severity) and `problems`."""
    counts = Counter(problem.severity for problem in diagnostics)
    document = {
        "format_version": "1.0",
        "summary": {severity.value: counts[severity] for severity in Severity},
        "problems": [describe(problem, root, cwd) for problem in diagnostics],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def describe(problem: Diagnostic, root: Path, cwd: Path) -> dict[str, Any]:
    """Return one diagnostic as JSON has it; what is not known is null or empty."""
    source = problem.source if problem.source and problem.source.file else None
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "summary": problem.summary,
        "detail": problem.detail,
        "file": shown_path(source.file, root, cwd) if source else None,
        "line": source.line or None if source else None,
        "column": source.column or None if source else None,
        "address": str(problem.address) if problem.address else None,
        "field": problem.field,
        "hint": problem.advice,
    }

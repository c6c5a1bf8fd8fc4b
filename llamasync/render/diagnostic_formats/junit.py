"""Diagnostics as a JUnit report: one test case a problem, or one that passed."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.render.diagnostics import shown_path

# Characters that XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(diagnostics: Sequence[Diagnostic], root: Path, cwd: Path) -> str:
    """Render a test suite. Errors are failures; warnings and notes are cases that passed, with the text as output."""
    failures = sum(problem.severity is Severity.ERROR for problem in diagnostics)
    cases = [_case(problem, root, cwd) for problem in diagnostics]
    cases = cases or ['    <testcase classname="llamasync" name="validate"/>']
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="llamasync" {counts}>',
        f'  <testsuite name="llamasync validate" {counts}>',
        *cases,
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(problem: Diagnostic, root: Path, cwd: Path) -> str:
    source = problem.source if problem.source and problem.source.file else None
    file = shown_path(source.file, root, cwd) if source else ""
    place = f"{file}:{source.line}:{source.column}" if source and source.line else file
    name = " ".join(text for text in (problem.code, place, problem.field) if text)
    texts = (place, str(problem.address or ""), problem.detail, problem.hint and f"hint: {problem.hint}")
    body = html.escape(_clean("\n".join(text for text in texts if text)), quote=False)
    if problem.severity is Severity.ERROR:
        inner = f"<failure type={_attribute(problem.code)} message={_attribute(problem.summary)}>{body}</failure>"
    else:
        inner = f"<system-out>{body}</system-out>"
    attributes = f"classname={_attribute(str(problem.address or file or 'llamasync'))} name={_attribute(name)}"
    return f"    <testcase {attributes}>{inner}</testcase>"


def _attribute(text: str) -> str:
    return '"' + html.escape(_clean(text)).replace("\n", "&#10;") + '"'


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)

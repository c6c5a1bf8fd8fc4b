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
    texts = (place, str(problem.address or ""), problem.detail, f"hint: {problem.advice}")
    body = xml_text("\n".join(text for text in texts if text))
    if problem.severity is Severity.ERROR:
        inner = f"<failure type={xml_attribute(problem.code)} message={xml_attribute(problem.summary)}>{body}</failure>"
    else:
        inner = f"<system-out>{body}</system-out>"
    attributes = f"classname={xml_attribute(str(problem.address or file or 'llamasync'))} name={xml_attribute(name)}"
    return f"    <testcase {attributes}>{inner}</testcase>"


def xml_attribute(text: str) -> str:
    """Return a text as the value of an attribute, quotes included."""
    return '"' + html.escape(xml_clean(text)).replace("\n", "&#10;") + '"'


def xml_text(text: str) -> str:
    """Return a text as the content of an element."""
    return html.escape(xml_clean(text), quote=False)


def xml_clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)

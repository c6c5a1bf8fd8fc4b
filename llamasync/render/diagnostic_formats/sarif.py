"""Diagnostics as SARIF 2.1.0, for code scanning. Source: the OASIS standard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import llamasync
from llamasync.core.codes import CODES
from llamasync.core.diagnostic import Diagnostic
from llamasync.render.diagnostics import shown_path

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_sarif(diagnostics: Sequence[Diagnostic], root: Path, cwd: Path) -> str:
    """Render one run of the tool, with a rule for each code that occurs."""
    codes = sorted({problem.code for problem in diagnostics})
    driver = {
        "name": "llamasync",
        "version": llamasync.__version__,
        "informationUri": "https://llamasync.dev",
        "rules": [_rule(code) for code in codes],
    }
    results = [_result(problem, codes.index(problem.code), root, cwd) for problem in diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    page = CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": page.why},
        "help": {"text": page.fix},
    }


def _result(problem: Diagnostic, rule: int, root: Path, cwd: Path) -> dict[str, Any]:
    texts = (f"{problem.summary}: {problem.detail}" if problem.detail else problem.summary, problem.hint)
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity.value,
        "message": {"text": "\n".join(text for text in texts if text)},
    }
    location: dict[str, Any] = {}
    if problem.source and problem.source.file:
        path = shown_path(problem.source.file, root, cwd)
        place: dict[str, Any] = {"artifactLocation": {"uri": quote(path, errors="surrogateescape")}}  # its own bytes
        if problem.source.line:
            place["region"] = {"startLine": problem.source.line, "startColumn": problem.source.column}
        location["physicalLocation"] = place
    if problem.address:
        name = f"{problem.address} {problem.field}".strip()
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return result | ({"locations": [location]} if location else {})

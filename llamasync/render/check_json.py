"""What came of checks, as JSON for programs. The form is a promise: `format_version` grows with every change of it."""

from __future__ import annotations

import json
from typing import Any

import llamasync
from llamasync.checks.model import AssertionResult, CheckResult, Missed, Outcome, Report, Shown
from llamasync.render.plan_json import problem_value

FORMAT_VERSION = "1.0"


def report_value(report: Report) -> dict[str, Any]:
    """Return a report as plain JSON values."""
    return {
        "format_version": FORMAT_VERSION,
        "llamasync_version": llamasync.__version__,
        "outcome": str(report.outcome),
        "interrupted": report.interrupted,
        "summary": {str(outcome): report.count(outcome) for outcome in Outcome} | {"not_run": report.left},
        "elapsed_s": round(report.elapsed_s, 3),
        "checks": [check_value(one) for one in report.checks],
        "waiting": [{"address": str(one), "because_of": str(because)} for one, because in report.waiting],
        "notes": [problem_value(note) for note in report.notes],
    }


def render_report_json(report: Report) -> str:
    """Return the report as indented JSON with a line end.

    Half of a surrogate pair, which a service may send, is written as the escape that it came as.
    """
    text = json.dumps(report_value(report), indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def check_value(result: CheckResult) -> dict[str, Any]:
    """Return what came of one check as plain JSON values."""
    return {
        "address": str(result.address),
        "outcome": str(result.outcome),
        "source": str(result.source),
        "elapsed_s": round(result.elapsed_s, 3),
        "problem": problem_value(result.problem) if result.problem else None,
        "assertions": [_assertion(one) for one in result.assertions],
    }


def _assertion(one: AssertionResult) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "name": one.name,
        "asked": one.asked,
        "outcome": str(verdict.outcome),
        "source": str(one.source) if one.source else None,
        "elapsed_s": round(one.elapsed_s, 3),
        "expected": list(verdict.expected),
        "unmet": list(verdict.unmet),
        "came": verdict.came,
        "numbers": dict(verdict.numbers),
        "shown": [_shown(each) for each in verdict.shown],
        "missed": [_missed(each) for each in verdict.missed],
        "problem": problem_value(verdict.problem) if verdict.problem else None,
    }


def _shown(one: Shown) -> dict[str, Any]:
    return {"file": one.file or None, "pages": one.pages or None, "score": one.score, "text": one.text}


def _missed(missed: Missed) -> dict[str, Any]:
    return {
        "question": missed.question,
        "unmet": list(missed.unmet),
        "shown": [_shown(each) for each in missed.shown],
    }

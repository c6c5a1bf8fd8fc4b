"""What came of checks, as a JUnit report: a suite a check, a case an assertion."""

from __future__ import annotations

from pathlib import Path

from llamasync.checks.model import AssertionResult, CheckResult, Outcome, Report
from llamasync.core.diagnostic import Diagnostic
from llamasync.render.check_text import explain, place
from llamasync.render.diagnostic_formats.junit import xml_attribute, xml_text

_FAILED = "LS710"


def render_report_junit(report: Report, root: Path) -> str:
    """Render test suites. What does not hold is a failure, what could not be checked an error."""
    suites = [line for one in report.checks for line in _suite(one, root)]
    cases = [case for one in report.checks for case in _outcomes(one)]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="llamasync check" {_counts(cases)} time="{report.elapsed_s:.3f}">',
        *suites,
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _suite(result: CheckResult, root: Path) -> list[str]:
    name = xml_attribute(str(result.address))
    head = f'  <testsuite name={name} {_counts(_outcomes(result))} time="{result.elapsed_s:.3f}">'
    if result.problem is not None:
        cases = [_case(name, '"opens its index"', 0.0, _error(result.problem, _explained(result.problem)))]
    else:
        cases = [_assertion(name, one, root) for one in result.assertions]
    return [head, *cases, "  </testsuite>"]


def _outcomes(result: CheckResult) -> list[Outcome]:
    return [Outcome.UNKNOWN] if result.problem else [one.verdict.outcome for one in result.assertions]


def _counts(outcomes: list[Outcome]) -> str:
    failures, errors = outcomes.count(Outcome.FAILED), outcomes.count(Outcome.UNKNOWN)
    return f'tests="{len(outcomes)}" failures="{failures}" errors="{errors}"'


def _assertion(check: str, one: AssertionResult, root: Path) -> str:
    verdict = one.verdict
    inner = ""
    where = place(one.source, root)
    body = "\n".join(filter(None, [where, *explain(verdict, root)]))
    if verdict.problem is not None:
        inner = _error(verdict.problem, body)
    elif verdict.outcome is Outcome.FAILED:
        message = xml_attribute("; ".join(verdict.unmet))
        inner = f'<failure type="{_FAILED}" message={message}>{xml_text(body)}</failure>'
    return _case(check, xml_attribute(one.name), one.elapsed_s, inner)


def _case(check: str, name: str, elapsed_s: float, inner: str) -> str:
    return f'    <testcase classname={check} name={name} time="{elapsed_s:.3f}">{inner}</testcase>'


def _error(problem: Diagnostic, body: str) -> str:
    head = f"type={xml_attribute(problem.code)} message={xml_attribute(problem.summary)}"
    return f"<error {head}>{xml_text(body)}</error>"


def _explained(problem: Diagnostic) -> str:
    return "\n".join(text for text in (str(problem.source or ""), problem.detail, problem.advice) if text)

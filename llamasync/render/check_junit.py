"""What came of checks, as a JUnit report: a suite a check, a case an assertion."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from llamasync.checks.model import AssertionResult, CheckResult, Outcome, Report
from llamasync.core.diagnostic import Diagnostic
from llamasync.render.check_text import explain, place
from llamasync.render.diagnostic_formats.junit import xml_attribute, xml_text
from llamasync.render.units import counted

_FAILED = "LS710"


def render_report_junit(report: Report, root: Path) -> str:
    """Render test suites. What does not hold is a failure, what could not be checked an error."""
    suites = [line for one in report.checks for line in _suite(one, root)]
    cases = [case for one in report.checks for case in _outcomes(one)]
    for address, because in report.waiting:
        suites += _alone(
            str(address), f"<skipped message={xml_attribute(f'not run because of {because}')}/>", skipped=1
        )
    if report.interrupted:  # a run that was broken off is never green
        told = xml_attribute(f"interrupted: {counted(report.left, 'check')} not run")
        suites += _alone("llamasync check", f'<error type="interrupted" message={told}/>', errors=1)
    count = _counts(cases, left=report.interrupted, waiting=len(report.waiting))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="llamasync check" {count} time="{report.elapsed_s:.3f}">',
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
        names = _told_apart([one.name for one in result.assertions])
        cases = [_assertion(name, told, one, root) for told, one in zip(names, result.assertions, strict=True)]
    return [head, *cases, "  </testsuite>"]


def _alone(suite: str, inner: str, *, errors: int = 0, skipped: int = 0) -> list[str]:
    """Return a suite of one case that came to nothing."""
    name = xml_attribute(suite)
    count = f'tests="1" failures="0" errors="{errors}"' + (f' skipped="{skipped}"' if skipped else "")
    return [f'  <testsuite name={name} {count} time="0.000">', _case(name, name, 0.0, inner), "  </testsuite>"]


def _told_apart(names: list[str]) -> list[str]:
    """Tell names apart that come again: readers of such reports drop all but one case of a name.

    >>> _told_apart(["read a.md", "find", "read a.md"])
    ['read a.md', 'find', 'read a.md (2)']
    """
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _outcomes(result: CheckResult) -> list[Outcome]:
    return [Outcome.UNKNOWN] if result.problem else [one.verdict.outcome for one in result.assertions]


def _counts(outcomes: list[Outcome], *, left: bool = False, waiting: int = 0) -> str:
    failures, errors = outcomes.count(Outcome.FAILED), outcomes.count(Outcome.UNKNOWN) + left
    return f'tests="{len(outcomes) + left + waiting}" failures="{failures}" errors="{errors}"'


def _assertion(check: str, name: str, one: AssertionResult, root: Path) -> str:
    verdict = one.verdict
    inner = ""
    where = place(one.source, root)
    body = "\n".join(filter(None, [where, *explain(verdict, root)]))
    if verdict.problem is not None:
        inner = _error(verdict.problem, body)
    elif verdict.outcome is Outcome.FAILED:
        message = xml_attribute("; ".join(verdict.unmet))
        inner = f'<failure type="{_FAILED}" message={message}>{xml_text(body)}</failure>'
    return _case(check, xml_attribute(name), one.elapsed_s, inner)


def _case(check: str, name: str, elapsed_s: float, inner: str) -> str:
    return f'    <testcase classname={check} name={name} time="{elapsed_s:.3f}">{inner}</testcase>'


def _error(problem: Diagnostic, body: str) -> str:
    head = f"type={xml_attribute(problem.code)} message={xml_attribute(problem.summary)}"
    return f"<error {head}>{xml_text(body)}</error>"


def _explained(problem: Diagnostic) -> str:
    return "\n".join(text for text in (str(problem.source or ""), problem.detail, problem.advice) if text)

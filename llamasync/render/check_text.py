"""What came of checks, as text for people: what holds in a line, what does not with what was expected and what came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from llamasync.checks.model import AssertionResult, CheckResult, Missed, Outcome, Report, Shown, Verdict
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.render.diagnostics import shown_path
from llamasync.render.style import Style
from llamasync.render.units import counted, human_seconds
from llamasync.render.values import safe_text

_WORDS = {Outcome.OK: "ok", Outcome.FAILED: "FAILED", Outcome.UNKNOWN: "UNKNOWN"}
_COLOURS = {Outcome.OK: "green", Outcome.FAILED: "red", Outcome.UNKNOWN: "yellow"}
_LONG_WORDS = {Outcome.OK: "ok", Outcome.FAILED: "FAILED", Outcome.UNKNOWN: "could not be checked"}
_MISSED_LISTED = 10
_INDENT = " " * 11


def render_check(result: CheckResult, style: Style, root: Path, *, verbose: bool = False) -> str:
    """Show one check: a line when all of it holds, else each assertion. `verbose` shows what came of all."""
    outcome = result.outcome
    head = style.paint("bold", safe_text(str(result.address)))
    word = style.paint(_COLOURS[outcome], _LONG_WORDS[outcome])
    if result.problem is not None:
        return f"{head}  {word}\n" + "".join(f"  {line}\n" for line in _problem(result.problem, root))
    told = f"{counted(len(result.assertions), 'assertion')} in {human_seconds(result.elapsed_s)}"
    lines = [f"{head}  {word}  {style.paint('dim', told)}"]
    if outcome is not Outcome.OK or verbose:
        for one in result.assertions:
            lines += _assertion(one, style, root, verbose=verbose)
    return "\n".join(lines) + "\n"


def render_totals(report: Report, style: Style) -> str:
    """Say what it comes to."""
    if not report.checks and not report.left:
        return "There are no checks.\n"
    counts = {outcome: report.count(outcome) for outcome in Outcome}
    total = len(report.checks) + report.left
    told = [f"{counts[Outcome.OK]} of {counted(total, 'check')} {'holds' if total == 1 else 'hold'}"]
    told += [f"{counts[Outcome.FAILED]} failed"] * bool(counts[Outcome.FAILED])
    told += [f"{counts[Outcome.UNKNOWN]} could not be checked"] * bool(counts[Outcome.UNKNOWN])
    told += [f"{report.left} not run"] * report.interrupted
    text = f"{', '.join(told)} ({human_seconds(report.elapsed_s)})."
    return style.paint(_COLOURS[report.outcome] if not report.interrupted else "yellow", text) + "\n"


def render_report_text(report: Report, style: Style, root: Path, *, verbose: bool = False) -> str:
    """Show all checks and what it comes to."""
    parts = [render_check(one, style, root, verbose=verbose) for one in report.checks]
    parts += [
        f"{safe_text(str(one))}  not run because of {safe_text(str(because))}\n" for one, because in report.waiting
    ]
    return "".join([*parts, "\n" if parts else "", render_totals(report, style)])


def explain(verdict: Verdict, root: Path) -> list[str]:
    """Say, line by line and unpainted, what was expected and what came instead."""
    if verdict.problem is not None:
        return _problem(verdict.problem, root)
    lines = _labelled("expected", verdict.expected)
    if verdict.outcome is Outcome.FAILED:
        lines += _labelled("but", verdict.unmet)
    lines += _labelled("came", [verdict.came])
    lines += _shown(verdict.shown)
    for missed in verdict.missed[:_MISSED_LISTED]:
        lines += _missed(missed)
    rest = len(verdict.missed) - _MISSED_LISTED
    return [*lines, f"... and {rest} more questions were missed"] if rest > 0 else lines


def place(source: Source | None, root: Path) -> str:
    """Return where something was written as seen from where the user stands, or ""."""
    if source is None or not source.file:
        return ""
    file = shown_path(source.file, root, Path.cwd())
    return f"{file}:{source.line}:{source.column}" if source.line else file


def _assertion(one: AssertionResult, style: Style, root: Path, *, verbose: bool) -> Iterable[str]:
    outcome = one.verdict.outcome
    word = style.paint(_COLOURS[outcome], f"{_WORDS[outcome]:<7}")
    where = f"  {style.paint('dim', place(one.source, root))}" if outcome is not Outcome.OK else ""
    yield f"  {word}  {safe_text(one.name)}{where}"
    if outcome is not Outcome.OK or verbose:
        yield from (f"{_INDENT}{line}" for line in explain(one.verdict, root))


def _labelled(label: str, texts: Sequence[str]) -> list[str]:
    heads = [f"{label:<8}", *[" " * 8] * (len(texts) - 1)]
    return [f"{head}  {safe_text(text)}" for head, text in zip(heads, texts, strict=False)]


def _shown(shown: Sequence[Shown]) -> list[str]:
    width = max((len(_file(one)) for one in shown), default=0)
    lines = []
    for number, one in enumerate(shown, 1):
        score = "" if one.score is None else f"  {one.score:.3f}"
        text = f'  "{safe_text(one.text)}"' if one.text else ""
        file = f"{_file(one):<{width}}" if score or text else _file(one)
        lines.append(f"  {number}. {file}{score}{text}" if width else f" {text}")
    return lines


def _file(one: Shown) -> str:
    pages = f", page{'s' * ('-' in one.pages)} {one.pages}" if one.pages else ""
    return f"{safe_text(one.file)}{pages}"


def _missed(missed: Missed) -> list[str]:
    lines = [f'missed    "{safe_text(missed.question)}"']
    lines += [f"          {safe_text(text)}" for text in missed.unmet]
    return lines + [f"          {line}" for line in _shown(missed.shown)]


def _problem(problem: Diagnostic, root: Path) -> list[str]:
    detail = f": {safe_text(problem.detail)}" if problem.detail else ""
    lines = [f"{problem.code} {problem.summary}{detail}"]
    where = place(problem.source, root)
    return [*lines, f"hint: {safe_text(problem.advice)}", *([f"at {where}"] if where else [])]

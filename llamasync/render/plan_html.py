"""A plan as one HTML page that needs nothing else: no scripts, no styles from elsewhere. For screens and for paper."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from llamasync.plan.model import Action, Change, Plan
from llamasync.render.actions import LOOKS, field_note, headline
from llamasync.render.costs import change_words, processing_words, uncounted_words, upload_words
from llamasync.render.plan_text import checks_line
from llamasync.render.records import renamed_words
from llamasync.render.units import human_bytes
from llamasync.render.values import safe_text, text_pair

_STYLE = """
:root { color-scheme: light dark; --text: #222; --back: #fff; --dim: #5c5c5c; --line: #ddd;
  --good: #17692b; --bad: #a51d2d; --change: #7a4f00; --other: #0b5394 }
@media (prefers-color-scheme: dark) { :root { --text: #ddd; --back: #1b1b1b; --dim: #a8a8a8; --line: #444;
  --good: #6fcf84; --bad: #ff8a8a; --change: #e8b04a; --other: #7db8ff } }
@media print { :root { --text: #000; --back: #fff; --dim: #444; --line: #bbb;
  --good: #17692b; --bad: #a51d2d; --change: #7a4f00; --other: #0b5394 }
  body { margin: 0; max-width: none; font-size: 10pt }
  tr { break-inside: avoid } thead { display: table-header-group }
  details::details-content { content-visibility: visible; block-size: auto } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: var(--text); background: var(--back) }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem } code { font-family: ui-monospace, monospace; font-size: .93em }
p, li, td { overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th { text-align: start; font-weight: normal; color: var(--dim) } td, th { padding: .2rem .6rem; vertical-align: top }
th:first-child { width: 5.5rem } tr.change td { border-top: 1px solid var(--line) }
.create { color: var(--good) } .delete, .replace, .error { color: var(--bad) }
.update, .forget, .warning { color: var(--change) } .move, .adopt, .run, .sync { color: var(--other) }
.dim { color: var(--dim) }
@media screen and (max-width: 40rem) { body { margin: 1rem auto } thead { display: none }
  table, tbody, tr, td { display: block } td { padding: 0 0 0 1rem } tr.change td:first-child { padding: .4rem 0 0 }
  tr.change td + td { border-top: 0 } }
"""


def render_plan_html(plan: Plan) -> str:
    """Show a plan as a page; the same bytes for the same plan."""
    words = headline(plan)
    title = f"Plan: {words}" if words[0].isdigit() else words
    environment = f", environment {_code(plan.environment)}" if plan.environment else ""
    name = f" (<bdi>{escape(safe_text(plan.project.name))}</bdi>)" if plan.project.name else ""
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>Project {_code(plan.project.id)}{name} at {_code(plan.endpoint)}{environment}.",
        f"{plan.noop} unchanged.</p>",
        *_costs(plan),
        *_problems(plan),
        *_table(plan),
        *(f"<p>{escape(safe_text(words))}</p>" for words in renamed_words(plan)),
        *([f"<p>{escape(checks_line(plan))}</p>"] if plan.checks else []),
        f'<p class="dim">Fingerprint <code>{escape(plan.fingerprint)}</code></p></body></html>',
    ]
    return "\n".join(lines) + "\n"


def _table(plan: Plan) -> Iterable[str]:
    if not plan.changes:
        return
    yield "<table><thead><tr><th>Action</th><th>Object</th><th>Why</th></tr></thead><tbody>"
    for change in plan.changes:
        yield from _change(change)
    yield "</tbody></table>"


def _change(change: Change) -> Iterable[str]:
    size = f" ({human_bytes(change.estimate.bytes)})" if change.estimate.bytes else ""
    look = LOOKS[change.action]
    yield (
        f'<tr class="change"><td class="{change.action}"><code>{escape(look.symbol)}</code> {look.verb}</td>'
        f"<td>{_code(str(change.address))}</td><td>{escape(safe_text(change.reason))}{size}</td></tr>"
    )
    costs = change_words(change.estimate)
    if costs:
        yield f'<tr><td></td><td></td><td class="dim">{escape(safe_text(costs))}</td></tr>'
    for field in () if change.action is Action.CREATE else change.fields:
        before, after = text_pair(field.before, field.after, 200)
        note = field_note(field)
        noted = f' <span class="dim">{note}</span>' if note else ""
        yield f"<tr><td></td><td>{_code(field.path)}</td><td>{_code(before)} → {_code(after)}{noted}</td></tr>"


def _code(text: str) -> str:
    """Return a text as code whose own direction of writing cannot turn what is around it."""
    return f'<code dir="auto"><bdi>{escape(safe_text(text))}</bdi></code>'


def _costs(plan: Plan) -> Iterable[str]:
    """Say what it costs, and what that rests on."""
    estimate = plan.estimate
    words = " ".join(filter(None, (upload_words(plan), processing_words(estimate))))
    if words:
        yield f"<p>{escape(safe_text(words))}</p>"
    found = [*uncounted_words(estimate), *estimate.assumptions]
    if found:
        yield "<details><summary>What is not known, and what is assumed</summary><ul>"
        yield from (f"<li>{escape(safe_text(one))}</li>" for one in found)
        yield "</ul></details>"


def _problems(plan: Plan) -> Iterable[str]:
    """List the problems with their places, before what would be done."""
    if not plan.problems:
        return
    yield "<h2>Problems</h2><ul>"
    for problem in plan.problems:
        said = f"{problem.summary}: {problem.detail}" if problem.detail else problem.summary
        where = "".join(f" {_code(str(each))}" for each in (problem.source, problem.address) if each)
        yield (
            f'<li><b class="{problem.severity}">{problem.severity} {problem.code}</b>{where} '
            f'{escape(safe_text(said))}<br><span class="dim">{escape(safe_text(problem.advice))}</span></li>'
        )
    yield "</ul>"

"""A plan as one HTML page that needs nothing else: no scripts, no styles from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from llamasync.plan.model import Action, Change, Plan
from llamasync.render.actions import LOOKS, count_words, field_note
from llamasync.render.costs import change_words, processing_words, uncounted_words, upload_words
from llamasync.render.plan_text import checks_line
from llamasync.render.records import renamed_words
from llamasync.render.units import human_bytes
from llamasync.render.values import safe_text, text_pair

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } td { padding: .2rem .6rem; vertical-align: top }
tr.change td { border-top: 1px solid #ddd } code { font-family: ui-monospace, monospace }
.create { color: #17692b } .delete, .replace { color: #a51d2d } .update, .move { color: #8a5a00 } .dim { color: #666 }
@media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #ddd } tr.change td { border-color: #444 } }
"""


def render_plan_html(plan: Plan) -> str:
    """Show a plan as a page; the same bytes for the same plan."""
    title = "No changes" if plan.is_empty else f"Plan: {count_words(plan.summary())}"
    environment = f", environment {escape(plan.environment)}" if plan.environment else ""
    name = f" ({escape(plan.project.name)})" if plan.project.name else ""
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>Project <code>{escape(plan.project.id)}</code>{name} at {escape(plan.endpoint)}{environment}.",
        f"{plan.noop} unchanged.</p>",
        *_costs(plan),
        *_problems(plan),
        "<table>",
        *(line for change in plan.changes for line in _change(change)),
        "</table>",
        *(f"<p>{escape(safe_text(words))}</p>" for words in renamed_words(plan)),
        *([f"<p>{escape(checks_line(plan))}</p>"] if plan.checks else []),
        f'<p class="dim">Fingerprint <code>{escape(plan.fingerprint)}</code></p></body></html>',
    ]
    return "\n".join(lines) + "\n"


def _change(change: Change) -> Iterable[str]:
    size = f" ({human_bytes(change.estimate.bytes)})" if change.estimate.bytes else ""
    symbol, address = escape(LOOKS[change.action].symbol), escape(safe_text(str(change.address)))
    yield (
        f'<tr class="change"><td class="{change.action}"><code>{symbol}</code></td>'
        f"<td><code>{address}</code></td><td>{escape(safe_text(change.reason))}{size}</td></tr>"
    )
    costs = change_words(change.estimate)
    if costs:
        yield f'<tr><td></td><td></td><td class="dim">{escape(safe_text(costs))}</td></tr>'
    for field in () if change.action is Action.CREATE else change.fields:
        values = " → ".join(text_pair(field.before, field.after, 200))
        yield (
            f"<tr><td></td><td><code>{escape(safe_text(field.path))}</code></td>"
            f'<td><code>{escape(values)}</code> <span class="dim">{field_note(field)}</span></td></tr>'
        )


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
    if not plan.problems:
        return
    yield "<h2>Problems</h2><ul>"
    for problem in plan.problems:
        said = escape(safe_text(f"{problem.summary}: {problem.detail}"))
        yield f"<li><b>{problem.severity} {problem.code}</b> {said} {escape(safe_text(problem.hint))}</li>"
    yield "</ul>"

"""A plan as Markdown, for a pull request: the same bytes for the same plan, so a comment changes only with the plan."""

from __future__ import annotations

from collections.abc import Iterable

from llamasync.core.diagnostic import Diagnostic
from llamasync.plan.model import Action, Change, Plan
from llamasync.render.actions import LOOKS, count_words, field_note
from llamasync.render.costs import change_words, processing_words, uncounted_words, upload_words
from llamasync.render.plan_text import checks_line
from llamasync.render.records import renamed_words
from llamasync.render.units import counted, human_bytes
from llamasync.render.values import safe_text, text_pair

LISTED = 200
_DIFF_MARK = {Action.CREATE: "+", Action.DELETE: "-", Action.REPLACE: "-", Action.FORGET: "-"}
_OPEN = (Action.DELETE, Action.REPLACE, Action.FORGET)


def render_plan_markdown(plan: Plan) -> str:
    """Show a plan as Markdown: totals on top, the changes by action in foldable parts, deletes unfolded."""
    lines = [f"## llamasync plan: {_headline(plan)}", ""]
    name = f" ({_escape(plan.project.name)})" if plan.project.name else ""
    where = f"Project `{plan.project.id}`{name} at `{plan.endpoint}`"
    lines += [where + (f", environment `{plan.environment}`." if plan.environment else "."), ""]
    for action in LOOKS:
        group = [change for change in plan.changes if change.action is action]
        if group:
            lines += _part(action, group)
    lines += _problems(plan.problems)
    lines += _costs(plan)
    lines += (f"- {_escape(safe_text(words))}" for words in renamed_words(plan))
    lines += [""] if plan.renamed else []
    if plan.checks:
        lines.append(_escape(checks_line(plan)))
    lines.append(f"{plan.noop} unchanged. Fingerprint `{plan.fingerprint}`.")
    return "\n".join(lines) + "\n"


def _headline(plan: Plan) -> str:
    return "no changes" if plan.is_empty else count_words(plan.summary())


def _part(action: Action, group: list[Change]) -> list[str]:
    opened = " open" if action in _OPEN else ""
    shown = group if action in _OPEN else group[:LISTED]
    rest = [f"... and {len(group) - len(shown)} more"] if len(shown) < len(group) else []
    body = [line for change in shown for line in _change(change)]
    title = f"{len(group)} to {LOOKS[action].verb}"
    fence = _fence([*body, *rest])
    head = [f"<details{opened}><summary>{title}</summary>", "", f"{fence}diff"]
    return [*head, *body, *rest, fence, "", "</details>", ""]


def _costs(plan: Plan) -> list[str]:
    """Say what it costs, and what that rests on in a foldable part."""
    estimate = plan.estimate
    words = " ".join(filter(None, (upload_words(plan), processing_words(estimate))))
    lines = [words] if words else []
    found = [f"- {_escape(one)}" for one in uncounted_words(estimate)]
    found += [f"- {_escape(one)}" for one in estimate.assumptions]
    if found:
        unknown = f"{counted(len(estimate.uncounted), 'document')} of unknown length" if estimate.uncounted else ""
        assumed = "what is assumed" if estimate.assumptions else ""
        title = ", and ".join(filter(None, (unknown, assumed)))
        title = title[0].upper() + title[1:]
        lines += ["", f"<details><summary>{title}</summary>", "", *found, "", "</details>", ""]
    return lines


def _fence(lines: list[str]) -> str:
    longest = 2
    for line in lines:
        while "`" * (longest + 1) in line:
            longest += 1
    return "`" * (longest + 1)


def _change(change: Change) -> Iterable[str]:
    mark = _DIFF_MARK.get(change.action, "!")
    size = f" ({human_bytes(change.estimate.bytes)})" if change.estimate.bytes else ""
    yield f"{mark} {safe_text(f'{change.address}  {change.reason}')}{size}"
    costs = change_words(change.estimate)
    if costs:
        yield f"    {safe_text(costs)}"
    if change.action is Action.CREATE:
        return
    for field in change.fields:
        before, after = text_pair(field.before, field.after, 100)
        yield f"    {field.path}  {before} -> {after}  {field_note(field)}".rstrip()


def _problems(problems: tuple[Diagnostic, ...]) -> list[str]:
    if not problems:
        return []
    lines = [f"### {counted(len(problems), 'problem')}", ""]
    for problem in problems:
        where = "".join(f" `{each}`" for each in (problem.source, problem.address) if each)
        said = f"{problem.summary}: {_escape(problem.detail)}"
        lines.append(f"- **{problem.severity} {problem.code}**{where} {said}")
        if problem.hint:
            lines.append(f"  - {_escape(problem.hint)}")
    return [*lines, ""]


def _escape(text: str) -> str:
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", " ")

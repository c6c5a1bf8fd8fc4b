"""A plan as Markdown, for a pull request: the same bytes for the same plan, so a comment changes only with the plan.

GitHub takes no comment beyond 65,536 characters. Of a longer plan less is listed, what deletes last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.plan.model import Action, Change, Plan
from llamasync.render.actions import LOOKS, field_note, headline
from llamasync.render.costs import change_words, processing_words, uncounted_words, upload_words
from llamasync.render.plan_text import checks_line
from llamasync.render.records import renamed_words
from llamasync.render.units import counted, human_bytes
from llamasync.render.values import safe_text, text_pair

LISTED = 200
LIMIT_BYTES = 65_000
_ALL = 1_000_000
_DIFF_MARK = {Action.CREATE: "+", Action.DELETE: "-", Action.REPLACE: "-", Action.FORGET: "-"}
_OPEN = (Action.DELETE, Action.REPLACE, Action.FORGET)


@lean_dataclass(frozen=True, slots=True)
class _Room:
    """How much is told: changes of one action, of those that take something away, problems, characters of a line."""

    listed: int = LISTED
    taken: int = _ALL
    problems: int = _ALL
    fields: bool = True
    line: int = _ALL


_ROOMS = (
    _Room(),
    _Room(listed=50, problems=100),
    _Room(listed=20, problems=50, fields=False),
    _Room(listed=20, problems=50, fields=False, taken=500),
    _Room(listed=10, problems=20, fields=False, taken=250),
    _Room(listed=5, problems=10, fields=False, taken=100, line=500),
    _Room(listed=2, problems=2, fields=False, taken=10, line=200),
)


def render_plan_markdown(plan: Plan) -> str:
    """Show a plan as Markdown: totals and problems on top, the changes by action in foldable parts, deletes
    unfolded.

    What a comment cannot hold is counted, and it is said that something is left out.
    """
    text = ""
    for room in _ROOMS:
        text = _render(plan, room)
        if len(text.encode()) <= LIMIT_BYTES:
            break
    return text


def _render(plan: Plan, room: _Room) -> str:
    lines = [f"## llamasync plan: {_lower(headline(plan))}", ""]
    name = f" ({_escape(plan.project.name)})" if plan.project.name else ""
    where = f"Project {_code(plan.project.id)}{name} at {_code(plan.endpoint)}"
    lines += [where + (f", environment {_code(plan.environment)}." if plan.environment else "."), ""]
    if room is not _ROOMS[0]:
        lines += [
            "A comment cannot hold all of this plan: `llamasync plan -v` and `--report plan.html` list the rest.",
            "",
        ]
    lines += _problems(plan.problems, room)
    for action in LOOKS:
        group = [change for change in plan.changes if change.action is action]
        if group:
            lines += _part(action, group, room)
    lines += _costs(plan, room)
    lines += [f"- {_escape(_cut(words, room))}" for words in renamed_words(plan)][: room.problems]
    lines += [""] if plan.renamed else []
    if plan.checks:
        lines.append(_escape(checks_line(plan)))
    lines.append(f"{plan.noop} unchanged. Fingerprint `{plan.fingerprint}`.")
    return "\n".join(lines) + "\n"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _part(action: Action, group: list[Change], room: _Room) -> list[str]:
    opened = " open" if action in _OPEN else ""
    shown = group[: room.taken if action in _OPEN else room.listed]
    rest = [f"... and {len(group) - len(shown)} more"] if len(shown) < len(group) else []
    body = [_cut(line, room) for change in shown for line in _change(change, room)]
    title = f"{len(group)} to {LOOKS[action].verb}"
    fence = _fence([*body, *rest])
    head = [f"<details{opened}><summary>{title}</summary>", "", f"{fence}diff"]
    return [*head, *body, *rest, fence, "", "</details>", ""]


def _costs(plan: Plan, room: _Room) -> list[str]:
    """Say what it costs, and what that rests on in a foldable part."""
    estimate = plan.estimate
    words = " ".join(filter(None, (upload_words(plan), processing_words(estimate))))
    lines = [_escape(words)] if words else []
    found = [f"- {_escape(_cut(one, room))}" for one in uncounted_words(estimate)]
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


def _change(change: Change, room: _Room) -> Iterable[str]:
    mark = _DIFF_MARK.get(change.action, "!")
    size = f" ({human_bytes(change.estimate.bytes)})" if change.estimate.bytes else ""
    yield f"{mark} {safe_text(f'{change.address}  {change.reason}')}{size}"
    costs = change_words(change.estimate)
    if costs:
        yield f"    {safe_text(costs)}"
    if change.action is Action.CREATE or not room.fields:
        return
    for field in change.fields:
        before, after = text_pair(field.before, field.after, 100)
        yield f"    {safe_text(field.path)}  {before} -> {after}  {field_note(field)}".rstrip()


def _problems(problems: Sequence[Diagnostic], room: _Room) -> list[str]:
    if not problems:
        return []
    lines = [f"### {counted(len(problems), 'problem')}", ""]
    for problem in problems[: room.problems]:
        where = "".join(f" {_code(_cut(str(each), room))}" for each in (problem.source, problem.address) if each)
        said = f"{problem.summary}: {_escape(_cut(problem.detail, room))}" if problem.detail else problem.summary
        lines.append(f"- **{problem.severity} {problem.code}**{where} {said}")
        lines.append(f"  - {_escape(_cut(problem.advice, room))}")
    if len(problems) > room.problems:
        lines.append(f"- ... and {len(problems) - room.problems} more")
    return [*lines, ""]


def _cut(line: str, room: _Room) -> str:
    return line if len(line) <= room.line else f"{line[: room.line]}..."


def _code(text: str) -> str:
    """Return a text as code within a line, whatever backquotes are in it."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    blank = " " if "`" in (text[:1], text[-1:]) else ""
    return f"{fence}{blank}{safe_text(text)}{blank}{fence}"


def _escape(text: str) -> str:
    """Return a text that means nothing in Markdown and calls nobody: `@team` and `#12` are broken by a comment."""
    text = safe_text(text.replace("\n", " "))
    for mark in "\\`*_[]<>|~$&":
        text = text.replace(mark, f"\\{mark}")
    return re.sub(r"([@#])(?=\w)", r"\1<!-- -->", text)

"""A plan as text, for the person who has to say yes to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from llamasync.core.address import Address
from llamasync.core.diagnostic import has_errors
from llamasync.core.lean import lean_dataclass
from llamasync.plan.model import Action, Change, FieldChange, Plan
from llamasync.render.actions import LOOKS, count_words, field_note
from llamasync.render.columns import columns, folded, padded
from llamasync.render.costs import change_words, length_words, processing_words, uncounted_words, upload_words
from llamasync.render.records import remembered_words, renamed_words
from llamasync.render.style import PLAIN, Style
from llamasync.render.units import counted, human_bytes
from llamasync.render.values import safe_text, text_pair

MANY = 12
SHOWN_OF_MANY = 4
_VALUE_LIMIT = 60
_ADDRESS_WIDTH = 56
_CHECKS_LISTED = 6
_INDENT = 10  # of what stands below a change
_MARGIN = 8  # the symbol and the blanks around the address
_LISTED_ALWAYS = (Action.DELETE, Action.REPLACE, Action.FORGET)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class TextOptions:
    """How a plan is shown. `verbose` lists everything in full; `state` is where the state is, for the header.

    `width` is that of the terminal, at which long lines are broken, and 0 for a file or a pipe, where none is.
    """

    style: Style = PLAIN
    verbose: bool = False
    state: str = ""
    width: int = 0


def render_plan_text(plan: Plan, options: TextOptions) -> str:
    """Show the whole plan but for its problems: header, one line a change with its reason and fields, totals."""
    parts = [render_header(plan, options)]
    if plan.changes:
        parts.append(render_changes(plan.changes, options))
    parts.append(render_totals(plan, options))
    return "\n".join(parts)


def render_header(plan: Plan, options: TextOptions) -> str:
    """Say which project, endpoint, environment and state the plan is for."""
    name = f" ({safe_text(plan.project.name)})" if plan.project.name else ""
    rows = [("Project", f"{plan.project.id}{name}"), ("Endpoint", plan.endpoint)]
    if plan.environment:
        rows.append(("Environment", plan.environment))
    if options.state:
        rows.append(("State", options.state))
    return "".join(f"{options.style.paint('dim', f'{label:<12}')}{value}\n" for label, value in rows)


def render_changes(changes: Sequence[Change], options: TextOptions) -> str:
    """List the changes; of many alike in one manifest only the first, but nothing that deletes is left out."""
    widest = min(_ADDRESS_WIDTH, options.width // 2 or _ADDRESS_WIDTH)  # one long name leaves the others their reasons
    width = min(widest, max(columns(safe_text(str(change.address))) for change in changes))
    lines: list[str] = []
    for (manifest, action), group in groupby(_together(changes), key=_alike):
        lines.extend(_render_group(manifest, action, list(group), width, options))
    return "\n".join(lines) + "\n"


def _alike(change: Change) -> tuple[Address, Action]:
    return change.address.manifest, change.action


def _together(changes: Iterable[Change]) -> list[Change]:
    order = list(LOOKS)
    return sorted(changes, key=lambda change: (change.address.manifest, order.index(change.action), change.address))


def _render_group(
    manifest: Address, action: Action, group: list[Change], width: int, options: TextOptions
) -> Iterable[str]:
    all_of_it = options.verbose or len(group) <= MANY or action in _LISTED_ALWAYS
    shown = group if all_of_it else group[:SHOWN_OF_MANY]
    for change in shown:
        yield from _render_change(change, width, options)
    if len(shown) < len(group):
        rest = group[len(shown) :]
        look = LOOKS[action]
        size = sum(change.estimate.bytes for change in rest)
        total = f", {human_bytes(size)}" if size else ""
        text = f"... and {len(rest)} more to {look.verb} in {manifest}{total} (-v lists them)"
        yield f"  {options.style.paint(look.colour, f'{look.symbol:>3}')} {text}"


def _render_change(change: Change, width: int, options: TextOptions) -> Iterable[str]:
    look, style = LOOKS[change.action], options.style
    address = padded(safe_text(str(change.address)), width)
    size = f" ({human_bytes(change.estimate.bytes)})" if change.estimate.bytes else ""
    reason = f"{safe_text(change.reason)}{size}"
    below = [change_words(change.estimate)]
    if options.verbose:
        below += [f"    {one}" for one in length_words(change.estimate)]
        below += [f"at {change.source}" if change.source else ""]
        below += ["after " + ", ".join(map(str, change.needs)) if change.needs else ""]
    if options.width and columns(address) + columns(reason) + _MARGIN > options.width:
        address, reason, below = address.rstrip(), "", [reason, *below]
    yield f"  {style.paint(look.colour, f'{look.symbol:>3} {address}')}  {style.paint('dim', reason)}".rstrip()
    for said in filter(None, below):
        yield from (style.paint("dim", line) for line in folded(safe_text(said), options.width, indent=_INDENT))
    if change.action is not Action.CREATE or options.verbose:
        yield from _render_fields(change.fields, options)


def _render_fields(fields: Sequence[FieldChange], options: TextOptions) -> Iterable[str]:
    width = max((len(field.path) for field in fields), default=0)
    limit = _VALUE_LIMIT
    if options.width:
        limit = min(limit, max(20, options.width - _INDENT - width - 4))
    limit = 0 if options.verbose else limit
    for field in fields:
        before, after = text_pair(field.before, field.after, limit)
        note = options.style.paint("dim", field_note(field))
        head = f"{'':{_INDENT}}{safe_text(field.path):<{width}}  {before}"
        tail = f" -> {after}  {note}".rstrip()
        if options.width and columns(f"{head} -> {after}  {field_note(field)}") > options.width:
            yield from (head, f"{'':{_INDENT + width + 1}}{tail}")
        else:
            yield f"{head}{tail}"


def render_totals(plan: Plan, options: TextOptions) -> str:
    """Say what it comes to, what goes up, and what in the service is not ours."""
    lines = list(_last_line(plan, options))
    estimate, width = plan.estimate, options.width
    for costs in filter(None, (upload_words(plan), processing_words(estimate))):
        lines += folded(safe_text(costs), width)
    if estimate.uncounted:
        lines.append("Of unknown length, in no figure:")
        for one in uncounted_words(estimate, verbose=options.verbose):
            lines += folded(safe_text(one), width, indent=6)
    if estimate.assumptions:
        lines.append("Assumed, unless spec.estimate in llamasync.yaml says otherwise:")
        for one in estimate.assumptions:
            lines += folded(safe_text(one), width, indent=6)
    for words in (*renamed_words(plan), *remembered_words(plan)):
        lines += folded(safe_text(words), width)
    if plan.checks:
        lines += folded(checks_line(plan), width)
    lines.extend(_unmanaged(plan, options))
    return "\n".join(lines) + "\n"


def checks_line(plan: Plan) -> str:
    """Say which checks an apply of this plan runs; only for a plan that has any."""
    names = [safe_text(str(address)) for address in plan.checks[:_CHECKS_LISTED]]
    rest = len(plan.checks) - len(names)
    more = f" and {rest} more" if rest else ""
    return f"Then to be checked: {', '.join(names)}{more}."


def _last_line(plan: Plan, options: TextOptions) -> Iterable[str]:
    colour, text = "bold", f"Plan: {count_words(plan.summary())}. {plan.noop} unchanged."
    if plan.is_empty and has_errors(plan.problems):  # nothing was found to do because it could not be
        text = "No plan: the problems come first."
    elif plan.is_empty:
        colour = "green"
        text = f"No changes. {counted(plan.noop, 'object')} {'is' if plan.noop == 1 else 'are'} as the manifests say."
    return (options.style.paint(colour, line) for line in folded(text, options.width))


def _unmanaged(plan: Plan, options: TextOptions) -> Iterable[str]:
    if not plan.unmanaged:
        return
    how = "" if options.verbose else " (-v lists them)"
    number = counted(len(plan.unmanaged), "object")
    yield f"{number} in the service {'is' if len(plan.unmanaged) == 1 else 'are'} not managed here{how}."
    if options.verbose:
        for live in plan.unmanaged:
            foreign = f"  {live.foreign}" if live.foreign else ""
            yield f"      {live.collection} {live.id}  {safe_text(' / '.join(live.key))}{foreign}"

"""Drift as text: what differs from last time, grouped by whose change it was."""

from __future__ import annotations

from collections.abc import Iterable

from llamasync.core.diagnostic import has_errors
from llamasync.plan.model import Action, Change, Drift, Plan
from llamasync.render.actions import LOOKS
from llamasync.render.columns import folded
from llamasync.render.plan_text import TextOptions, render_header
from llamasync.render.units import counted
from llamasync.render.values import safe_text, text_pair

_TITLES = {
    Drift.SERVICE: "Changed in the service",
    Drift.BOTH: "Changed in both",
    Drift.MANIFEST: "Changed in the manifests, not applied yet",
    Drift.UNKNOWN: "Not known, for the service does not show it and the state does not remember it",
}
_LIMIT = 60


def render_drift_text(plan: Plan, options: TextOptions) -> str:
    """Show what differs, the service's changes first. A change of several owners stands with each."""
    parts = [render_header(plan, options)]
    for drift, title in _TITLES.items():
        group = [change for change in plan.changes if drift in owners(change)]
        if group:
            lines = [options.style.paint("bold", f"{title}: {counted(len(group), 'object')}")]
            for change in group:
                lines.extend(_change(change, drift, options))
            parts.append("\n".join(lines) + "\n")
    parts.append(_last_line(plan, options))
    return "\n".join(parts)


def owners(change: Change) -> frozenset[Drift]:
    """Say whose changes make this difference."""
    return frozenset(field.drift for field in change.fields if change.action is Action.UPDATE) or frozenset(
        {change.drift}
    )


def _change(change: Change, drift: Drift, options: TextOptions) -> Iterable[str]:
    look, style = LOOKS[change.action], options.style
    address = style.paint(look.colour, safe_text(str(change.address)))
    yield f"  {address}  {style.paint('dim', safe_text(change.reason))}"
    if change.action is Action.CREATE:
        return
    limit = 0 if options.verbose else _LIMIT
    for field in change.fields:
        if field.drift is drift or change.action is not Action.UPDATE:
            before, after = text_pair(field.before, field.after, limit)
            values = f"{before} in the service, {after} in the manifest"
            yield from folded(f"{safe_text(field.path)}  {values}", options.width, indent=6)


def _last_line(plan: Plan, options: TextOptions) -> str:
    if plan.is_empty and has_errors(plan.problems):
        return options.style.paint("bold", "Unknown: the problems come first.") + "\n"
    if plan.is_empty:
        said = f"No drift. {counted(plan.noop, 'object')} {'is' if plan.noop == 1 else 'are'} as last applied."
        return options.style.paint("green", said) + "\n"
    differ = "1 object differs" if len(plan.changes) == 1 else f"{len(plan.changes)} objects differ"
    return f"{differ}, {plan.noop} unchanged. `llamasync apply` makes them as the manifests say.\n"

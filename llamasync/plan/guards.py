"""Guards: the brakes. A plan that does more harm than its user said is refused, with the flag that means it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import ceil

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.kinds.facts import Kind
from llamasync.plan.changes import Context
from llamasync.plan.compare import parent_path
from llamasync.plan.model import Action, Change, Guards
from llamasync.plan.processing import Estimate
from llamasync.plan.protection import is_protected

SHARE_FROM = 10
SHOWN = 5
_MEANT = "if it is meant: lifecycle: {protect: false} in its manifest"


def check_guards(changes: Sequence[Change], managed: int, guards: Guards) -> list[Diagnostic]:
    """Check the number of deletes, and their share of the `managed` addresses once there are ten."""
    count = sum(change.action is Action.DELETE for change in changes)
    if not count or (guards.allow_deletes is not None and count <= guards.allow_deletes):
        return []
    problems = []
    share = guards.max_delete_share
    if share is not None and managed >= SHARE_FROM and count > share * managed:
        detail = (
            f"{count} of {managed} managed objects ({count / managed:.0%}) would be deleted; the limit is {share:.0%}"
        )
        problems.append(Diagnostic("LS302", detail, hint=f"if it is meant: --allow-deletes {count}"))
    if guards.max_deletes is not None and count > guards.max_deletes:
        detail = f"{count} objects would be deleted; the limit is {guards.max_deletes}"
        problems.append(Diagnostic("LS303", detail, hint=f"if it is meant: --allow-deletes {count}"))
    if not problems and guards.allow_deletes is not None and count > guards.allow_deletes:
        detail = f"{count} objects would be deleted; --allow-deletes says {guards.allow_deletes}"
        problems.append(Diagnostic("LS303", detail, hint=f"if it is meant: --allow-deletes {count}"))
    return problems


def check_costs(estimate: Estimate, guards: Guards) -> list[Diagnostic]:
    """Check pages and credits. What could not be counted is told wherever a limit is set: it may be over it."""
    limits = (
        ("LS330", "pages", estimate.pages, guards.max_pages, guards.allow_pages),
        ("LS331", "credits", estimate.credits, guards.max_credits, guards.allow_credits),
    )
    problems = []
    for code, what, count, limit, allowed in limits:
        if allowed is not None:
            limit, said = allowed, f"--allow-{what} says"
        else:
            said = "the limit is"
        if limit is not None and count > limit:
            about = "up to " if estimate.is_at_most else ""
            detail = f"{about}{number(count)} {what} would be processed; {said} {number(limit)}"
            if what == "credits":
                detail = f"{about}{number(count)} credits would be used; {said} {number(limit)}"
            problems.append(Diagnostic(code, detail, hint=f"if it is meant: --allow-{what} {ceil(count)}"))
    is_limited = any(limit is not None or allowed is not None for _, _, _, limit, allowed in limits)
    missing = [one.name for one in estimate.uncounted]
    missing += [f"the rate of {step.product} {step.tier}".rstrip() for step in estimate.steps if step.credits is None]
    if is_limited and missing:
        rest = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        problems.append(
            Diagnostic("LS332", f"not known: {', '.join(missing[:SHOWN])}{rest}", severity=Severity.WARNING)
        )
    return problems


def number(value: float) -> str:
    """Write a number for a person.

    >>> number(3720), number(1.5), number(0.126)
    ('3,720', '1.5', '0.13')
    """
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"


def check_protection(changes: Sequence[Change], context: Context) -> list[Diagnostic]:
    """Refuse to delete or to replace what is protected, by what was applied last or by the manifest as it is now. New
    content of a file is no replacement: the document stays."""
    kinds = context.kinds
    problems = []
    for change in changes:
        is_replaced = change.action is Action.REPLACE and any(field.forces_replace for field in change.fields)
        if change.action is Action.DELETE:
            declared = context.declared(change.address)
            is_held = change.binding is not None and (
                change.binding.protect or (declared is not None and is_protected(declared, kinds))
            )
        else:
            is_held = is_replaced and change.desired is not None and is_protected(change.desired, kinds)
        if is_held:
            verb = "replaced" if is_replaced else "deleted"
            kind = kinds[change.kind]
            hint = _kept_or_replaced(change, kind) if is_replaced else _kept_or_deleted(change, changes)
            problems.append(
                Diagnostic(
                    "LS305",
                    f"{change.address} would be {verb}: {change.reason}",
                    source=change.source,
                    address=change.address,
                    hint=hint,
                )
            )
    return problems


def _kept_or_replaced(change: Change, kind: Kind) -> str:
    forced = [field for field in change.fields if field.forces_replace]
    is_placed = bool(kind.collection.parent or kind.collection.scope)
    place = parent_path(kind) if is_placed else ""
    if any(field.path == place or not isinstance(field.before, str) for field in forced):
        return _MEANT
    kept = ", ".join(f"{field.path}: {json.dumps(field.before, ensure_ascii=False)}" for field in forced)
    return f"to keep it as it is: {kept}; {_MEANT}"


def _kept_or_deleted(change: Change, changes: Sequence[Change]) -> str:
    if change.binding is not None and change.binding.address != change.address:
        return _MEANT  # it makes room, and its manifest is there
    new = [one.address for one in changes if one.kind == change.kind and one.action is Action.CREATE]
    moved = ""
    if len(new) == 1:
        moved = f"if it is {new[0]} now: spec.moved: [{{from: {change.address}, to: {new[0]}}}] in llamasync.yaml; "
    meant = "if it is meant: declare it with lifecycle: {protect: false} and apply that first; "
    return f"{moved}{meant}to let go of it without deleting it: llamasync state rm {change.address}"

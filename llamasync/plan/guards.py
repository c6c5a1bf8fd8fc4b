"""Guards: the brakes. A plan that does more harm than its user said is refused, with the flag that means it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llamasync.core.diagnostic import Diagnostic
from llamasync.kinds.facts import Kind
from llamasync.plan.changes import is_protected
from llamasync.plan.model import Action, Change, Guards

SHARE_FROM = 10


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


def check_protection(changes: Sequence[Change], kinds: Mapping[str, Kind]) -> list[Diagnostic]:
    """Refuse to delete or to replace what is protected. New content of a file is no replacement: the document stays."""
    problems = []
    for change in changes:
        is_replaced = change.action is Action.REPLACE and any(field.forces_replace for field in change.fields)
        if change.action is Action.DELETE:
            is_held = change.binding is not None and change.binding.protect
        else:
            is_held = is_replaced and change.desired is not None and is_protected(change.desired, kinds)
        if is_held:
            verb = "replaced" if is_replaced else "deleted"
            problems.append(
                Diagnostic(
                    "LS305",
                    f"{change.address} would be {verb}: {change.reason}",
                    source=change.source,
                    address=change.address,
                    hint="to let go of it without deleting it: llamasync state rm " + str(change.address),
                )
            )
    return problems

"""How each action looks: symbol, colour and words. The one table that every renderer reads."""

from __future__ import annotations

from llamasync.core.diagnostic import Severity, has_errors
from llamasync.core.lean import lean_dataclass
from llamasync.core.secret import Secret
from llamasync.plan.model import Action, Drift, FieldChange, Plan
from llamasync.render.units import counted


@lean_dataclass(frozen=True, slots=True)
class Look:
    """`verb` follows "to" in a plan's last line; `doing`, `done` and `undone` tell of one change as it happens."""

    symbol: str
    colour: str
    verb: str
    doing: str
    done: str
    undone: str


LOOKS: dict[Action, Look] = {
    Action.CREATE: Look("+", "green", "create", "creating", "created", "not created"),
    Action.UPDATE: Look("~", "yellow", "update", "updating", "updated", "not updated"),
    Action.REPLACE: Look("-/+", "magenta", "replace", "replacing", "replaced", "not replaced"),
    Action.DELETE: Look("-", "red", "delete", "deleting", "deleted", "not deleted"),
    Action.MOVE: Look(">", "cyan", "move", "moving", "moved", "not moved"),
    Action.ADOPT: Look("=", "blue", "adopt", "adopting", "adopted", "not adopted"),
    Action.FORGET: Look("!", "yellow", "forget", "forgetting", "forgotten", "not forgotten"),
    Action.RUN: Look("*", "cyan", "run", "running", "ran", "did not succeed"),
    Action.SYNC: Look("@", "cyan", "sync", "syncing", "synced", "not synced"),
    Action.NOOP: Look(" ", "dim", "leave", "leaving", "left", "not left"),
}

_ALWAYS = (Action.CREATE, Action.UPDATE, Action.DELETE)

DRIFT_WORDS: dict[Drift, str] = {
    Drift.MANIFEST: "changed in the manifest",
    Drift.SERVICE: "changed in the service",
    Drift.BOTH: "changed in both",
    Drift.UNKNOWN: "what is there is not known",
}


def field_note(field: FieldChange) -> str:
    """Say what is out of the ordinary about a field's change; "" for one that was made in the manifest.

    >>> field_note(FieldChange(path="spec.name", before="a", after="b", drift=Drift.SERVICE))
    '(changed in the service)'
    """
    notes = [] if field.drift is Drift.MANIFEST else [DRIFT_WORDS[field.drift]]
    if isinstance(field.after, Secret) and str(field.before) == str(field.after) and field.drift is Drift.MANIFEST:
        notes.append("another value")
    notes += ["forces a replacement"] if field.forces_replace else []
    return f"({', '.join(notes)})" if notes else ""


def count_words(summary: dict[Action, int]) -> str:
    """Say how many of each action there are; create, update and delete always, the others when there are any.

    >>> count_words({Action.CREATE: 3, Action.MOVE: 1})
    '3 to create, 0 to update, 1 to move, 0 to delete'
    """
    order = (
        Action.CREATE, Action.UPDATE, Action.REPLACE, Action.MOVE, Action.ADOPT, Action.RUN, Action.SYNC,
        Action.DELETE, Action.FORGET,
    )  # fmt: skip
    counts = ((action, summary.get(action, 0)) for action in order)
    return ", ".join(f"{count} to {LOOKS[action].verb}" for action, count in counts if count or action in _ALWAYS)


def headline(plan: Plan) -> str:
    """Say in a few words what a plan comes to: what it would change, that it changes nothing, or that it is refused."""
    words = "no changes" if plan.is_empty else count_words(plan.summary())
    if not has_errors(plan.problems):
        return "No changes" if plan.is_empty else words
    errors = sum(problem.severity is Severity.ERROR for problem in plan.problems)
    said = f"Refused, {counted(errors, 'error')}"
    return said if plan.is_empty else f"{said} ({words})"

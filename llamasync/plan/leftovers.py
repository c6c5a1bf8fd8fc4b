"""Leftovers: intents that an interrupted run left open, and what their creates may have made."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.digest import digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.core.staging import staged_for
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject
from llamasync.plan.changes import Context, unwanted_change
from llamasync.plan.compare import CONTENT_PATH, check_kept
from llamasync.plan.model import Change
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import Desired

_NOWHERE = Source("", 0, 0)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """Deletes of what interrupted creates made and nobody wants, the intents about which nothing is left to do, and
    notes of what may be another's."""

    changes: list[Change]
    settled: tuple[Intent, ...]
    problems: list[Diagnostic]


def find_leftovers(intents: Iterable[Intent], wanted: Mapping[Address, Desired], context: Context) -> Leftovers:
    """See to what interrupted creates may have made.

    No object had the key of an intent when that was written, so one that is there now and is as it was to be is ours;
    another was made by somebody else meanwhile (LS327). What another address has claimed meanwhile (by name, by
    content, as staged bytes) is not a leftover.
    """
    found = Leftovers(changes=[], settled=tuple(intents), problems=[])
    if not found.settled:
        return found
    bound = {(binding.collection, binding.id) for binding in context.bindings.values()}
    made: dict[str, list[tuple[Intent, LiveObject]]] = {}
    for intent in found.settled:
        for live in (
            *context.index.by_place.get((intent.collection, intent.parent_id, intent.key), ()),
            *context.index.unnamed_like(context.kinds[intent.address.kind], None, intent.digest),
        ):
            if (live.collection, live.id) not in context.identities.claimed | bound:
                made.setdefault(live.id, []).append((intent, live))
    for candidates in made.values():
        differs = [_unlike(intent, live, context.kinds[intent.address.kind]) for intent, live in candidates]
        if () in differs:
            intent, live = candidates[differs.index(())]
            # Half of a replacement is a document of nobody's: nothing lets go of it.
            may_forget = not staged_for(live.key[-1])
            found.changes.append(
                unwanted_change(
                    _as_binding(intent, live, wanted),
                    context,
                    reason="left by an interrupted run",
                    may_forget=may_forget,
                )
            )
        else:
            found.problems.append(_left_alone(*candidates[-1], f"not as that was to make it: {', '.join(differs[-1])}"))
    return _without_used(found, made, bound, context) if found.changes else found


def _without_used(
    found: Leftovers,
    made: Mapping[str, Sequence[tuple[Intent, LiveObject]]],
    bound: Container[tuple[str, str]],
    context: Context,
) -> Leftovers:
    """Leave alone what somebody has put something into."""
    going = {change.live.id for change in found.changes if change.live is not None}
    used = {
        one.parent_id
        for several in context.index.by_place.values()
        for one in several
        if one.parent_id in going and one.id not in going and (one.collection, one.id) not in bound
    }
    kept = [change for change in found.changes if change.live is None or change.live.id not in used]
    told = [_left_alone(*made[one][-1], "others have put something into it") for one in sorted(used)]
    return replace(found, changes=kept, problems=[*found.problems, *told])


def _unlike(intent: Intent, live: LiveObject, kind: Kind) -> tuple[str, ...]:
    """Return in what a live object is not what the create was to make, as a person reads it."""
    if not (intent.sent and kind.collection.key):  # what has no name was told by all it shows
        return ()
    if staged_for(intent.key[-1]):  # nobody else calls anything so; its bytes may have changed while they were sent
        return ()
    if live.sha256 and digest({**intent.sent, "sha256": live.sha256}) != intent.digest:
        return (CONTENT_PATH,)
    sent = Desired(
        address=intent.address,
        kind=kind.name,
        fields=intent.sent,
        key=intent.key,
        source=_NOWHERE,
        parent=live.parent_id,
    )
    lost = [one.path for one in check_kept(sent, live, kind, live.parent_id, lambda reference: reference)]
    for fact in kind.fields:
        if fact.owned_keys:  # of a map others' keys are compared with nothing
            more = (live.fields.get(fact.name) or {}).keys() - (intent.sent.get(fact.name) or {}).keys()
            lost += [f"{fact.spec}.{key}" for key in sorted(more)]
    return tuple(lost)


def _left_alone(intent: Intent, live: LiveObject, why: str) -> Diagnostic:
    detail = f"{live.id} is {intent.key[-1]!r}, which an interrupted run was to make, but {why}"
    return Diagnostic("LS327", detail, address=intent.address, severity=Severity.WARNING)


def _as_binding(intent: Intent, live: LiveObject, wanted: Mapping[Address, Desired]) -> Binding:
    address = intent.address
    if address in wanted or address.item:
        address = Address(address.kind, address.name, live.key[-1])
    return Binding(address=address, collection=live.collection, id=live.id, key=live.key, parent_id=live.parent_id)

"""Names that are taken: what is to get one that another live object has is told before the service is asked."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.staging import staged_key
from llamasync.plan.changes import Context
from llamasync.plan.model import Action, Change


def taken_problems(changes: Sequence[Change], context: Context) -> list[Diagnostic]:
    """Report every object that would get the name of one that stays and is not its. LS301.

    What the service does then is not known: refuse it, after half of the plan is done, or let two have one name, of
    which nobody can tell any more which is meant. A file whose place is taken is taken over instead, see `identify`;
    where it had a twin before, new content is a warning, since the service lets two have one name.
    """
    getting = [one for one in changes if one.desired and one.live and _gets_its_name(one, context)]
    if not getting:
        return []
    leaving = _leaving(changes)
    problems = []
    for one in getting:
        assert one.desired is not None, "see above"
        assert one.live is not None, "see above"
        name = one.desired.key[-1]
        there = context.index.by_place.get((one.collection, one.live.parent_id, one.desired.key), ())
        for other in sorted(each.id for each in there if each.id not in leaving and each.id != one.live.id):
            if one.uploads:
                detail = f"{other} is {name!r} too, and what becomes of it when new content gets that name is not known"
                hint = "to be certain delete it before, or have all others deleted: spec.prune: all"
                severity = Severity.WARNING
            else:
                detail = f"{other} is called {name!r} already, and {one.live.id} would be called so too"
                hint = (
                    f"to take that one: llamasync adopt {one.address} {other}; to keep this one: give it another name"
                )
                severity = Severity.ERROR
            problems.append(Diagnostic("LS301", detail, one.source, one.address, hint=hint, severity=severity))
        problems += _staging_problems(one, leaving, context)
    return problems


def _staging_problems(change: Change, leaving: Container[str], context: Context) -> list[Diagnostic]:
    """Report what stays under the name that new content is to have until the old is gone."""
    desired = change.desired
    if desired is None or desired.content is None or change.staged is not None or not isinstance(change.parent, str):
        return []
    key = (*desired.key[:-1], staged_key(desired.key[-1], desired.content.sha256))
    there = context.index.by_place.get((change.collection, change.parent, key), ())
    return [
        Diagnostic(
            "LS301",
            f"{other} is {key[-1]!r}, which new content of {change.address} is called until the old is gone",
            change.source,
            change.address,
            hint="delete that one in the service, or give it another unique id",
        )
        for other in sorted(each.id for each in there if each.id not in leaving)
    ]


def _gets_its_name(change: Change, context: Context) -> bool:
    """Say whether a live object gets a name in this plan, from us: one that it had not, or its own for new bytes."""
    assert change.desired is not None, "nothing else gets one"
    assert change.live is not None, "and it is there already"
    collection = context.kinds[change.kind].collection
    if change.parent != change.live.parent_id:
        return False  # what is where it goes is taken over, or told as crowded
    if collection.content_field:
        return change.uploads
    return bool(collection.key) and not collection.scope and change.live.key != change.desired.key


def _leaving(changes: Iterable[Change]) -> set[str]:
    """Return the ids of live objects that lose their names."""
    return {
        one.live.id
        for one in changes
        if one.live is not None
        and (
            one.action is Action.DELETE
            or (one.desired is not None and (one.parent, one.desired.key) != (one.live.parent_id, one.live.key))
        )
    }

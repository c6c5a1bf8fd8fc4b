"""Names that are taken: what is renamed to one that another live object has is told before the service is asked."""

from __future__ import annotations

from collections.abc import Iterable

from llamasync.core.diagnostic import Diagnostic
from llamasync.plan.changes import Context
from llamasync.plan.model import Action, Change


def taken_problems(changes: Iterable[Change], context: Context) -> list[Diagnostic]:
    """Report every object that would get the name of one that stays and is not its. LS301.

    What the service does then is not known: refuse it, after half of the plan is done, or let two have one name, of
    which nobody can tell any more which is meant. A file that is there already is taken over instead, see `identify`.
    """
    listed = [one for one in changes if _has_a_name(one, context)]
    renamed = [one for one in listed if one.live and one.desired and one.live.key != one.desired.key]
    if not renamed:
        return []
    leaving = {one.live.id for one in listed if one.live and one.action is Action.DELETE} | {
        one.live.id for one in renamed if one.live
    }
    problems = []
    for one in renamed:
        assert one.desired is not None, "it is renamed to what is desired"
        assert one.live is not None, "and was called otherwise"
        parent = context.identities.parents[one.address]
        there = (
            context.index.by_place.get((one.collection, parent, one.desired.key), ()) if isinstance(parent, str) else ()
        )
        for other in sorted(each.id for each in there if each.id not in leaving):
            name = one.desired.key[-1]
            detail = f"{other} is called {name!r} already, and {one.live.id} would be called so too"
            hint = f"to take that one: llamasync adopt {one.address} {other}; to keep this one: give it another name"
            problems.append(Diagnostic("LS301", detail, one.source, one.address, hint=hint))
    return problems


def _has_a_name(change: Change, context: Context) -> bool:
    collection = context.kinds[change.kind].collection
    return bool(collection.key) and not collection.content_field and not collection.scope

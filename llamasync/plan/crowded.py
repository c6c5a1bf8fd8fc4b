"""Objects of which a parent may have one only: a second one is told before the service refuses it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.plan.changes import Context
from llamasync.plan.inputs import Parent
from llamasync.plan.model import Action, Change
from llamasync.workspace.desired import DesiredState

_LEAVING = (Action.DELETE, Action.REPLACE)


def crowded_problems(changes: Iterable[Change], wanted: DesiredState, context: Context) -> list[Diagnostic]:
    """Warn of every object that is to be made where another is, or will be. LS325."""
    listed = [one for one in changes if context.kinds[one.kind].collection.one_per_parent]
    coming_in = [one for one in listed if one.live is None or one.live.parent_id != one.parent]
    made = [one for one in coming_in if one.action in (Action.CREATE, Action.REPLACE)]
    if not made:
        return []
    leaving = {one.live.id for one in listed if one.live is not None and one.action in _LEAVING}
    there: defaultdict[tuple[str, Parent], list[str]] = defaultdict(list)
    for (collection, parent, _), found in context.index.by_place.items():
        there[collection, parent] += [one.id for one in found if one.id not in leaving]
    addresses = {live.id: address for address, live in context.identities.live.items()}
    coming: defaultdict[tuple[str, Parent], set[Address]] = defaultdict(set)
    for one in listed:
        if one.action in (Action.CREATE, Action.REPLACE):
            coming[one.collection, one.parent].add(one.address)
    problems = []
    for one in made:
        place = one.collection, one.parent
        others = [str(address) for address in sorted(coming[place] - {one.address})]
        ours = [str(addresses[each]) for each in sorted(there[place]) if each in addresses]
        theirs = [each for each in sorted(there[place]) if each not in addresses]
        if others or ours or theirs:
            holder = wanted.objects[one.address].parent
            detail = f"{holder} has {', '.join((*others, *ours, *theirs))} too"
            hint = f"to take that one: llamasync adopt {one.address} {theirs[0]}" if theirs else ""
            problems.append(Diagnostic("LS325", detail, one.source, one.address, hint=hint, severity=Severity.WARNING))
    return problems

"""Twins: several live objects with one key, where the service does not know keys itself. Shown, with the way out."""

from __future__ import annotations

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.plan.changes import Context
from llamasync.plan.identity import Place
from llamasync.workspace.desired import DesiredState


def twin_problems(wanted: DesiredState, context: Context) -> list[Diagnostic]:
    """Warn of every wanted object whose key more than one live object has; all their ids are told."""
    scoped = {kind.collection.name for kind in context.kinds.values() if kind.collection.scope}
    if scoped.isdisjoint(collection for collection, _ in context.index.by_id):
        return []
    several = {place: found for place, found in context.index.by_place.items() if len(found) > 1 and place[0] in scoped}
    if not several:
        return []
    prune = {group.address: group.prune for group in wanted.groups}
    problems = []
    for one in wanted.objects.values():
        parent = context.identities.parents[one.address]
        collection = context.kinds[one.kind].collection.name
        place: Place | None = (collection, parent, one.key) if isinstance(parent, str) else None
        found = several.get(place) if place else None
        taken = context.identities.live.get(one.address)
        if not found or taken is None:
            continue
        others = sorted(live.id for live in found if live.id != taken.id)
        detail = f"{one.key[-1]!r} is {taken.id}, and {', '.join(others)} too"
        if prune.get(one.address.manifest) == "all":
            hint = "the others are deleted, since the manifest says prune: all"
        else:
            hint = (
                f"to take another: llamasync adopt '{one.address}' {others[0]}; to delete all that are not in the "
                "manifest: spec.prune: all"
            )
        problems.append(Diagnostic("LS301", detail, one.source, one.address, hint=hint, severity=Severity.WARNING))
    return problems

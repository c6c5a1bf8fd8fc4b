"""References: what is referred to has to be there, or be made before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.nested import every
from llamasync.core.reference import Reference
from llamasync.kinds.facts import Kind
from llamasync.plan.identity import Identities, LiveIndex
from llamasync.workspace.claims import check_claims_in
from llamasync.workspace.desired import Desired, DesiredRun, DesiredState, FileGroup

User = Desired | FileGroup | DesiredRun


def check_references(
    wanted: DesiredState, found: Identities, index: LiveIndex, kinds: Mapping[str, Kind]
) -> list[Diagnostic]:
    """Report references to what the project does not hold, once a reference, where it stands. By an address only those
    to a manifest elsewhere: others are made first."""
    first: dict[Reference, User] = {}
    users: Iterable[User] = (*wanted.objects.values(), *wanted.groups, *wanted.runs.values())
    last: Reference | str | None = None
    for user in users:
        above, values = _above(user), _values_of(user)
        for value in values if above is last else (above, *values):  # files of one tree share what they are in
            if value and type(value) is not str:  # a text, or nothing at all, is most of what there is
                for reference in every(value, Reference):
                    if reference.address is None or (
                        reference.address in wanted.elsewhere and reference.address not in found.elsewhere
                    ):
                        first.setdefault(reference, user)
        last = above
    ordered = sorted(first.items(), key=lambda item: str(item[0]))
    return [
        replace(problem, source=source, field=where)
        for reference, user in ordered
        for problem in _check(reference, user, index, kinds)
        for source, where in [wanted.places.get((user.address.manifest, reference), (user.source, ""))]
    ]


def check_parents(wanted: DesiredState, found: Identities) -> list[Diagnostic]:
    """Report objects that claim one place because their parents, written in different ways, are one live object."""
    parents: dict[Reference, str] = {}
    last: Reference | str | None = None
    for one in wanted.objects.values():
        if one.parent is not last:  # files of one tree share theirs
            last = one.parent
            known = found.parents[one.address]
            if isinstance(last, Reference) and isinstance(known, str):
                parents[last] = known
    return check_claims_in(parents, wanted.objects.values())


def _above(user: User) -> Reference | str | None:
    return user.directory if isinstance(user, DesiredRun) else user.parent


def _values_of(user: User) -> Iterable[Any]:
    if isinstance(user, Desired):
        return user.fields.values()
    return user.configuration.values() if isinstance(user, DesiredRun) else ()


def _check(reference: Reference, user: User, index: LiveIndex, kinds: Mapping[str, Kind]) -> list[Diagnostic]:
    collection = kinds[reference.kind].collection.name
    if reference.address is not None:
        code, detail = "LS326", f"{reference.address} is not among what was named, and not in the project"
    elif reference.id:
        if kinds[reference.kind].collection.built_in(reference.id):
            return []
        live = index.by_id.get((collection, reference.id))
        if live is not None and not live.foreign:
            return []
        code, detail = "LS308", f"the project holds no {reference.kind} with the id {reference.id}"
        if live is not None:
            code, detail = "LS314", f"{reference.id} is {live.foreign}"
    else:
        count = len(index.named(collection, reference.name))
        if count == 1:
            return []
        code = "LS301" if count else "LS309"
        detail = f"the project holds {count or 'no'} {reference.kind} named {reference.name!r}"
    return [Diagnostic(code, detail, source=user.source, address=user.address.manifest)]

"""Claims: two manifests may not ask for one and the same live object. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.reference import Reference
from llamasync.kinds.registry import kind_named
from llamasync.workspace.desired import Desired, FileGroup


def check_claims(made: Iterable[Sequence[Desired]]) -> list[Diagnostic]:
    """Report objects of different manifests that would be one and the same live object, with both places.

    `made` has the objects of each manifest, which live in one place and were told apart when it was read.
    """
    by_place: defaultdict[tuple[str, Reference | None], list[Sequence[Desired]]] = defaultdict(list)
    for objects in made:
        if objects and not isinstance(parent := objects[0].parent, str):  # see check_places
            by_place[kind_named(objects[0].kind).collection.name, parent].append(objects)
    return _claimed_twice((collection, several) for (collection, _), several in by_place.items())


def check_claims_in(parents: Mapping[Reference, str], objects: Iterable[Desired]) -> list[Diagnostic]:
    """Report the same of objects whose parents are written in different ways, and are one live object all the same.

    `parents` are ids of live objects by the references that mean them.
    """
    meant: defaultdict[str, list[Reference]] = defaultdict(list)
    for reference, parent_id in parents.items():
        meant[parent_id].append(reference)
    written = {one for several in meant.values() if len(several) > 1 for one in several}
    if not written:
        return []
    by_parent: defaultdict[tuple[str, Reference], list[Desired]] = defaultdict(list)
    for one in objects:
        if one.parent in written and isinstance(one.parent, Reference):
            by_parent[kind_named(one.kind).collection.name, one.parent].append(one)
    by_place: defaultdict[tuple[str, str], list[Sequence[Desired]]] = defaultdict(list)
    for (collection, parent), several in by_parent.items():
        by_place[collection, parents[parent]].append(several)
    return _claimed_twice((collection, several) for (collection, _), several in by_place.items())


def check_places(groups: Iterable[FileGroup]) -> list[Diagnostic]:
    """Report manifests that would each say what is in one and the same place, with both places in the files."""
    first: dict[tuple[str, str], FileGroup] = {}
    problems = []
    for group in groups:
        if not isinstance(group.parent, str):
            continue
        collection = kind_named(group.kind).collection.name
        other = first.setdefault((collection, group.parent), group)
        if other is not group:
            detail = f"{group.address} and {other.address} are both the {collection} of {group.parent}"
            hint = f"the other one is at {other.source}"
            problems.append(Diagnostic("LS316", detail, group.source, group.address, hint=hint))
    return problems


def _claimed_twice(places: Iterable[tuple[str, Sequence[Sequence[Desired]]]]) -> list[Diagnostic]:
    """Report what has one key, of the objects of each place: a collection, and those of each manifest."""
    problems = []
    for collection, several in places:
        if len(several) == 1:
            continue
        first: dict[tuple[str, ...], Desired] = {}
        for one in chain.from_iterable(several):
            other = first.setdefault(one.key, one)
            if other is not one:
                problems.append(_problem(one, other, collection))
    return problems


def _problem(one: Desired, other: Desired, collection: str) -> Diagnostic:
    what = " / ".join(one.key)
    if one.content is not None:
        detail = f"{one.address} and {other.address} are both `{what}` in {one.parent}"
        code = "LS203"
    else:
        detail = f"{one.address} and {other.address} are both the {collection} entry `{what}`"
        code = "LS316"
    return Diagnostic(code, detail, one.source, one.address, hint=f"the other one is at {other.source}")

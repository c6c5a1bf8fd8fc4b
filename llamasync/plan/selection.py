"""Selection: `--target`, `--exclude` and `-l` narrow a plan to the part of the workspace that is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import field

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.plan.model import Action, Change, Selection

Labels = Mapping[Address, Mapping[str, str]]
Needs = Mapping[Address, Iterable[Address]]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a plan is meant. `chosen`: the addresses that targets and labels choose, with all that these need; None
    where neither was said. `out`: what was excluded, and all that needs it."""

    chosen: Set[Address] | None = None
    out: Set[Address] = frozenset()
    problems: tuple[Diagnostic, ...] = field(default=())

    def has(self, address: Address) -> bool:
        """Say whether an object, or a manifest, belongs to the part."""
        return (self.chosen is None or address in self.chosen) and self.out.isdisjoint((address, address.manifest))

    def of(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """Return the changes that belong to the part."""
        return tuple(change for change in changes if self.has(change.address))

    def told(self, problems: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the problems that matter to the part."""
        return [problem for problem in problems if problem.address is None or self.has(problem.address)]


WHOLE = Part()


def select(
    changes: Iterable[Change], selection: Selection, known: Iterable[Address], labels: Labels, declared: Needs
) -> Part:
    """Return the part that is selected, and what is wrong with the selection.

    `known` are all addresses of manifests and state, `labels` those of the manifests; `declared` are the needs of all
    that is wanted, changed or not. A target takes along what it needs; an exclusion leaves out what needs it. Deletes
    of removed manifests have no labels, so `-l` takes none.
    """
    by_address = {change.address: change for change in changes}
    everything = {*known, *by_address}
    problems = [*unknown_addresses(selection, everything), *unknown_labels(selection, labels)]
    chosen: set[Address] | None = None
    if selection.targets or selection.labels:
        chosen = _with_needs({one for one in everything if _is_selected(one, selection, labels)}, by_address, declared)
    out = _excluded(selection.excludes, everything, by_address, declared)
    return Part(chosen=chosen, out=out, problems=tuple(problems))


def covers(target: Address, address: Address) -> bool:
    """Say whether a target means this address: the same one, or the manifest of it."""
    return target in (address, address.manifest)


def _is_selected(address: Address, selection: Selection, labels: Labels) -> bool:
    if selection.targets and not any(covers(target, address) for target in selection.targets):
        return False
    own = labels.get(address.manifest, {})
    return all(own.get(key) == value for key, value in selection.labels.items())


def _with_needs(chosen: set[Address], changes: Mapping[Address, Change], declared: Needs) -> set[Address]:
    """Add what the chosen need, and the manifests of all of them."""
    items: defaultdict[Address, list[Address]] = defaultdict(list)
    for address in changes:
        items[address.manifest].append(address)
    pending, result = list(chosen), set(chosen)
    while pending:
        address = pending.pop()
        change = changes.get(address)
        needs = {*_needs_of(address, change, declared), *(_parts_with(change) if change else ())}
        for need in needs:
            for one in (need, *(items[need] if need not in changes else ())):
                if one not in result:
                    result.add(one)
                    pending.append(one)
    return result | {address.manifest for address in result}


def _excluded(
    excludes: Iterable[Address], everything: Iterable[Address], changes: Mapping[Address, Change], declared: Needs
) -> set[Address]:
    """Return what is excluded: what the excludes cover, and all that needs it, changed or not."""
    needing: defaultdict[Address, list[Address]] = defaultdict(list)
    for address in everything:
        change = changes.get(address)
        for need in _needs_of(address, change, declared):
            needing[need].append(address)
        if change is not None:
            for other in _parts_with(change):
                needing[other].append(address)
            if change.action is Action.DELETE and change.binding is not None:  # it would be gone from what stays
                for need in change.binding.needs:
                    needing[need].append(address)
    pending = [one for one in everything if any(covers(each, one) for each in excludes)]
    pending += excludes
    out = set(pending)
    while pending:
        address = pending.pop()
        for one in (*needing[address], *(needing[address.manifest] if address.item else ())):
            if one not in out:
                out.add(one)
                pending.append(one)
    return out


def _needs_of(address: Address, change: Change | None, declared: Needs) -> Iterable[Address]:
    """Return what must be there, or gone, before: what goes away needs nothing that is declared for it."""
    if change is None:
        return declared.get(address, ())
    return change.needs if _goes(change) else {*change.needs, *declared.get(address, ())}


def _goes(change: Change) -> bool:
    return change.action in (Action.DELETE, Action.FORGET)


def _parts_with(change: Change) -> Iterable[Address]:
    """Return the addresses without whose changes this one has no sense: of what it makes room for, in two steps, and
    of what it takes the live object over from."""
    if change.renamed_from is not None:
        yield change.renamed_from
    if change.binding is not None and change.desired is None and change.binding.address != change.address:
        yield change.binding.address


def unknown_addresses(selection: Selection, known: set[Address]) -> list[Diagnostic]:
    """Report the addresses of a selection that are none of `known`, nor manifests of them."""
    whole = known | {address.manifest for address in known}
    return [
        Diagnostic("LS310", f"{flag} {address} matches nothing", address=address)
        for flag, addresses in (("--target", selection.targets), ("--exclude", selection.excludes))
        for address in addresses
        if address not in whole
    ]


def unknown_labels(selection: Selection, labels: Labels) -> list[Diagnostic]:
    """Report labels that none of those that have `labels` has together."""
    wanted = selection.labels.items()
    if not wanted or any(wanted <= own.items() for own in labels.values()):
        return []
    said = ",".join(f"{key}={value}" for key, value in wanted)
    return [Diagnostic("LS310", f"-l {said} matches nothing", hint="labels stand in metadata.labels of manifests")]

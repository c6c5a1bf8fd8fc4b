"""Ordering: which changes go first. References forward, deletes in reverse, a name freed before it is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from llamasync.core.address import Address
from llamasync.core.graph import find_cycle
from llamasync.core.staging import staged_key
from llamasync.kinds.facts import Kind
from llamasync.plan.changes import address_with_id
from llamasync.plan.model import Action, Change, FieldChange
from llamasync.plan.protection import is_protected

_LEAVING = (Action.DELETE, Action.MOVE, Action.REPLACE)


def with_needs(changes: Iterable[Change], kinds: Mapping[str, Kind]) -> tuple[Change, ...]:
    """Return the changes with `needs` filled in, sorted by address. Needs name changes, or whole manifests of them.

    Where names go round in a circle (two files that swap theirs), one holder steps aside first: a change of its own.
    """
    listed = sorted(changes, key=lambda change: change.address)
    hard = {change.address: _hard_needs(change) for change in listed}
    _reverse_for_deletes(listed, hard)
    _empty_before_delete(listed, hard)
    _made_before_made_of(listed, hard, kinds)
    present = {change.address for change in listed} | {change.address.manifest for change in listed}
    needs = {address: {need for need in wanted if need in present} for address, wanted in hard.items()}
    asides: dict[Address, Change] = {}
    instead: dict[Address, Change] = {}
    for taker, holder in (*_name_reuse(listed, kinds), *_room(listed, kinds)):
        trial = needs[taker.address] | {holder.address}
        if find_cycle(_expanded({**needs, taker.address: trial})):
            if kinds[holder.kind].collection.one_per_parent:
                aside, instead[holder.address] = _leave_first(holder, taker, kinds)
            else:
                aside, instead[holder.address] = _step_aside(holder, taker, kinds)
            aside = asides.setdefault(holder.address, aside)
            needs.setdefault(aside.address, set())
            needs[holder.address].add(aside.address)
            trial = needs[taker.address] | {aside.address}
        needs[taker.address] = trial
    done = (instead.get(change.address, change) for change in listed)
    everything = sorted((*done, *asides.values()), key=lambda change: change.address)
    return tuple(replace(change, needs=tuple(sorted(needs[change.address]))) for change in everything)


def _step_aside(holder: Change, taker: Change, kinds: Mapping[str, Kind]) -> tuple[Change, Change]:
    """Give the holder's live object a name of its own for a while, and its own change the name that it is to have in
    the end, though it may have that already. It is known by its id, so a run may end in between."""
    live = holder.live
    assert live is not None, "what holds a name is live"
    name, old = next(reversed(list(kinds[holder.kind].collection.key))), live.key[-1]
    aside = f"{old}~{live.id}"
    after = replace(holder, send={name: holder.desired.key[-1], **holder.send}) if holder.desired else holder
    return Change(
        address=Address(holder.address.kind, holder.address.name, f"{holder.address.item or old} (aside)"),
        kind=holder.kind,
        collection=holder.collection,
        action=Action.MOVE,
        reason=f"steps aside: {taker.address} gets its name, and the other way round",
        source=holder.source,
        fields=(FieldChange(path=kinds[holder.kind].fact(name).spec, before=old, after=aside),),
        live=live,
        parent=live.parent_id,
        send={name: aside},
        renamed_from=holder.address,
    ), after


def _leave_first(holder: Change, taker: Change, kinds: Mapping[str, Kind]) -> tuple[Change, Change]:
    """Part the replacement of an object that cannot be moved: its live object goes first, a new one is made after."""
    live, desired, binding = holder.live, holder.desired, holder.binding
    assert live is not None, "what is replaced is live"
    assert desired is not None, "and desired"
    leaving = Change(
        address=address_with_id(holder.address, live),
        kind=holder.kind,
        collection=holder.collection,
        action=Action.DELETE,
        reason=f"leaves its place: {taker.address} gets it, and the other way round",
        source=holder.source,
        binding=replace(binding, protect=is_protected(desired, kinds)) if binding else None,
        live=live,
        parent=live.parent_id,
    )
    return leaving, replace(holder, action=Action.CREATE, live=None)


def _hard_needs(change: Change) -> set[Address]:
    if change.desired is None:
        return set(change.needs)
    return {*change.needs, *(need for need in change.desired.needs if need != change.address.manifest)}


def _reverse_for_deletes(changes: list[Change], needs: dict[Address, set[Address]]) -> None:
    deleted = {change.address for change in changes if change.action is Action.DELETE}
    by_manifest: defaultdict[Address, set[Address]] = defaultdict(set)
    for address in deleted:
        by_manifest[address.manifest].add(address)
    for change in changes:
        if change.action is Action.DELETE and change.binding is not None:
            for need in change.binding.needs:
                for first in by_manifest.get(need.manifest, set()) & deleted:
                    if first != change.address and first.manifest != change.address.manifest:
                        needs[first].add(change.address)


def _empty_before_delete(changes: list[Change], needs: dict[Address, set[Address]]) -> None:
    """Let a live object that others live in go last: after all that leave it."""
    going = {
        (change.live.id): change.address
        for change in changes
        if change.action is Action.DELETE and change.live is not None
    }
    for change in changes:
        if change.live is not None and change.action in _LEAVING and change.live.parent_id in going:
            needs[going[change.live.parent_id]].add(change.address)


def _made_before_made_of(changes: list[Change], needs: dict[Address, set[Address]], kinds: Mapping[str, Kind]) -> None:
    """Let what is made of the files of a parent (an index) go before these, when all go."""
    going = [change for change in changes if change.action is Action.DELETE and change.live is not None]
    made = {change.live.parent_id: change for change in going if change.live and kinds[change.kind].sync_path}
    for change in going:
        assert change.live is not None, "only what is live is deleted"
        whole = made.get(change.live.parent_id)
        if whole is not None and kinds[change.kind].collection.content_field:
            needs[change.address].add(whole.address)


def _room(changes: list[Change], kinds: Mapping[str, Kind]) -> list[tuple[Change, Change]]:
    """Pairs (who is made in a parent, who leaves it), of objects of which a parent may have one only."""
    found = [change for change in changes if kinds[change.kind].collection.one_per_parent]
    leaving: defaultdict[tuple[str, object], list[Change]] = defaultdict(list)
    for change in found:
        if change.live is not None and change.action in (Action.DELETE, Action.REPLACE):
            leaving[change.collection, change.live.parent_id].append(change)
    return [
        (change, holder)
        for change in found
        if change.action in (Action.CREATE, Action.REPLACE)
        for holder in leaving[change.collection, change.parent]
        if holder is not change
    ]


def _name_reuse(listed: list[Change], kinds: Mapping[str, Kind]) -> list[tuple[Change, Change]]:
    """Pairs (who takes a name, who gives it up)."""
    collections = {kind: kinds[kind].collection for kind in {change.kind for change in listed}}
    changes = [one for one in listed if not (collections[one.kind].scope or collections[one.kind].one_per_parent)]
    holders: defaultdict[tuple[str, object, tuple[str, ...]], list[Change]] = defaultdict(list)
    for change in changes:
        if change.live is not None and change.action in (*_LEAVING, Action.UPDATE):
            holders[change.collection, change.live.parent_id, change.live.key].append(change)
    return [
        (change, holder)
        for change in changes
        for key in _names_taken(change)
        for holder in holders.get((change.collection, change.parent, key), ())
        if holder is not change
    ]


def _names_taken(change: Change) -> Iterator[tuple[str, ...]]:
    """Iterate over the keys that a change gives, that for the time until old content is gone among them."""
    if change.desired is None:
        return
    yield change.desired.key
    if change.desired.content is not None and change.action is Action.REPLACE and change.staged is None:
        *above, name = change.desired.key
        yield (*above, staged_key(name, change.desired.content.sha256))


def _expanded(needs: Mapping[Address, set[Address]]) -> dict[Address, set[Address]]:
    """Stand for a need of a whole manifest by a node of its own that needs every change of it."""
    graph = {address: set(wanted) for address, wanted in needs.items()}
    for address in needs:
        if address.item:
            graph.setdefault(address.manifest, set()).add(address)
    return graph

"""Plans the live objects: what each of them needs, what becomes of those that nobody asks for, what goes along.
Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.live.model import LiveObject
from llamasync.plan.changes import (
    Context,
    address_with_id,
    left_behind_changes,
    stranger_change,
    unwanted_change,
    wanted_change,
)
from llamasync.plan.identity import LiveIndex, resolve
from llamasync.plan.leftovers import find_leftovers
from llamasync.plan.model import Action, Change
from llamasync.plan.records import record_of
from llamasync.plan.syncs import with_syncs
from llamasync.plan.unchanged import is_as_recorded
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import DesiredState

_PRUNED = "not in the source, and the manifest says prune: all"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsPlan:
    """What is to be done to objects. `context` knows which of them are replaced; `remembered` are bindings of objects
    that are as desired and that state does not hold just so; `settled` are intents about which nothing is left to
    do."""

    context: Context
    changes: tuple[Change, ...]
    noop: int
    remembered: tuple[Binding, ...]
    settled: tuple[Intent, ...]
    problems: tuple[Diagnostic, ...]


def plan_objects(wanted: DesiredState, context: Context, intents: Iterable[Intent], *, is_partial: bool) -> ObjectsPlan:
    """Decide what is done to every object that is wanted, remembered, or in the way. `is_partial`: of the manifests
    only those of `wanted` are meant."""
    context, upserts = _upserts(wanted, context)
    same = [change for change in upserts if change.action is Action.NOOP]
    changes = [change for change in upserts if change.action is not Action.NOOP]
    changes += _removals(wanted, context, is_partial=is_partial)
    leftovers = find_leftovers(intents, wanted.objects, context)
    changes += leftovers.changes
    changes += left_behind_changes(context)
    changes += _strangers(wanted, context, changes)
    changes = with_syncs(changes, wanted, context)
    changes, problems = _directory_contents(changes, context)
    changes = _told_apart(changes, wanted, context)
    return ObjectsPlan(
        context=context,
        changes=tuple(changes),
        noop=len(wanted.objects) - len(upserts) + len(same) - sum(one.action is Action.SYNC for one in changes),
        remembered=_remembered(same, context),
        settled=leftovers.settled,
        problems=(*problems, *leftovers.problems, *context.identities.problems),
    )


def _upserts(wanted: DesiredState, context: Context) -> tuple[Context, list[Change]]:
    """Decide on every desired object that is not as recorded, and again on those that refer to one that is replaced:
    they will have to name its successor."""
    changes = {
        one.address: wanted_change(one, context) for one in wanted.objects.values() if not is_as_recorded(one, context)
    }
    while True:
        replaced = frozenset(address for address, change in changes.items() if _has_successor(change))
        fresh = replaced - context.replaced
        if not fresh:
            return context, list(changes.values())
        context = replace(context, replaced=replaced)
        for one in wanted.objects.values():
            if not fresh.isdisjoint(one.needs):
                changes[one.address] = wanted_change(one, context)


def _has_successor(change: Change) -> bool:
    return change.action is Action.REPLACE and any(field.forces_replace for field in change.fields)


def _removals(wanted: DesiredState, context: Context, *, is_partial: bool) -> list[Change]:
    """List changes for bindings that no manifest asks for, but for those whose live object goes to another address."""
    prune = {group.address: group.prune for group in wanted.groups}
    emptied = _pruned_whole(wanted, context)
    taken_over = set(context.identities.renamed_from.values())
    changes = []
    unwanted = context.bindings.keys() - wanted.objects.keys() - taken_over
    for address in sorted(unwanted):
        binding = context.bindings[address]
        if is_partial and address.manifest not in wanted.manifests:
            continue
        in_group = address.manifest in prune
        is_declared = address in context.here
        changes.append(
            unwanted_change(
                binding,
                context,
                is_pruned=prune.get(address.manifest) != "never",
                reason="removed from the source" if in_group else "to be destroyed" if is_declared else "",
                may_forget=not _is_in(binding, emptied.get(address.manifest), context),
            )
        )
    return changes


def _is_in(binding: Binding, parent_id: str | None, context: Context) -> bool:
    live = context.index.by_id.get((binding.collection, binding.id))
    return live is not None and live.parent_id == parent_id


def _pruned_whole(wanted: DesiredState, context: Context) -> dict[Address, str]:
    """Return in which live parent each group that says `prune: all` has nothing but what it declares, by address. Of a
    shared parent only a plan of everything knows what is nobody's."""
    found = {}
    for group in wanted.groups:
        if group.prune == "all" and group.parent not in wanted.shared:
            parent = resolve(group.parent, context.identities, context.index, context.kinds)
            if isinstance(parent, str):
                found[group.address] = parent
    return found


def _strangers(wanted: DesiredState, context: Context, changes: Iterable[Change]) -> list[Change]:
    """List deletes of files that are not ours, for groups that say `prune: all`."""
    emptied = _pruned_whole(wanted, context)
    if not emptied:
        return []
    ours = {(change.live.collection, change.live.id) for change in changes if change.live is not None}
    ours |= {(binding.collection, binding.id) for binding in context.bindings.values()} | context.identities.claimed
    left = {  # what another manifest lets go is nobody's from then on
        (change.live.collection, change.live.id): change.address.manifest
        for change in changes
        if change.live is not None and change.action is Action.FORGET
    }
    result: dict[str, Change] = {}
    for address, parent in emptied.items():
        collection = context.kinds[address.kind].collection.name
        for live in _children(context.index, collection, parent):
            if (collection, live.id) not in ours or left.get((collection, live.id), address) != address:
                result.setdefault(live.id, stranger_change(live, address, _PRUNED, context))
    return list(result.values())


def _children(index: LiveIndex, collection: str, parent_id: str) -> list[LiveObject]:
    return [
        one
        for (where, parent, _), found in index.by_place.items()
        if where == collection and parent == parent_id
        for one in found
    ]


def _directory_contents(changes: list[Change], context: Context) -> tuple[list[Change], list[Diagnostic]]:
    """See to what lives in an object that is deleted: deleted along by name where that is allowed, else a problem."""
    if not any(change.action is Action.DELETE for change in changes):
        return changes, []
    children: defaultdict[str, list[LiveObject]] = defaultdict(list)
    for found in context.index.by_place.values():
        for one in found:
            if one.parent_id:
                children[one.parent_id].append(one)
    leaving = {change.live.id for change in changes if change.live is not None and _leaves(change, change.live)}
    others = {id_ for _, id_ in context.identities.claimed} | {binding.id for binding in context.bindings.values()}
    others -= {one.live.id for one in changes if one.live is not None and one.action is Action.FORGET}
    added: list[Change] = []
    problems: list[Diagnostic] = []
    for change in changes:
        if change.action is not Action.DELETE or change.live is None:
            continue
        strangers = sorted((one for one in children[change.live.id] if one.id not in leaving), key=lambda one: one.key)
        if change.binding is not None and change.binding.delete_contents:
            added += [
                stranger_change(one, change.address, "in a directory that is deleted with its contents", context)
                for one in strangers
                if one.file_id and one.id not in others
            ]
            # What is made of it is no content of it, and what other manifests put there is theirs.
            strangers = [one for one in strangers if not one.file_id or one.id in others]
        if strangers:
            problems.append(_staying(change.address, strangers, changes, context))
    return changes + added, problems


def _leaves(change: Change, live: LiveObject) -> bool:
    """Say whether a change takes a live object out of what it lives in."""
    return change.action is Action.DELETE or (change.action is not Action.FORGET and change.parent != live.parent_id)


def _staying(directory: Address, files: list[LiveObject], changes: list[Change], context: Context) -> Diagnostic:
    """Tell which files a directory holds that are not deleted, and which manifests have some that are not touched."""
    names = ", ".join(one.key[-1] for one in files[:5]) + (" ..." if len(files) > 5 else "")
    detail, hint = f"{directory} holds {len(files)} of them: {names}", ""
    left = {one.id for one in files} - {change.live.id for change in changes if change.live is not None}
    manifests = {one.address.manifest for one in context.bindings.values() if one.id in left}
    if manifests:
        listed = ", ".join(map(str, sorted(manifests)))
        detail, hint = f"{detail} (of {listed})", f"Name what they are of as well: {listed}."
    return Diagnostic("LS307", detail, address=directory, hint=hint)


def _told_apart(changes: Iterable[Change], wanted: DesiredState, context: Context) -> list[Change]:
    """Give what nobody declares an address of its own where the one it would go by means another object."""
    taken = {*wanted.objects, *context.bindings}
    result: list[Change] = []
    for change in changes:
        is_declared = change.desired is not None or (
            change.binding is not None and context.bindings.get(change.address) is change.binding
        )
        if not is_declared and change.live is not None:
            if change.address in taken:
                address = address_with_id(change.address, change.live)
                change = replace(
                    change,
                    address=address,
                    binding=replace(change.binding, address=address) if change.binding else None,
                )
            taken.add(change.address)
        result.append(change)
    return result


def _remembered(same: Iterable[Change], context: Context) -> tuple[Binding, ...]:
    """Bindings that state should hold but does not hold just so, of objects that are as desired."""
    result = []
    for change in same:
        assert change.desired is not None, "a removal is never a noop"
        assert change.live is not None, "what is not there is created"
        assert change.binding is not None, "what is not bound is adopted"
        record = record_of(
            change.desired,
            change.live,
            context.kinds,
            applied_at=change.binding.applied_at,
            resolve=context.resolve,
            inputs=change.binding.inputs,
            key=context.key,
            before=change.binding,
        )
        if record != change.binding:
            result.append(record)
    return tuple(result)

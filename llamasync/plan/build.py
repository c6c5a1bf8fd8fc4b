"""Builds a Plan from what should be, what is, and what was applied last. Pure: the same three give the same plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.reference import Reference
from llamasync.core.secret import sealing_key
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject, LiveState
from llamasync.plan.changes import Context, left_behind_changes, stranger_change, unwanted_change, wanted_change
from llamasync.plan.checks import affected_checks, with_needs_of_checks
from llamasync.plan.fingerprint import fingerprint
from llamasync.plan.guards import check_guards, check_protection
from llamasync.plan.identity import Identities, LiveIndex, check_references, identify, references_in, resolve
from llamasync.plan.leftovers import intent_changes
from llamasync.plan.model import Action, Change, Plan, PlanOptions, Selection
from llamasync.plan.offered import check_offered
from llamasync.plan.ordering import with_needs
from llamasync.plan.records import record_of
from llamasync.plan.runs import plan_runs
from llamasync.plan.selection import select
from llamasync.plan.syncs import sync_standings, with_syncs
from llamasync.plan.twins import twin_problems
from llamasync.plan.unchanged import is_as_recorded
from llamasync.plan.unseen import check_unseen
from llamasync.plan.worked_on import check_reconfigured
from llamasync.state.model import Binding, State
from llamasync.workspace.desired import DesiredState

_EMPTY = DesiredState()


def build_plan(
    desired: DesiredState, live: LiveState, state: State, kinds: Mapping[str, Kind], options: PlanOptions
) -> Plan:
    """Lay desired, live and last-applied state side by side. Never raises for what users did: see `Plan.problems`."""
    assert not desired.lots, "a plan is made of all objects, but for those that were left out of state and service too"
    wanted = _EMPTY if options.destroy else desired
    index = LiveIndex(live)
    everything, renamed = _moved(state.bindings, wanted.moved)
    managed = len(everything) + desired.unchanged
    of_runs = {kind.run.collection for kind in kinds.values() if kind.run}
    runs_bound = {address: one for address, one in everything.items() if one.collection in of_runs}
    bindings = {address: one for address, one in everything.items() if address not in runs_bound}
    objects_intents = [intent for intent in state.intents if intent.collection not in of_runs]
    identities = identify(wanted.objects, index, bindings, kinds, objects_intents)
    context = Context(
        identities=identities,
        index=index,
        bindings=bindings,
        kinds=kinds,
        bytes_here=frozenset(one.content.sha256 for one in desired.objects.values() if one.content),
        key=sealing_key(state.lineage),
        here=desired.objects,
    )
    context, upserts = _upserts(wanted, context)
    untouched = len(wanted.objects) - len(upserts)
    changes = [change for change in upserts if change.action is not Action.NOOP]
    same = [change for change in upserts if change.action is Action.NOOP]
    changes += _removals(wanted, context, options)
    leftovers, settled = intent_changes(objects_intents, wanted.objects, context)
    changes += leftovers
    changes += left_behind_changes(context)
    changes += _strangers(wanted, context, changes)
    changes = with_syncs(changes, wanted, context)
    changes, problems = _directory_contents(changes, context)
    problems += check_reconfigured(wanted.objects.values(), changes, kinds)
    problems += identities.problems
    problems += check_unseen(wanted.objects.values(), live, state, context)
    problems += twin_problems(wanted, context)
    problems += check_references((*wanted.objects.values(), *wanted.groups, *wanted.runs.values()), index, kinds)
    runs = plan_runs(
        wanted,
        live,
        runs_bound,
        [intent for intent in state.intents if intent.collection in of_runs],
        context,
        changes,
        is_partial=options.partial,
    )
    problems += runs.problems
    ordered = with_needs([*changes, *runs.changes], kinds)
    chosen, selection_problems = _selected(ordered, wanted, everything, options.selection)
    problems += selection_problems
    problems += check_protection(chosen, kinds)
    problems += check_offered(chosen, live, kinds)
    problems += _emptied(wanted, everything, options) or (
        [] if options.destroy else check_guards(chosen, managed, options.guards)
    )
    return Plan(
        changes=chosen,
        project=live.project,
        endpoint=options.endpoint,
        environment=options.environment,
        fingerprint=fingerprint(chosen, live.project, options, context.key),
        noop=untouched + len(same) + runs.noop + desired.unchanged,
        managed=managed,
        remembered=(*_remembered(same, context), *runs.remembered),
        renamed=renamed,
        settled=(*settled, *runs.settled),
        unmanaged=_unmanaged(live, wanted, bindings, identities, changes),
        problems=tuple(problems),
        read_calls=live.read_calls,
        known_ids=_known_ids(chosen, context),
        checks=affected_checks(chosen, wanted, options.selection.excludes),
        other_ids={one.id: one.other_id for one in index.by_id.values() if one.other_id},
        lineage=state.lineage,
        questions=tuple(runs.questions),
        standings=(*runs.standings, *sync_standings(wanted, context)),
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


def _known_ids(changes: Iterable[Change], context: Context) -> dict[Reference, str]:
    """Return the ids of what the changes refer to, as far as they exist already."""
    known: dict[Reference, str] = {}
    for change in changes:
        run = change.run.desired if change.run else None
        asked = change.desired.fields if change.desired else [run.configuration, run.directory, run.rest] if run else ()
        for reference in references_in(asked):
            found = context.resolve(reference)
            if isinstance(found, str):
                known[reference] = found
    return known


def _selected(
    changes: tuple[Change, ...], wanted: DesiredState, bindings: Mapping[Address, Binding], selection: Selection
) -> tuple[tuple[Change, ...], list[Diagnostic]]:
    if selection == Selection():
        return changes, []
    labels = {one.address.manifest: one.labels for one in wanted.objects.values()}
    labels |= {group.address: group.labels for group in wanted.groups}
    selection = with_needs_of_checks(selection, wanted)
    labels |= {run.address: run.labels for run in wanted.runs.values()}
    return select(changes, selection, {*wanted.objects, *wanted.manifests, *bindings}, labels)


def _moved(
    bindings: Mapping[Address, Binding], moved: Mapping[Address, Address]
) -> tuple[dict[Address, Binding], tuple[tuple[Address, Address], ...]]:
    """Give bindings the addresses that moved records say; one whose new address is taken stays."""
    if not moved:
        return dict(bindings), ()
    result: dict[Address, Binding] = {}
    renamed = []
    for address, binding in bindings.items():
        target = moved.get(address.manifest)
        new = Address(target.kind, target.name, address.item) if target else address
        if new != address and new not in bindings:
            renamed.append((address, new))
            result[new] = replace(binding, address=new)
        else:
            result[address] = binding
    return result, tuple(sorted(renamed))


def _removals(wanted: DesiredState, context: Context, options: PlanOptions) -> list[Change]:
    """List changes for bindings that no manifest asks for, but for those whose live object goes to another address."""
    prune = {group.address: group.prune for group in wanted.groups}
    taken_over = set(context.identities.renamed_from.values())
    changes = []
    unwanted = context.bindings.keys() - wanted.objects.keys() - taken_over
    for address in sorted(unwanted):
        binding = context.bindings[address]
        if options.partial and address.manifest not in wanted.manifests:
            continue
        in_group = address.manifest in prune
        changes.append(
            unwanted_change(
                binding,
                context,
                is_pruned=prune.get(address.manifest) != "never",
                reason="removed from the source" if in_group else "",
            )
        )
    return changes


def _strangers(wanted: DesiredState, context: Context, changes: Iterable[Change]) -> list[Change]:
    """List deletes of files that are not ours, for groups that say `prune: all`."""
    if not any(group.prune == "all" for group in wanted.groups):
        return []
    ours = {(change.live.collection, change.live.id) for change in changes if change.live is not None}
    ours |= {(binding.collection, binding.id) for binding in context.bindings.values()} | context.identities.claimed
    left = {  # what another manifest lets go is nobody's from then on
        (change.live.collection, change.live.id): change.address.manifest
        for change in changes
        if change.live is not None and change.action is Action.FORGET
    }
    reason = "not in the source, and the manifest says prune: all"
    result: dict[str, Change] = {}
    for group in wanted.groups:
        parent = resolve(group.parent, context.identities, context.index, context.kinds)
        if group.prune != "all" or isinstance(parent, Reference):
            continue
        collection = context.kinds[group.kind].collection.name
        for live in _children(context.index, collection, parent):
            if (collection, live.id) not in ours or left.get((collection, live.id), group.address) != group.address:
                result.setdefault(live.id, stranger_change(live, group.address, reason, context))
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
    leaving = {change.live.id for change in changes if change.live is not None and change.action is not Action.FORGET}
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
            ]
        elif strangers:
            names = ", ".join(one.key[-1] for one in strangers[:5]) + (" ..." if len(strangers) > 5 else "")
            problems.append(
                Diagnostic("LS307", f"{change.address} holds {len(strangers)} of them: {names}", address=change.address)
            )
    return changes + added, problems


def _emptied(wanted: DesiredState, bindings: Mapping[Address, Binding], options: PlanOptions) -> list[Diagnostic]:
    if options.destroy or options.partial or wanted.manifests or not bindings:
        return []
    return [Diagnostic("LS304", f"{len(bindings)} managed objects would be deleted")]


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
        )
        if record != change.binding:
            result.append(record)
    return tuple(result)


def _unmanaged(
    live: LiveState,
    wanted: DesiredState,
    bindings: Mapping[Address, Binding],
    identities: Identities,
    changes: Iterable[Change],
) -> tuple[LiveObject, ...]:
    """Live objects that are not ours, beside those that are: in no binding, claimed by none, touched by no change."""
    unclaimed = [
        one
        for objects in live.objects.values()
        for one in objects
        if not one.foreign and (one.collection, one.id) not in identities.claimed
    ]
    if not unclaimed:
        return ()
    known = {(binding.collection, binding.id) for binding in bindings.values()}
    known |= {(change.live.collection, change.live.id) for change in changes if change.live is not None}
    return tuple(one for one in unclaimed if (one.collection, one.id) not in known)

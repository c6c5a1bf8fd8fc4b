"""Builds a Plan from what should be, what is, and what was applied last. Pure: the same three give the same plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.nested import every
from llamasync.core.reference import Reference
from llamasync.core.secret import sealing_key
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject, LiveState
from llamasync.plan.changes import Context
from llamasync.plan.checks import affected_checks, with_needs_of_checks
from llamasync.plan.crowded import crowded_problems
from llamasync.plan.fingerprint import fingerprint
from llamasync.plan.guards import check_guards, check_protection
from llamasync.plan.identity import Identities, LiveIndex, identify
from llamasync.plan.model import Change, Plan, PlanOptions, Selection
from llamasync.plan.moved import follow
from llamasync.plan.objects import plan_objects
from llamasync.plan.offered import check_offered
from llamasync.plan.ordering import with_needs
from llamasync.plan.references import check_parents, check_references
from llamasync.plan.runs import plan_runs
from llamasync.plan.selection import WHOLE, Part, select
from llamasync.plan.shared_runs import share_runs
from llamasync.plan.syncs import sync_standings
from llamasync.plan.taken import taken_problems
from llamasync.plan.twins import twin_problems
from llamasync.plan.unseen import check_unseen
from llamasync.plan.worked_on import check_reconfigured
from llamasync.state.model import Binding, Intent, State
from llamasync.workspace.desired import DesiredState


def build_plan(
    desired: DesiredState, live: LiveState, state: State, kinds: Mapping[str, Kind], options: PlanOptions
) -> Plan:
    """Lay desired, live and last-applied state side by side. Never raises for what users did: see `Plan.problems`."""
    assert not desired.lots, "a plan is made of all objects, but for those that were left out of state and service too"
    wanted = wanted_of(desired, options)
    index = LiveIndex(live)
    moved = follow(wanted.moved, state.bindings)
    everything = moved.bindings
    managed = len(everything) + desired.unchanged
    of_objects, of_runs = _parted(everything, _meant(state.intents, wanted, options), kinds)
    identities = identify(
        wanted.objects, index, of_objects.bindings, kinds, of_objects.intents, elsewhere=wanted.elsewhere
    )
    context = _context(desired, identities, index, of_objects.bindings, kinds, state)
    objects = plan_objects(wanted, context, of_objects.intents, is_partial=options.partial)
    context, changes = objects.context, list(objects.changes)
    runs = plan_runs(wanted, live, of_runs.bindings, of_runs.intents, context, changes, is_partial=options.partial)
    ordered = with_needs([*changes, *share_runs(runs.changes, options.selection.excludes)], kinds)
    assert len({change.address for change in ordered}) == len(ordered), "an address stands for one change"
    part = _part((*ordered, *runs.awaited), desired, wanted, everything, options.selection)
    chosen = part.of(ordered)
    found = [
        *moved.problems,
        *objects.problems,
        *check_reconfigured(wanted.objects.values(), changes, kinds),
        *_not_known(wanted, live, state, context),
        *check_parents(wanted, identities),
        *twin_problems(wanted, context),
        *taken_problems(changes, context),
        *crowded_problems(changes, wanted, context),
        *runs.problems,
    ]
    problems = [
        *part.told(found),
        *part.problems,
        *check_offered(chosen, live, kinds),
        *_brakes(chosen, wanted, everything, managed, context, options),
    ]
    return Plan(
        changes=chosen,
        project=live.project,
        endpoint=options.endpoint,
        environment=options.environment,
        fingerprint=fingerprint(chosen, live.project, options, context.key),
        noop=objects.noop + runs.noop + desired.unchanged,
        managed=managed,
        remembered=(*objects.remembered, *runs.remembered),
        renamed=moved.renamed,
        settled=tuple(one for one in (*objects.settled, *runs.settled) if part.has(one.address)),
        unmanaged=_unmanaged(live, wanted, of_objects.bindings, identities, changes),
        problems=tuple(problems),
        read_calls=live.read_calls,
        known_ids=_known_ids(chosen, context),
        checks=affected_checks(chosen, wanted, options.selection.excludes),
        other_ids={one.id: one.other_id for one in index.by_id.values() if one.other_id},
        lineage=state.lineage,
        questions=tuple(runs.questions),
        awaited=part.of(runs.awaited),
        standings=(*runs.standings, *sync_standings(wanted, context)),
    )


def wanted_of(desired: DesiredState, options: PlanOptions) -> DesiredState:
    """Return what is wanted of what is declared: none of it, when it is to be destroyed. What is live is read by it."""
    return DesiredState(manifests=desired.manifests, moved=desired.moved) if options.destroy else desired


def _context(
    desired: DesiredState,
    identities: Identities,
    index: LiveIndex,
    bindings: Mapping[Address, Binding],
    kinds: Mapping[str, Kind],
    state: State,
) -> Context:
    return Context(
        identities=identities,
        index=index,
        bindings=bindings,
        kinds=kinds,
        bytes_here=desired.bytes_unchanged.union(
            one.content.sha256 for one in desired.objects.values() if one.content is not None
        ),
        key=sealing_key(state.lineage),
        here=desired.objects,
        groups_here={group.address: group for group in desired.groups},
        runs_here=frozenset(desired.runs),
    )


class _Remembered(NamedTuple):
    bindings: dict[Address, Binding]
    intents: list[Intent]


def _not_known(wanted: DesiredState, live: LiveState, state: State, context: Context) -> list[Diagnostic]:
    """Return what refers to nothing, and what cannot be seen; what is not there needs no warning besides."""
    lost = check_references(wanted, context.identities, context.index, context.kinds)
    told = {one.address for one in lost}
    unseen = check_unseen(wanted.objects.values(), live, state, context)
    return [*lost, *(one for one in unseen if one.address not in told)]


def _parted(
    bindings: Mapping[Address, Binding], intents: Iterable[Intent], kinds: Mapping[str, Kind]
) -> tuple[_Remembered, _Remembered]:
    """Part what is remembered of objects from what is remembered of runs."""
    of_runs = {kind.run.collection for kind in kinds.values() if kind.run}
    objects, runs = _Remembered({}, []), _Remembered({}, [])
    for address, binding in bindings.items():
        (runs if binding.collection in of_runs else objects).bindings[address] = binding
    for intent in intents:
        (runs if intent.collection in of_runs else objects).intents.append(intent)
    return objects, runs


def _known_ids(changes: Iterable[Change], context: Context) -> dict[Reference, str]:
    """Return the ids of what the changes refer to, as far as they exist already."""
    known: dict[Reference, str] = {}
    for change in changes:
        run = change.run.desired if change.run else None
        asked = change.desired.fields if change.desired else [run.configuration, run.directory, run.rest] if run else ()
        for reference in every(asked, Reference):
            found = context.resolve(reference)
            if isinstance(found, str):
                known[reference] = found
    return known


def _labels(desired: DesiredState) -> dict[Address, Mapping[str, str]]:
    """Return the labels of each manifest."""
    labels = {one.address.manifest: one.labels for one in desired.objects.values()}
    labels |= {group.address: group.labels for group in desired.groups}
    labels |= {run.address: run.labels for run in desired.runs.values()}
    return labels | {check.address: check.labels for check in desired.checks.values()}


def _meant(intents: Iterable[Intent], wanted: DesiredState, options: PlanOptions) -> Iterable[Intent]:
    """Return the intents that this plan may see to: those of manifests in another part of the workspace stay open."""
    return [one for one in intents if not options.partial or one.address.manifest in wanted.manifests]


def _part(
    changes: Iterable[Change],
    desired: DesiredState,
    wanted: DesiredState,
    bindings: Mapping[Address, Binding],
    selection: Selection,
) -> Part:
    """Return what `selection` means. Labels are also those of what is to be destroyed."""
    if selection == Selection():
        return WHOLE
    needs = [(one.address, one.needs) for one in wanted.objects.values()]
    needs += [(run.address, run.needs) for run in wanted.runs.values()]
    declared: defaultdict[Address, set[Address]] = defaultdict(set)
    for address, needed in needs:
        declared[address].update(needed)
        declared[address.manifest].update(needed)
    known = {*wanted.objects, *wanted.manifests, *bindings}
    return select(changes, with_needs_of_checks(selection, wanted), known, _labels(desired), declared)


def _brakes(
    chosen: tuple[Change, ...],
    wanted: DesiredState,
    bindings: Mapping[Address, Binding],
    managed: int,
    context: Context,
    options: PlanOptions,
) -> list[Diagnostic]:
    """Return what forbids to go on: protection, an emptied workspace, the guards."""
    too_much = _emptied(wanted, bindings, options)
    if not too_much and not options.destroy:
        too_much = check_guards(chosen, managed, options.guards)
    return check_protection(chosen, context) + too_much


def _emptied(wanted: DesiredState, bindings: Mapping[Address, Binding], options: PlanOptions) -> list[Diagnostic]:
    if options.destroy or options.partial or wanted.manifests or not bindings or options.selection != Selection():
        return []
    return [Diagnostic("LS304", f"{len(bindings)} managed objects would be deleted")]


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

"""Finds the ids of the indexes that checks refer to: what is remembered, else what the service shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llamasync.api.client import Client
from llamasync.checks.opening import Ids
from llamasync.checks.running import Found
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.nested import every
from llamasync.core.reference import Reference
from llamasync.kinds.registry import all_kinds
from llamasync.live.content import Digests
from llamasync.live.model import Project
from llamasync.live.reader import read_live
from llamasync.plan.identity import LiveIndex, identify, resolve
from llamasync.state.model import Binding, State
from llamasync.workspace.desired import Desired, DesiredState


def locate(
    client: Client,
    project: Project,
    desired: DesiredState,
    state: State,
    digests: Digests,
    references: Iterable[Reference],
) -> Found:
    """Return the ids of each reference, or LS701 where nothing can be meant by it.

    No call is made for what is remembered or given by id; for the rest the lists that it may be in are read once.
    Raises DiagnosticError as reading what is live does: another project's state, a call that fails.
    """
    found: dict[Reference, Ids | Diagnostic] = {}
    missing = []
    remembered = state.bindings if state.project_id in ("", project.id) else {}
    for reference in dict.fromkeys(references):
        binding = remembered.get(reference.address) if reference.address else None
        if binding is not None:
            found[reference] = Ids(id=binding.id, other_id=binding.other_id)
        elif reference.id:
            found[reference] = Ids(id=reference.id)
        else:
            missing.append(reference)
    if missing:
        found |= _among_live(client, project, desired, state, digests, missing)
    return found


def _among_live(
    client: Client,
    project: Project,
    desired: DesiredState,
    state: State,
    digests: Digests,
    references: list[Reference],
) -> dict[Reference, Ids | Diagnostic]:
    kinds = all_kinds()
    wanted = needed_objects(desired.objects, [one.address for one in references if one.address])
    for reference in references:
        if reference.name:
            wanted.update(_first_of(desired.objects, reference.kind))
    bindings = {address: binding for address, binding in state.bindings.items() if address in wanted}
    part = DesiredState(objects=wanted, manifests={address: desired.manifests[address] for address in wanted})
    live = read_live(client, project, part, _only(state, bindings), digests)
    index = LiveIndex(live)
    identities = identify(wanted, index, bindings, kinds)
    found: dict[Reference, Ids | Diagnostic] = {}
    for reference in references:
        any_id = resolve(reference, identities, index, kinds)
        if isinstance(any_id, Reference):
            found[reference] = _nothing(reference, index)
        else:
            one = index.by_id.get((kinds[reference.kind].collection.name, any_id))
            found[reference] = Ids(id=any_id, other_id=one.other_id if one else "")
    return found


def needed_objects(objects: Mapping[Address, Desired], addresses: Iterable[Address]) -> dict[Address, Desired]:
    """Return the objects at `addresses`, and those that they refer to, at any remove."""
    found: dict[Address, Desired] = {}
    pending = list(addresses)
    while pending:
        address = pending.pop()
        if address in found or address not in objects:
            continue
        found[address] = one = objects[address]
        pending += [need.address for need in every((one.parent, *one.fields.values()), Reference) if need.address]
    return {address: found[address] for address in sorted(found)}


def _first_of(objects: Mapping[Address, Desired], kind: str) -> dict[Address, Desired]:
    """Return one object of a kind with what it refers to, so that the list of that kind is read."""
    first = next((address for address, one in objects.items() if one.kind == kind), None)
    return needed_objects(objects, [first]) if first else {}


def _only(state: State, bindings: Mapping[Address, Binding]) -> State:
    from dataclasses import replace

    return replace(state, bindings=dict(bindings), intents=())


def _nothing(reference: Reference, index: LiveIndex) -> Diagnostic:
    if reference.name:
        count = len(index.named(all_kinds()[reference.kind].collection.name, reference.name))
        detail = f"the project holds {count or 'no'} {reference.kind} named {reference.name!r}"
        return Diagnostic("LS701", detail, hint="write {id: ...}" if count else "")
    return Diagnostic("LS701", f"{reference} is not in the project yet", hint="run `llamasync apply` first")

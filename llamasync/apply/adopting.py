"""Takes live objects over without changing them: one by id, or all that can be found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from llamasync.api.client import Client
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject, LiveState
from llamasync.live.runs import get_run
from llamasync.plan.model import Action, Plan
from llamasync.plan.records import record_of
from llamasync.plan.run_records import run_record
from llamasync.state.model import Binding, State
from llamasync.workspace.desired import Desired, DesiredState


def adopt(
    address: Address,
    object_id: str,
    desired: DesiredState,
    live: LiveState,
    state: State,
    kinds: Mapping[str, Kind],
    *,
    at: str,
) -> Binding:
    """Return the binding of `address` to the live object `object_id`, to be recorded.

    What differs from the manifest is for the next plan to show.

    Raises DiagnosticError: LS310 when no manifest has the address, LS308 when the project holds no such object of that
    type, LS314 when it belongs to the service, LS316 when another address stands for it.
    """
    wanted = desired.objects.get(address)
    if wanted is None:
        declared = f"{address} stands for no live object of its own" if address in desired.manifests else ""
        raise DiagnosticError(Diagnostic("LS310", declared or f"no manifest declares {address}", address=address))
    collection = kinds[wanted.kind].collection.name
    found = next((one for one in live.all(collection) if one.id == object_id), None)
    if found is None:
        detail = f"{object_id} is not among the {collection} that were read"
        raise DiagnosticError(Diagnostic("LS308", detail, address=address, source=wanted.source))
    if found.foreign:
        raise DiagnosticError(Diagnostic("LS314", f"{object_id} is {found.foreign}", address=address))
    for other, binding in state.bindings.items():
        if binding.id == object_id and other != address:
            detail = f"{other} stands for {object_id}"
            hint = f"llamasync state rm '{other}'"
            raise DiagnosticError(Diagnostic("LS316", detail, address=address, hint=hint))
    return _bare(wanted, found, kinds, at)


def rebuild(plan: Plan, kinds: Mapping[str, Kind], *, at: str) -> list[Binding]:
    """Return bindings, to be recorded, of what a plan from an empty state found again: by natural key and by content.

    `plan` was made with no bindings, so whatever exists already is an adoption in it.
    """
    found = []
    for change in plan.changes:
        step = change.run
        if step is not None and step.desired is not None and step.shown is not None and change.action is Action.ADOPT:
            found.append(run_record(step, step.shown, step.desired, change.collection, at))
        if change.desired is None or change.live is None:
            continue
        if change.action is Action.ADOPT and not change.fields:
            found.append(record_of(change.desired, change.live, kinds, applied_at=at))
        else:
            found.append(_bare(change.desired, change.live, kinds, at))
    return found


def adopt_run(
    address: Address, run_id: str, plan: Plan, client: Client, kinds: Mapping[str, Kind], *, at: str
) -> Binding:
    """Return the binding of `address` to the run `run_id`, to be recorded: from now on it counts as made of today's
    configuration and input.

    Raises DiagnosticError: LS310 when the manifest has no input, LS308 when the service has no such run; ApiError.
    """
    step = next((one.run for one in plan.standings if one.address == address), None)
    fact = kinds[address.kind].run
    if step is None or step.desired is None or fact is None:
        raise DiagnosticError(Diagnostic("LS310", f"{address} has no input yet", address=address))
    shown = get_run(client, fact, run_id)
    if shown is None:
        detail = f"{run_id} is none of the {fact.collection}"
        raise DiagnosticError(Diagnostic("LS308", detail, address=address, source=step.desired.source))
    return run_record(step, shown, step.desired, fact.collection, at)


def _bare(desired: Desired, live: LiveObject, kinds: Mapping[str, Kind], at: str) -> Binding:
    """Return a binding that says which object it is, and nothing of what was applied."""
    record = record_of(desired, live, kinds, applied_at=at)
    return replace(record, fields={}, observed={}, sha256=live.sha256, size_bytes=0)

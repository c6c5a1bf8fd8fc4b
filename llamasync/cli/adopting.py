"""Taking over what exists: reads the service, records in the state, changes nothing else."""

from __future__ import annotations

from dataclasses import replace

from llamasync.cli.session import Session
from llamasync.cli.showing import now
from llamasync.core.address import Address
from llamasync.state.model import Binding, State
from llamasync.state.store import Store
from llamasync.workspace.desired import DesiredState


def adopt_object(session: Session, address: Address, object_id: str) -> Binding:
    """Record that `address` stands for a live object. Raises DiagnosticError (see apply.adopting.adopt)."""
    from llamasync.apply.adopting import adopt, adopt_run
    from llamasync.cli.planning import make_plan
    from llamasync.kinds.registry import all_kinds
    from llamasync.plan.model import PlanOptions

    desired = session.workspace.desired.whole()
    with session.lock("adopt"):
        state = session.store.load()
        if address in desired.runs:
            plan = make_plan(session, PlanOptions(), costs=False)
            binding = adopt_run(address, object_id, plan, session.client, all_kinds(), at=now())
        else:
            live = session.read_live(_looking_for(address, object_id, state, desired))
            binding = adopt(address, object_id, desired, live, state, all_kinds(), at=now())
        session.store.claim(session.project.id, session.endpoint_name)
        session.store.record(binding)
        close_intents(session.store, state, address)
    return binding


def close_intents(store: Store, state: State, address: Address) -> int:
    """Close what interrupted creates of `address` left open; return how many there were."""
    mine = [intent for intent in state.intents if intent.address == address]
    for intent in mine:
        store.close_intent(intent)
    return len(mine)


def _looking_for(address: Address, object_id: str, state: State, desired: DesiredState) -> State:
    """Return a state that speaks of the object, so that it is looked up even where the service does not list any."""
    from llamasync.kinds.registry import all_kinds

    if address not in desired.objects:
        return state
    collection = all_kinds()[address.kind].collection
    if collection.is_nested:
        return state
    one = desired.objects[address]
    place = one.parent if isinstance(one.parent, str) else ""
    wanted = Binding(address=address, collection=collection.name, id=object_id, key=one.key, parent_id=place)
    return replace(state, bindings={**state.bindings, address: wanted})


def rebuild_state(session: Session) -> tuple[State, State]:
    """Find our objects again and remember them; return what was remembered before, and what is now."""
    from llamasync.apply.adopting import rebuild
    from llamasync.cli.planning import make_plan
    from llamasync.kinds.registry import all_kinds
    from llamasync.plan.model import PlanOptions

    with session.lock("state rebuild"):
        before = session.store.load()
        empty = State(
            lineage=before.lineage,
            project_id=before.project_id,
            endpoint=before.endpoint,
            bindings=_unfindable(before),
            intents=before.intents,  # what they made, or did not, only the next plan can tell
        )
        plan = make_plan(session, PlanOptions(), state=empty, costs=False)
        found = {binding.address: binding for binding in rebuild(plan, all_kinds(), at=now())}
        gone = {change.address for change in plan.changes if change.live is None}
        found |= {address: one for address, one in empty.bindings.items() if address not in {*found, *gone}}
        state = replace(
            empty,
            bindings={address: found[address] for address in sorted(found)},
            project_id=plan.project.id,
            endpoint=plan.endpoint,
        )
        session.store.replace_all(state)
    return before, state


def _unfindable(state: State) -> dict[Address, Binding]:
    """Return what the service could not be asked for by anything but its id: it is remembered on."""
    from llamasync.kinds.registry import all_collections

    collections = all_collections()
    return {
        address: binding
        for address, binding in state.bindings.items()
        if (known := collections.get(binding.collection)) and (known.may_be_unlisted or not known.key)
    }

"""Taking over what exists: reads the service, records in the state, changes nothing else."""

from __future__ import annotations

from dataclasses import replace

from llamasync.cli.session import Session
from llamasync.cli.showing import now
from llamasync.core.address import Address
from llamasync.state.model import Binding, State


def adopt_object(session: Session, address: Address, object_id: str) -> Binding:
    """Record that `address` stands for a live object. Raises DiagnosticError (see apply.adopting.adopt)."""
    from llamasync.apply.adopting import adopt
    from llamasync.kinds.registry import all_kinds

    desired = session.workspace.desired
    with session.lock("adopt"):
        state = session.store.load()
        live = session.read_live()
        binding = adopt(address, object_id, desired, live, state, all_kinds(), at=now())
        session.store.claim(session.project.id, session.endpoint_name)
        session.store.record(binding)
    return binding


def rebuild_state(session: Session) -> tuple[State, State]:
    """Find our objects again and remember them; return what was remembered before, and what is now."""
    from llamasync.apply.adopting import rebuild
    from llamasync.kinds.registry import all_kinds
    from llamasync.plan.model import PlanOptions

    with session.lock("state rebuild"):
        before = session.store.load()
        empty = State(lineage=before.lineage, project_id=before.project_id, endpoint=before.endpoint)
        plan = session.plan(PlanOptions(), state=empty)
        found = {binding.address: binding for binding in rebuild(plan, all_kinds(), at=now())}
        state = replace(
            empty,
            bindings={address: found[address] for address in sorted(found)},
            project_id=plan.project.id,
            endpoint=plan.endpoint,
        )
        session.store.replace_all(state)
    return before, state

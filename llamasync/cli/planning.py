"""Makes the plan of a session: everything is read anew, laid side by side, and priced."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from llamasync.cli.session import Session
from llamasync.core.diagnostic import DiagnosticError

if TYPE_CHECKING:
    from llamasync.live.ahead import ReadAhead
    from llamasync.plan.model import Guards, Plan, PlanOptions
    from llamasync.state.model import State


def make_plan(
    session: Session,
    options: PlanOptions,
    *,
    verify_content: bool = False,
    state: State | None = None,
    costs: bool = True,
) -> Plan:
    """Return the plan; the session's own facts are filled in. Raises DiagnosticError when something cannot be read.

    `state` stands in for what is remembered. Without `costs` no document is read to say what the plan costs.
    """
    from llamasync.manifest.yaml_events import collector_paused

    with collector_paused():
        ahead = _read_ahead(session, state, session.project_id) if session.project_id else None
        plan = _build(session, options, ahead, verify_content=verify_content, state=state)
        return _with_estimates(session, plan, options.guards) if costs else plan


def prepare_saving(session: Session) -> None:
    """See that secrets can be part of a plan's fingerprint: the key of their digests hangs on the state's lineage,
    which a state that was never written does not have yet.
    """
    from llamasync.core.secret import holds_secret

    wanted = session.workspace.desired.objects.values()
    if session.store.load().lineage or not any(holds_secret(one.fields) for one in wanted):
        return
    with session.lock("plan"):
        state = session.store.load()
        if not state.lineage:
            session.store.replace_all(state)


def _read_ahead(session: Session, state: State | None, project_id: str) -> ReadAhead | None:
    """Begin to read what the state speaks of; None where it has a problem, which is told when its turn comes."""
    from llamasync.live.ahead import ReadAhead

    with suppress(DiagnosticError):
        outline = session.store.outline() if state is None else state.outline
        if outline.project_id != project_id:
            return None
        ahead = ReadAhead(session.client, outline)
        session.at_end(ahead.close)
        return ahead
    return None


def _build(
    session: Session, options: PlanOptions, ahead: ReadAhead | None, *, verify_content: bool, state: State | None
) -> Plan:
    # These are imported while the first calls wait for their answers.
    from llamasync.kinds.registry import all_kinds
    from llamasync.live.reader import read_live
    from llamasync.live.runs import with_candidates
    from llamasync.live.thinning import thin
    from llamasync.plan.build import build_plan, wanted_of
    from llamasync.plan.settled import Rest, leave_out_settled

    desired, thinned = session.workspace.desired, None  # first: what is wrong with manifests is told before all else
    client = session.client
    if not session.project_id:  # it had to be looked up
        ahead = _read_ahead(session, state, session.project.id)
    if desired.lots and state is None and not (options.destroy or options.selection.names_items):
        thinned = thin(client, desired, session.store.load)
        rest = Rest(desired=thinned.desired, state=thinned.state)
    else:
        rest = Rest(desired=desired.whole(), state=session.store.load() if state is None else state)
    options = replace(
        options,
        endpoint=session.endpoint_name,
        environment=session.said.environment,
        partial=session.workspace.selected is not None,
    )
    if ahead and not verify_content:
        rest = leave_out_settled(rest.desired, rest.state, ahead.look, all_kinds(), options)
    live = read_live(
        client,
        session.project,
        wanted_of(rest.desired, options),
        rest.state,
        session.digests,
        verify_content=verify_content,
        ahead=ahead,
        thinned=thinned,
        settled=rest.settled,
    )
    plan = build_plan(rest.desired, live, rest.state, all_kinds(), options)
    if not plan.questions:
        return plan
    return build_plan(rest.desired, with_candidates(client, live, plan.questions), rest.state, all_kinds(), options)


def _with_estimates(session: Session, plan: Plan, guards: Guards) -> Plan:
    """Say what the plan costs; of the documents only those are read that it has the service work on."""
    if not any(change.processing for change in plan.changes):
        return plan
    from llamasync.plan.estimating import documents_in, with_estimates
    from llamasync.plan.rates import rates_of
    from llamasync.workspace.files.measuring import measure

    measures = measure(documents_in(plan), session.file_cache)
    return with_estimates(plan, measures, rates_of(session.settings.estimate), guards)

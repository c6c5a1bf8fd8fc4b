"""One refused request: exactly what depends on it is skipped, all else is done, and the next run does the rest."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, event, given
from hypothesis import strategies as st

from llamasync.core.address import Address
from llamasync.emulator import Switches
from llamasync.emulator.faults import Fault
from llamasync.plan.model import Plan
from tests.support.strategies import Draft, dialects, drafts, recoverable, switches
from tests.support.world import UNGUARDED, World, actions, errors

WRITES = "POST,PUT,PATCH,DELETE"


def _dependents(plan: Plan, failed: Address) -> set[Address]:
    """Return what cannot be done without `failed`, by the needs that the plan shows."""
    lost = {failed}
    while True:
        gone = lost | {address.manifest for address in lost}
        more = {change.address for change in plan.changes if gone & set(change.needs)} - lost
        if not more:
            return lost - {failed}
        lost |= more


@given(
    first=drafts(),
    second=drafts(),
    at=st.integers(1, 10),
    status=st.sampled_from((400, 403, 409, 422, 500)),
    setting=switches(),
    dialect=dialects,
)
def test_one_refusal_skips_exactly_its_dependents_and_the_next_run_does_the_rest(
    first: Draft, second: Draft, at: int, status: int, setting: Switches, dialect: str
) -> None:
    setting = recoverable(setting, first, second)
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        for draft in (first, second):
            draft.write(world)
            plan = world.plan(UNGUARDED)
            assert not errors(plan), errors(plan)
            # A storm of 500 lasts; a refusal strikes one request.
            span = {"from_": at} if status == 500 else {"nth": at}
            world.emulator.set_faults([Fault(method=WRITES, status=status, **span)])
            result = world.execute(plan)
            world.emulator.set_faults([])
            failed = {address for address, _ in result.failed}
            skipped = dict(result.skipped)
            event(f"{len(failed)} failed, {bool(skipped)=}")
            if status != 500:
                assert len(failed) <= 1
            assert skipped.keys() == {one for address in failed for one in _dependents(plan, address)} - failed
            assert all(because in failed for because in skipped.values())
            assert result.done == len(plan.changes) - len(failed) - len(skipped)
            again = world.plan(UNGUARDED)
            assert not errors(again), errors(again)
            assert world.execute(again).is_complete
            assert actions(world.plan()) == {}
            held = world.documents_by_user_directory()
            for name, unique_ids in draft.expected().items():
                assert unique_ids <= held[name].keys()


@given(draft=drafts(), at=st.integers(1, 6), status=st.sampled_from((401, 402)))
def test_refusal_that_holds_for_everything_stops_everything(draft: Draft, at: int, status: int) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        draft.write(world)
        plan = world.plan(UNGUARDED)
        assume(len(plan.changes) >= at)
        world.emulator.set_faults([Fault(method=WRITES, status=status, nth=at)])
        result = world.execute(plan, parallelism=1)
        world.emulator.set_faults([])
        assert len(result.failed) == 1
        assert result.done == at - 1
        assert len(result.skipped) == len(plan.changes) - at
        assert world.apply().is_complete
        assert actions(world.plan()) == {}

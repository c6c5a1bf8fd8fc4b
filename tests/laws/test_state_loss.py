"""Losing the state costs time, not correctness: rebuilt, the plan is empty and nothing was uploaded again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from llamasync.apply.adopting import rebuild
from llamasync.emulator import Switches
from llamasync.kinds.registry import all_kinds
from llamasync.plan.model import Plan
from llamasync.state.memory import MemoryStore
from tests.support.strategies import Draft, dialects, drafts, switches
from tests.support.world import UNGUARDED, World, actions, errors


def _lose_everything(world: World) -> None:
    """Take away what another machine has not: the state, and the digests that were learned."""
    world.store = MemoryStore()
    world.digests.clear()
    world.emulator.clear_requests()


def _rebuild(world: World) -> Plan:
    """Do what `llamasync state rebuild` does; return the plan it saw."""
    plan = world.plan(UNGUARDED)
    assert not errors(plan), errors(plan)
    with world.store.lock("state rebuild"):
        world.store.claim(plan.project.id, plan.endpoint)
        for binding in rebuild(plan, all_kinds(), at="now"):
            world.store.record(binding)
    return plan


def _calls(world: World) -> dict[str, int]:
    requests = world.emulator.requests
    return {
        "writes": sum(one.method not in ("GET", "HEAD") for one in requests),
        "downloads": sum(one.path.startswith("/downloads/") for one in requests),
    }


# What an index was last synced with is known to the state alone, so after a loss it is synced once more.
FOUND_AGAIN = drafts(indexes=False)


@given(first=FOUND_AGAIN, second=FOUND_AGAIN, setting=switches(), dialect=dialects)
def test_rebuilt_state_ends_in_an_empty_plan_with_nothing_sent(
    first: Draft, second: Draft, setting: Switches, dialect: str
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        for draft in (first, second):
            draft.write(world)
            world.apply()
        remembered, before = world.store.load().bindings, world.snapshot()
        _lose_everything(world)
        _rebuild(world)
        assert actions(world.plan()) == {}
        assert _calls(world)["writes"] == 0
        assert world.snapshot() == before
        found = world.store.load().bindings
        assert {address: one.id for address, one in found.items()} == {
            address: one.id for address, one in remembered.items()
        }
        assert {address: one.sha256 for address, one in found.items()} == {
            address: one.sha256 for address, one in remembered.items()
        }


@given(draft=FOUND_AGAIN, setting=switches(), dialect=dialects)
def test_lost_state_without_a_rebuild_is_adopted_with_nothing_sent(
    draft: Draft, setting: Switches, dialect: str
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        draft.write(world)
        world.apply()
        before = world.snapshot()
        _lose_everything(world)
        assert world.apply().is_complete
        assert actions(world.plan()) == {}
        assert _calls(world)["writes"] == 0
        assert world.snapshot() == before


@given(draft=FOUND_AGAIN, setting=switches(), dialect=dialects)
def test_visible_fingerprints_spare_even_the_downloads(draft: Draft, setting: Switches, dialect: str) -> None:
    marked = replace(
        draft,
        manifests=tuple(
            {**one, "spec": {**one["spec"], "fingerprint": "metadata"}} if one["kind"] in ("FileSet", "File") else one
            for one in draft.manifests
        ),
    )
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        marked.write(world)
        world.apply()
        _lose_everything(world)
        _rebuild(world)
        assert actions(world.plan()) == {}
        assert _calls(world) == {"writes": 0, "downloads": 0}


@given(first=drafts(chats=False), second=drafts(chats=False), rebuilds=st.booleans())
def test_change_that_was_waiting_is_still_made_after_the_loss(first: Draft, second: Draft, rebuilds: bool) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        first.write(world)
        world.apply()
        _lose_everything(world)
        second.write(world)
        if rebuilds:
            _rebuild(world)
        assert world.apply().is_complete
        assert actions(world.plan()) == {}
        held = world.documents_by_user_directory()
        for name, unique_ids in second.expected().items():
            assert unique_ids <= held[name].keys()


@given(draft=drafts(chats=False), setting=switches(), dialect=dialects, rebuilds=st.booleans())
def test_loss_of_state_costs_one_sync_of_each_index_and_makes_no_second_one(
    draft: Draft, setting: Switches, dialect: str, rebuilds: bool
) -> None:
    can_list = replace(setting, reference_index_list="served")
    with TemporaryDirectory() as folder, World(Path(folder), switches=can_list, dialect=dialect) as world:
        draft.write(world)
        world.apply()
        indexes = len(world.snapshot().get("indexes", ()))
        _lose_everything(world)
        if rebuilds:
            _rebuild(world)
        assert world.apply().is_complete
        assert actions(world.plan()) == {}
        assert len(world.snapshot().get("indexes", ())) == indexes
        sent = {one.path.rpartition("/")[2] for one in world.emulator.requests if one.method not in ("GET", "HEAD")}
        assert sent <= {"sync"}

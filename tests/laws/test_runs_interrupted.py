"""A run is started once with effect, whatever request is the last of a process and whichever answers are lost."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.emulator import Fault, Switches
from llamasync.state.memory import MemoryStore
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.runs import all_runs, started, write_documents, write_runs
from tests.support.strategies import dialects, switches
from tests.support.troubles import apply_until_done, troubles
from tests.support.world import UNGUARDED, World, actions

OF_EACH = {"Batch": 1, "BatchJob": 1, "SpreadsheetJob": 1, "SplitJob": 2}
STARTS = ("/api/v2/batches", "/api/v1/beta/batch-processing", "/api/v1/beta/sheets/jobs", "*/split/jobs")


@pytest.mark.parametrize("dialect", ["current", "reference"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_request_nothing_is_started_twice(tmp_path: Path, when: str, dialect: str) -> None:
    at, died = 0, True
    while died:
        at += 1
        killer = Killer()
        store = MortalStore(MemoryStore(), killer)
        with World(tmp_path / str(at), store=store, app_wrapper=killer.wrap, dialect=dialect) as world:
            write_documents(world)
            world.apply()
            write_runs(world, *all_runs(results={"save": "../out"}))
            plan = world.plan(UNGUARDED)
            killer.arm(at, when)
            try:
                world.execute(plan, parallelism=1)
                died = False
            except Killed:
                died = True
            killer.revive()
            world.clock.sleep(60)  # what was begun comes to its end
            assert world.apply().is_complete
            assert actions(world.plan()) == {}
            assert started(world) == OF_EACH, f"killed {when} request {at}"
    assert at > 10


@pytest.mark.parametrize("dialect", ["current", "reference"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("path", STARTS)
def test_a_lost_answer_to_a_start_starts_nothing_twice(tmp_path: Path, path: str, when: str, dialect: str) -> None:
    with World(tmp_path, dialect=dialect) as world:
        write_documents(world)
        write_runs(world, *all_runs())
        world.emulator.set_faults([Fault(method="POST", path=path, when=when, cut=True, nth=1)])
        assert world.apply().is_complete
        assert started(world) == OF_EACH
        assert actions(world.plan()) == {}


@given(trouble=troubles(), setting=switches(), dialect=dialects)
def test_with_any_answers_lost_nothing_is_started_twice(trouble: list[Fault], setting: Switches, dialect: str) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        write_documents(world)
        world.apply()
        write_runs(world, *all_runs())
        apply_until_done(world, trouble)
        assert started(world) == OF_EACH
        assert actions(world.plan()) == {}


@given(at=st.integers(1, 40), setting=switches(), dialect=dialects)
def test_killed_under_any_setting_nothing_is_started_twice(at: int, setting: Switches, dialect: str) -> None:
    killer = Killer()
    store = MortalStore(MemoryStore(), killer)
    with (
        TemporaryDirectory() as folder,
        World(Path(folder), store=store, app_wrapper=killer.wrap, switches=setting, dialect=dialect) as world,
    ):
        write_documents(world)
        write_runs(world, *all_runs())
        plan = world.plan(UNGUARDED)
        killer.arm(at, "after")
        with suppress(Killed):
            world.execute(plan)
        killer.revive()
        assert world.apply().is_complete
        assert started(world) == OF_EACH
        assert actions(world.plan()) == {}

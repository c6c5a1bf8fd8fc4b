"""Runs converge under every setting of the unknowns, start once whatever is lost, and are found by other machines."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.emulator import Switches
from llamasync.state.memory import MemoryStore
from tests.support.runs import all_runs, started, write_documents, write_runs
from tests.support.strategies import dialects, switches
from tests.support.world import World, actions, every_switch

OF_EACH = {"Batch": 1, "BatchJob": 1, "SpreadsheetJob": 1, "SplitJob": 2}
TEXTS = {"a.md": "an invoice of 10", "b.md": "a letter to you", "costs.csv": "name,sum\nrent,9\n"}


def _settled(world: World) -> None:
    result = world.apply()
    assert result.is_complete, result.failed
    after = world.plan()
    assert actions(after) == {}
    assert not after.problems


def _goes_through_its_life(world: World) -> None:
    write_documents(world, TEXTS)
    write_runs(world, *all_runs())
    _settled(world)
    assert started(world) == OF_EACH
    world.put("documents/costs.csv", "name,sum\nrent,10\n")
    _settled(world)
    assert started(world) == {"Batch": 2, "BatchJob": 2, "SpreadsheetJob": 2, "SplitJob": 2}
    write_runs(world)
    _settled(world)


@pytest.mark.parametrize(("name", "value"), list(every_switch()))
@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_runs_converge_under_each_setting_alone(tmp_path: Path, name: str, value: Any, dialect: str) -> None:
    with World(tmp_path, switches=Switches(**{name: value}), dialect=dialect) as world:
        _goes_through_its_life(world)


@given(setting=switches(), dialect=dialects)
def test_runs_converge_under_all_settings_together(setting: Switches, dialect: str) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        _goes_through_its_life(world)


@given(setting=switches(), dialect=dialects)
def test_a_machine_without_state_adopts_what_another_ran(setting: Switches, dialect: str) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        write_documents(world, TEXTS)
        write_runs(world, *all_runs())
        _settled(world)
        world.store = MemoryStore()
        _settled(world)
        assert started(world) == OF_EACH


@given(setting=switches(), dialect=dialects, seconds=st.integers(0, 3))
def test_a_machine_without_state_adopts_what_another_is_running(setting: Switches, dialect: str, seconds: int) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        for kind in ("batch", "batch_job", "sheets", "split", "split"):
            world.emulator.control.jobs.delay_next(kind, 60)
        write_documents(world, TEXTS)
        write_runs(world, *all_runs(wait=False))
        assert world.apply().is_complete
        world.clock.sleep(seconds)
        world.store = MemoryStore()
        write_runs(world, *all_runs())
        _settled(world)
        assert started(world) == OF_EACH

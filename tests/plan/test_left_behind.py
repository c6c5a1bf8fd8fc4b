"""A file is to move where another file is already: that one becomes ours, and the one that was ours goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llamasync.emulator import Switches
from tests.support.world import World, actions, manifest


@pytest.fixture(params=["conflict", "duplicate", "replace"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with World(tmp_path, switches=Switches(unique_id_conflict_on_patch=request.param)) as world:
        yield world


def _write(world: World, directory: str, content: str) -> None:
    spec = {"directory": directory, "content": content, "uniqueId": "a.md"}
    world.put("m.yaml", [manifest("Directory", "old"), manifest("Directory", "new"), manifest("File", "a", spec)])


@pytest.mark.parametrize("content", ["same", "other"])
def test_place_that_is_taken_is_taken_over_and_nothing_is_left_double(world: World, content: str) -> None:
    _write(world, "old", "same")
    world.apply()
    new = next(one for one in world.emulator.control.snapshot(ids=True)["directories"] if one["name"] == "new")
    world.emulator.control.add_file(new["id"], "a.md", content=content.encode(), metadata={})
    _write(world, "new", "same")
    plan = world.plan()
    (left,) = (one for one in plan.changes if one.action == "delete")
    (taken,) = (one for one in plan.changes if one.action != "delete")
    assert taken.action == ("adopt" if content == "same" else "replace")
    assert taken.needs == (left.address,)
    assert world.execute(plan).is_complete
    assert {name: list(files) for name, files in world.documents().items()} == {"old": [], "new": ["a.md"]}
    assert actions(world.plan()) == {}

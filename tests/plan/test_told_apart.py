"""Two objects that would go by one address, one of them declared by nobody: each has a change of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World, actions, manifest


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def _directory_id(world: World, name: str) -> str:
    return next(one["id"] for one in world.emulator.control.snapshot(ids=True)["directories"] if one["name"] == name)


def _write_files(world: World, directory: str, **spec: Any) -> None:
    fields = {"directory": directory, "source": "docs", "prune": "all", **spec}
    world.put(
        "m.yaml", [manifest("Directory", "one"), manifest("Directory", "two"), manifest("FileSet", "docs", fields)]
    )


def test_stranger_in_the_new_directory_and_our_file_in_the_old_one_both_go(world: World) -> None:
    world.put("docs/a.md", "a")
    world.put("docs/b.md", "b")
    _write_files(world, "one")
    world.apply()
    world.emulator.control.add_file(_directory_id(world, "two"), "a.md", content=b"theirs", metadata={})
    (world.root / "docs/a.md").unlink()
    _write_files(world, "two")
    plan = world.plan()
    deleted = [str(one.address) for one in plan.changes if one.action == "delete"]
    assert len(deleted) == 2
    assert "FileSet/docs[a.md]" in deleted, "the one that was ours keeps its address"
    assert world.execute(plan).is_complete
    assert {name: list(files) for name, files in world.documents().items()} == {"one": [], "two": ["b.md"]}
    assert actions(world.plan()) == {}


def test_stranger_with_the_name_of_a_declared_file_does_not_take_its_binding_along(world: World) -> None:
    world.put("docs/a.md", "a")
    _write_files(world, "one", uniqueId="ours/{path}")
    world.apply()
    bound = world.store.load().bindings
    world.emulator.control.add_file(_directory_id(world, "one"), "a.md", content=b"theirs", metadata={})
    plan = world.plan()
    (change,) = plan.changes
    assert change.action == "delete"
    assert str(change.address) == f"FileSet/docs[a.md ({change.live.id if change.live else ''})]"
    assert world.execute(plan).is_complete
    assert world.store.load().bindings == bound
    assert actions(world.plan()) == {}


def _write_items(world: World, one: str, two: str) -> None:
    def collection(name: str, place: str, items: list[Any]) -> dict[str, Any]:
        spec = {"deploymentName": "_public", "collection": place, "key": "id", "items": items, "prune": "all"}
        return manifest("AgentDataCollection", name, spec)

    world.put("m.yaml", [collection("one", one, [{"id": "b"}] if one == "p" else []), collection("two", two, [])])


def test_items_of_collections_that_change_places_all_go(world: World) -> None:
    _write_items(world, "p", "q")
    world.apply()
    for place in ("r", "p"):
        world.emulator.control.agent_data.add([{"id": "b"}], deployment="_public", collection=place)
    _write_items(world, "r", "p")
    plan = world.plan()
    assert [change.action for change in plan.changes] == ["delete"] * 3
    assert world.execute(plan).is_complete
    assert actions(world.plan()) == {}

"""Items that agents write to as well: their fields are kept, and a change meanwhile is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.plan.model import Change
from tests.support.world import UNGUARDED, World, actions, manifest

PATH = "/api/v1/beta/agent-data"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def declare(world: World, *items: dict[str, Any], ownership: str = "fields", **envelope: Any) -> None:
    spec = {"deploymentName": "_public", "key": "id", "items": list(items), "ownership": ownership}
    world.put("m.yaml", manifest("AgentDataCollection", "c", spec, **envelope))


def held(world: World) -> list[dict[str, Any]]:
    return world.emulator.control.agent_data.all()


def write(world: World, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Do what an agent does: read the only item, write it back changed."""
    client = world.client()
    (item,) = client.search(f"{PATH}/:search", {"deployment_name": "_public"})["items"]  # type: ignore[call-overload]
    client.send("PUT", f"{PATH}/{item['id']}", {"data": change(item["data"])})


def test_fields_of_others_are_kept_and_ours_are_changed_and_removed(world: World) -> None:
    declare(world, {"id": "a", "price": 1, "old": True})
    world.apply()
    write(world, lambda data: {**data, "seen": 5})
    assert actions(world.plan()) == {}
    declare(world, {"id": "a", "price": 2})
    (change,) = world.plan().changes
    assert [(one.path, one.before, one.after) for one in change.fields] == [
        ("data.old", True, None),
        ("data.price", 1, 2),
    ]
    world.apply()
    assert held(world) == [{"id": "a", "price": 2, "seen": 5}]
    assert actions(world.plan()) == {}


def test_what_others_wrote_between_plan_and_apply_is_kept(world: World) -> None:
    declare(world, {"id": "a", "price": 1})
    world.apply()
    declare(world, {"id": "a", "price": 2})
    plan = world.plan()
    write(world, lambda data: {**data, "seen": 5})
    assert world.execute(plan).is_complete
    assert held(world) == [{"id": "a", "price": 2, "seen": 5}]


def test_a_field_of_ours_that_changed_between_plan_and_apply_is_not_written_over(world: World) -> None:
    declare(world, {"id": "a", "price": 1, "name": "x"})
    world.apply()
    declare(world, {"id": "a", "price": 2, "name": "x"})
    plan = world.plan()
    write(world, lambda data: {**data, "name": "theirs"})
    result = world.execute(plan)
    assert [(str(address), one.code) for address, one in result.failed] == [("AgentDataCollection/c[a]", "LS426")]
    assert "data.name" in result.failed[0][1].detail
    assert held(world) == [{"id": "a", "price": 1, "name": "theirs"}]
    assert world.converge().is_empty
    assert held(world) == [{"id": "a", "price": 2, "name": "x"}]


def test_a_field_that_somebody_set_to_what_was_planned_is_no_conflict(world: World) -> None:
    declare(world, {"id": "a", "price": 1})
    world.apply()
    declare(world, {"id": "a", "price": 2})
    plan = world.plan()
    write(world, lambda data: {**data, "price": 2})
    assert world.execute(plan).is_complete
    assert world.plan().is_empty


def test_an_item_that_was_deleted_between_plan_and_apply_is_told(world: World) -> None:
    declare(world, {"id": "a", "price": 1})
    world.apply()
    declare(world, {"id": "a", "price": 2})
    plan = world.plan()
    (change,) = plan.changes
    _delete(world, change)
    assert [one.code for _, one in world.execute(plan).failed] == ["LS414"]
    assert world.converge().is_empty
    assert held(world) == [{"id": "a", "price": 2}]


def _delete(world: World, change: Change) -> None:
    world.client().send("DELETE", f"{PATH}/{change.id}")


def test_fields_left_to_others_are_neither_compared_nor_written(world: World) -> None:
    declare(world, {"id": "a", "price": 1, "status": "new"}, lifecycle={"ignoreChanges": ["data.status"]})
    world.apply()
    write(world, lambda data: {**data, "status": "paid"})
    assert world.plan().is_empty
    declare(world, {"id": "a", "price": 2, "status": "new"}, lifecycle={"ignoreChanges": ["data.status"]})
    plan = world.plan(UNGUARDED)
    write(world, lambda data: {**data, "status": "booked"})
    assert world.execute(plan).is_complete
    assert held(world) == [{"id": "a", "price": 2, "status": "booked"}]


def test_an_item_that_is_ours_as_a_whole_loses_what_others_added(world: World) -> None:
    declare(world, {"id": "a", "n": {"x": 1}}, ownership="item")
    world.apply()
    write(world, lambda data: {**data, "seen": 5, "n": {"x": 1, "y": 2}})
    (change,) = world.plan().changes
    assert [(one.path, one.before, one.after, one.drift.value) for one in change.fields] == [
        ("data.n.y", 2, None, "service"),
        ("data.seen", 5, None, "service"),
    ]
    assert world.converge().is_empty
    assert held(world) == [{"id": "a", "n": {"x": 1}}]

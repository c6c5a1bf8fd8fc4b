"""A service may take one index a directory: those that leave go first, and a second one is told before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Fault, Switches
from llamasync.emulator.fault_rules import parse_fault
from llamasync.plan.model import Plan
from tests.support.world import UNGUARDED, World, errors, manifest

FREE = {"protect": False}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def declare(world: World, indexes: dict[str, str], **lifecycle: Any) -> None:
    """Declare indexes by name, each over a directory."""
    directories = [manifest("Directory", name) for name in ("one", "two", "three")]
    found = [manifest("Index", name, {"directory": each}, lifecycle=lifecycle) for name, each in indexes.items()]
    world.put("m.yaml", [*directories, *found])


def warnings(plan: Plan) -> list[str]:
    return [f"{one.address}: {one.detail}" for one in plan.problems if one.code == "LS325"]


@pytest.mark.parametrize("enforced", ["enforced", "not_enforced"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"m": "one"}, {"a": "one"}),
        ({"m": "one"}, {"z": "one"}),
        ({"m": "one"}, {"a": "one", "m": "two"}),
        ({"m": "one", "a": "two"}, {"m": "two"}),
        ({"m": "one", "n": "two"}, {"m": "two", "n": "one"}),
        ({"m": "one", "n": "two", "o": "three"}, {"m": "two", "n": "three", "o": "one"}),
        ({"m": "one", "n": "two", "o": "three"}, {"o": "two", "n": "one", "x": "three"}),
    ],
)
def test_one_apply_is_enough_however_indexes_change_their_directories(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], enforced: Any
) -> None:
    with World(tmp_path, switches=Switches(index_per_directory=enforced)) as world:
        declare(world, before, **FREE)
        assert world.apply().is_complete
        declare(world, after, **FREE)
        plan = world.plan(UNGUARDED)
        assert warnings(plan) == []
        assert world.execute(plan, parallelism=1).is_complete
        assert world.plan().is_empty
        assert sorted(one["name"] for one in world.snapshot()["indexes"]) == sorted(after)


def test_indexes_that_change_places_and_are_stopped_between_get_there_by_another_apply(world: World) -> None:
    declare(world, {"m": "one", "n": "two"}, **FREE)
    world.apply()
    declare(world, {"m": "two", "n": "one"}, **FREE)
    world.emulator.set_faults([Fault(method="POST", path="/api/v1/indexes", status=503)])
    assert not world.execute(world.plan(UNGUARDED), parallelism=1).is_complete
    world.emulator.set_faults([])
    assert world.execute(world.plan(UNGUARDED)).is_complete
    assert world.plan().is_empty
    assert sorted(one["name"] for one in world.snapshot()["indexes"]) == ["m", "n"]


def test_protected_indexes_do_not_change_places(world: World) -> None:
    declare(world, {"m": "one", "n": "two"})
    world.apply()
    declare(world, {"m": "two", "n": "one"})
    assert {one.code for one in errors(world.plan())} == {"LS305"}
    hints = [one.hint for one in errors(world.plan())]
    assert hints == ["if it is meant: lifecycle: {protect: false} in its manifest"] * 2
    declare(world, {"m": "two", "n": "one"}, **FREE)
    assert errors(world.plan()) == []


def test_a_second_index_of_a_directory_is_told_before_it_is_refused(world: World) -> None:
    declare(world, {"m": "one", "n": "one"})
    assert warnings(world.plan()) == [
        "Index/m: Directory/one has Index/n too",
        "Index/n: Directory/one has Index/m too",
    ]
    declare(world, {"m": "one"})
    world.apply()
    declare(world, {"m": "one", "n": "one", "o": "two"})
    assert warnings(world.plan()) == ["Index/n: Directory/one has Index/m too"]
    declare(world, {"m": "one", "o": "two"})
    world.apply()
    declare(world, {"m": "one", "o": "one"}, **FREE)
    assert warnings(world.plan()) == ["Index/o: Directory/one has Index/m too"]


def test_an_index_of_others_in_the_directory_is_told_with_the_way_to_take_it(world: World) -> None:
    declare(world, {})
    world.apply()
    directory = next(binding.id for address, binding in world.store.load().bindings.items() if address.name == "one")
    theirs = world.client().create("/api/v1/indexes", {"name": "theirs", "source_directory_id": directory})["id"]
    declare(world, {"m": "one"})
    (problem,) = (one for one in world.plan().problems if one.code == "LS325")
    assert problem.detail == f"Directory/one has {theirs} too"
    assert problem.hint == f"to take that one: llamasync adopt Index/m {theirs}"


@pytest.mark.parametrize("when", ["before", "after"])
def test_indexes_that_change_places_lose_no_answer_for_good(tmp_path: Path, when: str) -> None:
    """From each request on no answer comes, as when the process is killed; one more apply gets there, with no twin."""
    for number in range(1, 12):
        with World(tmp_path / str(number)) as world:
            declare(world, {"m": "one", "n": "two"}, **FREE)
            world.apply()
            declare(world, {"m": "two", "n": "one"}, **FREE)
            plan = world.plan(UNGUARDED)
            world.emulator.set_faults([parse_fault(f"* * cut when={when} from={number}")])
            world.execute(plan, parallelism=1)
            world.emulator.set_faults([])
            assert world.converge().is_empty, number
            found = sorted((one["name"], one["source_directory"]) for one in world.snapshot()["indexes"])
            assert found == [("m", "two"), ("n", "one")], number

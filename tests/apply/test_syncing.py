"""Syncs: started once, waited for, told apart from failures, and never lost sight of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.apply.events import Event, EventType
from llamasync.emulator import Fault, Switches
from llamasync.plan.model import Action
from tests.support.world import UNGUARDED, World, actions, errors, manifest

INDEX = "/api/v1/indexes"


def write(world: World, content: str = "one", **sync: Any) -> None:
    world.put("docs/a.md", content)
    world.put(
        "manifests/all.yaml",
        [
            manifest("Directory", "alpha"),
            manifest("FileSet", "set", {"directory": "alpha", "source": "../docs"}),
            manifest("Index", "handbook", {"directory": "alpha", **({"sync": sync} if sync else {})}),
        ],
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, switches=Switches(sync_duration_ms=3000)) as made:
        write(made)
        yield made


def syncs(world: World) -> int:
    """Return how many syncs were asked for, with effect."""
    return sum(
        one.method == "POST" and one.path.endswith("/sync") and one.status == 202 for one in world.emulator.requests
    )


def index_id(world: World) -> str:
    """Return the id of the only index."""
    (binding,) = [one for one in world.store.load().bindings.values() if one.collection == "indexes"]
    return binding.id


def problem(world: World) -> Any:
    ((_, found),) = world.apply().failed
    return found


def test_new_index_is_waited_for_and_not_synced_a_second_time(world: World) -> None:
    assert world.apply().is_complete
    assert syncs(world) == 0
    told = [event.detail for event in world.events if event.type is EventType.PROGRESS and event.detail]
    assert any("0 of 1 files" in text for text in told), told
    assert actions(world.plan()) == {}


def test_changed_file_means_one_sync_after_all_changes(world: World) -> None:
    world.apply()
    write(world, "two")
    plan = world.plan()
    sync = next(change for change in plan.changes if change.action is Action.SYNC)
    assert sync.reason == "FileSet/set[a.md] changes"
    assert [str(need) for need in sync.needs] == ["FileSet/set"]
    assert world.execute(plan).is_complete
    assert syncs(world) == 1
    assert actions(world.plan()) == {}


def test_failed_sync_fails_the_change_and_is_tried_again(world: World) -> None:
    world.apply()
    write(world, "two")
    world.emulator.control.fail_next_sync(message="out of coffee")
    found = problem(world)
    assert found.code == "LS420"
    assert "out of coffee" in found.detail
    again = next(iter(world.plan().changes))
    assert (again.action, again.reason) == (Action.SYNC, "the last sync failed")
    assert world.apply().is_complete
    assert actions(world.plan()) == {}


def test_files_that_could_not_be_read_are_named(tmp_path: Path) -> None:
    with World(tmp_path, switches=Switches(sync_file_failure="failed")) as world:
        write(world)
        world.put("docs/broken.pdf", b"%PDF-1.4 this is no PDF")
        found = problem(world)
        assert found.code == "LS420"
        assert "broken.pdf" in found.detail


def test_failure_in_the_service_after_all_was_well_is_seen_by_the_next_plan(world: World) -> None:
    world.apply()
    index = index_id(world)
    world.emulator.control.fail_next_sync()
    world.client().create(f"{INDEX}/{index}/sync", None)
    world.emulator.control.finish_syncs()
    change = next(iter(world.plan().changes))
    assert (change.action, change.reason) == (Action.SYNC, "the last sync failed")


def test_sync_that_is_going_on_is_waited_for_and_followed_by_one_of_ours(world: World) -> None:
    world.apply()
    index = index_id(world)
    write(world, "two")
    plan = world.plan()
    world.client().create(f"{INDEX}/{index}/sync", None)
    assert world.execute(plan).is_complete
    assert syncs(world) == 2
    assert actions(world.plan()) == {}


@pytest.mark.parametrize("answer", ["conflict", "too_many_requests"])
def test_sync_that_somebody_begins_at_the_same_moment_is_no_failure(tmp_path: Path, answer: str) -> None:
    started: list[str] = []

    def meddling(app: Any) -> Any:
        def inner(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["PATH_INFO"].endswith("/sync") and started == ["armed"]:
                started.append("done")
                world.client().create(environ["PATH_INFO"], None)
            return app(environ, start_response)

        return inner

    with World(tmp_path, switches=Switches(sync_in_progress=answer), app_wrapper=meddling) as world:
        write(world)
        world.apply()
        write(world, "two")
        started.append("armed")
        assert world.apply().is_complete
        assert started == ["armed", "done"]
        assert actions(world.plan()) == {}


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_to_a_sync_is_looked_into(world: World, when: str) -> None:
    world.apply()
    write(world, "two")
    world.emulator.set_faults([Fault(method="POST", path=f"{INDEX}/*/sync", when=when, status=500, nth=1)])
    assert world.apply().is_complete
    asked = [one.status for one in world.emulator.requests if one.method == "POST" and one.path.endswith("/sync")]
    assert asked == ([500, 202] if when == "before" else [500])
    assert actions(world.plan()) == {}


def test_wait_that_takes_too_long_fails_and_the_next_apply_goes_on(world: World) -> None:
    write(world, timeout="1s")
    found = problem(world)
    assert found.code == "LS418"
    assert next(iter(world.plan().changes)).reason == "it was not seen to be synced to the end"
    write(world, timeout="30m")
    assert world.apply().is_complete
    assert actions(world.plan()) == {}


def test_without_waiting_a_sync_is_begun_and_the_plan_is_empty(world: World) -> None:
    write(world, wait=False)
    assert world.apply().is_complete
    assert world.clock.slept_s == 0
    assert actions(world.plan()) == {}
    write(world, "two", wait=False)
    world.events.clear()
    assert world.apply().is_complete
    assert [str(one.address) for one in world.events if one.goes_on] == ["Index/handbook"]
    assert actions(world.plan()) == {}


def test_interrupt_ends_the_wait_and_nothing_is_forgotten(world: World) -> None:
    stop = threading.Event()

    class Interrupting(list[Event]):
        def append(self, event: Event) -> None:
            if event.detail.startswith("pending"):
                stop.set()

    plan = world.plan(UNGUARDED)
    world.events = Interrupting()
    result = world.execute(plan, stop=stop)
    ((_, found),) = result.failed
    assert found.code == "LS419"
    assert len(world.snapshot()["indexes"]) == 1
    assert world.apply().is_complete
    assert len(world.snapshot()["indexes"]) == 1


def test_never_means_that_it_is_left_to_others(world: World) -> None:
    write(world, when="never")
    world.apply()
    write(world, "two", when="never")
    assert "Index/handbook" not in actions(world.plan())


def test_always_means_in_every_apply(world: World) -> None:
    write(world, when="always")
    world.apply()
    assert {str(one.address): one.reason for one in world.plan().changes} == {"Index/handbook": "sync.when is always"}


def test_index_is_protected_unless_the_manifest_says_otherwise(world: World) -> None:
    world.apply()
    world.put("manifests/all.yaml", [manifest("Directory", "alpha")])
    assert "LS305" in {one.code for one in errors(world.plan(UNGUARDED))}

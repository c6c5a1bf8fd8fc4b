"""What the service does not show or list is said, and nothing is made twice because of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Fault, Switches
from tests.support.world import UNGUARDED, World, actions, errors, manifest

HIDDEN = {"syncFrequency": "daily", "storeAttachments": ["items"], "vectorTarget": "DISABLED"}


@pytest.fixture
def unlisted(tmp_path: Path) -> Iterator[World]:
    """Return a world whose service does not list indexes."""
    with World(tmp_path, dialect="reference", switches=Switches(reference_index_list="absent")) as world:
        yield world


def write(world: World, directory: Any = "alpha", **spec: Any) -> None:
    documents = [manifest("Index", "handbook", {"directory": directory, **spec}, lifecycle={"protect": False})]
    world.put("manifests/all.yaml", [manifest("Directory", "alpha"), *documents])


def codes(world: World) -> list[str]:
    return [one.code for one in world.plan().problems]


def test_create_of_what_the_service_does_not_list_comes_with_a_warning(unlisted: World) -> None:
    write(unlisted)
    assert codes(unlisted) == ["LS321"]
    unlisted.apply()
    assert codes(unlisted) == []
    assert actions(unlisted.plan()) == {}


def test_create_whose_answer_was_lost_is_not_repeated_where_nobody_can_look(unlisted: World) -> None:
    write(unlisted)
    unlisted.emulator.set_faults([Fault(method="POST", path="/api/v1/indexes", when="after", cut=True)])
    unlisted.apply()
    unlisted.emulator.set_faults([])
    (found,) = errors(unlisted.plan())
    assert found.code == "LS323"
    assert "llamasync adopt Index/handbook ID" in found.hint
    assert len(unlisted.snapshot()["indexes"]) == 1


def test_adopted_index_says_which_options_cannot_be_seen(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        write(world, **HIDDEN)
        world.apply()
        write(world)
        assert codes(world) == []
        write(world, **HIDDEN)
        world.forget_all()
        found = [one for one in world.plan().problems if one.code == "LS322"]
        assert [one.detail.partition(": ")[2] for one in found] == [
            "spec.syncFrequency, spec.storeAttachments, spec.vectorTarget cannot be compared"
        ]


@pytest.mark.parametrize("name", list(HIDDEN))
def test_option_that_the_service_does_not_show_is_compared_with_what_was_applied(tmp_path: Path, name: str) -> None:
    with World(tmp_path) as world:
        write(world, **HIDDEN)
        world.apply()
        assert actions(world.plan()) == {}
        write(world, **{key: value for key, value in HIDDEN.items() if key != name})
        (change,) = world.plan().changes
        assert change.action.value == "replace"
        assert [(one.path, one.before, one.after) for one in change.fields] == [(f"spec.{name}", HIDDEN[name], None)]


def test_index_over_a_directory_of_others_is_synced_when_its_files_come_and_go(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        theirs = world.emulator.control.add_directory("theirs")
        write(world, {"id": theirs})
        assert codes(world) == ["LS320"]
        world.apply()
        assert actions(world.plan()) == {}
        world.emulator.control.add_file(theirs, "new.md", content=b"new")
        assert actions(world.plan()) == {"Index/handbook": "sync"}
        world.apply()
        assert actions(world.plan()) == {}


@pytest.mark.parametrize("takes_contents_along", [False, True])
def test_index_of_others_stands_in_the_way_of_its_directory(tmp_path: Path, takes_contents_along: bool) -> None:
    with World(tmp_path) as world:
        write(world)
        contents = {"deleteContents": takes_contents_along}
        world.put("manifests/all.yaml", [manifest("Directory", "alpha", contents), manifest("Directory", "beta")])
        world.apply()
        (alpha,) = [one for one in world.store.load().bindings.values() if one.address.name == "alpha"]
        world.client().create("/api/v1/indexes", {"source_directory_id": alpha.id})
        index = manifest("Index", "other", {"directory": "beta"}, lifecycle={"protect": False})
        world.put("manifests/all.yaml", [manifest("Directory", "beta"), index])
        assert [one.code for one in errors(world.plan(UNGUARDED))] == ["LS307"]

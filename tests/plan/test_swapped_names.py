"""Two objects that swap their names: one steps aside first, so no name is ever taken twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.emulator import Switches
from llamasync.plan.model import Selection
from tests.support.world import UNGUARDED, World, actions, manifest


@pytest.fixture(params=["conflict", "duplicate", "replace"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    setting = Switches(unique_id_conflict_on_patch=request.param, directory_name_uniqueness="conflict")
    with World(tmp_path, switches=setting) as world:
        yield world


def _files(world: World, names: dict[str, str], **contents: str) -> None:
    documents: list[dict[str, Any]] = [manifest("Directory", "d")]
    for name, unique_id in names.items():
        spec = {"directory": "d", "content": contents.get(name, f"text of {name}"), "uniqueId": unique_id}
        documents.append(manifest("File", name, spec))
    world.put("m.yaml", documents)


def _held(world: World) -> dict[str, str]:
    return world.documents()["d"]


@pytest.mark.parametrize("contents", [{}, {"y": "new text"}, {"x": "new", "y": "new text"}])
def test_files_that_swap_their_unique_ids_end_swapped(world: World, contents: dict[str, str]) -> None:
    _files(world, {"x": "a.md", "y": "b.md"})
    world.apply()
    before = _held(world)
    _files(world, {"x": "b.md", "y": "a.md"}, **contents)
    assert world.apply().is_complete
    after = _held(world)
    assert set(after) == {"a.md", "b.md"}
    if not contents:
        assert (after["a.md"], after["b.md"]) == (before["b.md"], before["a.md"])
    assert actions(world.plan()) == {}


def test_three_names_that_go_round_all_arrive(world: World) -> None:
    _files(world, {"x": "a.md", "y": "b.md", "z": "c.md"})
    world.apply()
    before = _held(world)
    _files(world, {"x": "b.md", "y": "c.md", "z": "a.md"})
    assert world.apply().is_complete
    assert _held(world) == {"b.md": before["a.md"], "c.md": before["b.md"], "a.md": before["c.md"]}
    assert actions(world.plan()) == {}


def test_directories_that_swap_their_names_end_swapped(world: World) -> None:
    def write(first: str, second: str) -> None:
        spec = {"directory": "one", "content": "text", "uniqueId": "a.md"}
        names = [manifest("Directory", "one", {"name": first}), manifest("Directory", "two", {"name": second})]
        world.put("m.yaml", [*names, manifest("File", "a", spec)])

    write("A", "B")
    world.apply()
    write("B", "A")
    assert world.apply().is_complete
    assert {name: list(files) for name, files in world.documents().items()} == {"A": [], "B": ["a.md"]}
    assert actions(world.plan()) == {}


def test_swap_is_whole_also_when_one_of_the_two_is_targeted(world: World) -> None:
    _files(world, {"x": "a.md", "y": "b.md"})
    world.apply()
    before = _held(world)
    _files(world, {"x": "b.md", "y": "a.md"})
    for name in ("x", "y"):
        selection = Selection(targets=(Address("File", name),))
        assert world.apply(replace(UNGUARDED, selection=selection)).is_complete
        assert _held(world) == {"a.md": before["b.md"], "b.md": before["a.md"]}


def test_files_of_one_unique_id_that_swap_their_directories_keep_it(world: World) -> None:
    def declare(first: str, second: str) -> None:
        files = [("x", first), ("y", second)]
        specs = [{"directory": directory, "content": name, "uniqueId": "a.md"} for name, directory in files]
        world.put(
            "m.yaml",
            [
                *(manifest("Directory", name) for name in ("d", "e")),
                *(manifest("File", name, spec) for (name, _), spec in zip(files, specs, strict=True)),
            ],
        )

    declare("d", "e")
    world.apply()
    before = world.documents()
    declare("e", "d")
    result = world.apply()
    assert (result.is_complete, result.failed) == (True, ())
    assert world.documents() == {"d": before["e"], "e": before["d"]}
    assert actions(world.plan()) == {}

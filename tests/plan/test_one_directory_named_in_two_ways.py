"""A directory that manifests name in different ways is one directory: what is in it is still claimed once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World, actions, errors, manifest


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def _write(world: World, *others: tuple[Any, str]) -> None:
    """Declare a directory, a file in it, and files of others: what their directory is written as, and a unique id."""
    files = [manifest("File", "first", {"directory": "alpha", "content": "one", "uniqueId": "a.md"})]
    for number, (directory, unique_id) in enumerate(others):
        spec = {"directory": directory, "content": "two", "uniqueId": unique_id}
        files.append(manifest("File", f"other{number}", spec))
    world.put("m.yaml", [manifest("Directory", "alpha"), *files])


def _written_as(world: World, how: str) -> Any:
    (directory,) = world.emulator.control.snapshot(ids=True)["directories"]
    return {how: directory[how]}


@pytest.mark.parametrize("how", ["id", "name"])
def test_one_unique_id_in_one_directory_is_refused_however_that_is_named(world: World, how: str) -> None:
    _write(world)
    world.apply()
    _write(world, (_written_as(world, how), "a.md"))
    before = world.snapshot()
    plan = world.plan()
    (problem,) = errors(plan)
    assert problem.code == "LS203"
    assert "File/other0 and File/first are both `a.md`" in problem.detail
    assert problem.source is not None
    assert str(problem.source).startswith("m.yaml:")
    assert "m.yaml:" in problem.hint, "where the other one is"
    assert world.snapshot() == before


def test_two_others_are_told_too(world: World) -> None:
    _write(world)
    world.apply()
    _write(world, (_written_as(world, "id"), "b.md"), (_written_as(world, "name"), "b.md"))
    (problem,) = errors(world.plan())
    assert "File/other1 and File/other0 are both `b.md`" in problem.detail


@pytest.mark.parametrize("how", ["id", "name"])
def test_other_unique_ids_in_it_are_fine(world: World, how: str) -> None:
    _write(world)
    world.apply()
    _write(world, (_written_as(world, how), "b.md"))
    assert not world.apply().failed
    assert sorted(world.documents()["alpha"]) == ["a.md", "b.md"]
    assert actions(world.plan()) == {}

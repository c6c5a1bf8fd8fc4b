"""A part of the workspace refers to the rest of it, which is known by what was applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World, actions, manifest


def lay_out(world: World) -> None:
    world.put("docs/a.md", "one")
    world.put("manifests/directory.yaml", manifest("Directory", "alpha"))
    world.put("manifests/files.yaml", manifest("FileSet", "set", {"directory": "alpha", "source": "../docs"}))
    parameters = {"tier": "fast", "version": "latest"}
    configuration = manifest("Configuration", "config", {"productType": "parse_v2", "parameters": parameters})
    world.put("manifests/configuration.yaml", configuration)
    index = {"directory": "alpha", "products": [{"type": "parse", "configuration": "config"}]}
    world.put("manifests/index.yaml", manifest("Index", "handbook", index))


@pytest.mark.parametrize("part", ["files.yaml", "index.yaml", "directory.yaml"])
def test_part_of_what_was_applied_has_nothing_to_change(tmp_path: Path, part: str) -> None:
    with World(tmp_path) as world:
        lay_out(world)
        world.apply()
        assert actions(world.plan(paths=(tmp_path / "manifests" / part,))) == {}


def test_file_of_a_part_goes_into_the_directory_of_the_rest(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        lay_out(world)
        world.apply()
        world.put("docs/b.md", "two")
        plan = world.plan(paths=(tmp_path / "manifests/files.yaml",))
        assert actions(plan) == {"FileSet/set[b.md]": "create"}
        assert not world.execute(plan).failed
        assert set(world.documents()["alpha"]) == {"a.md", "b.md"}


def test_remembered_object_that_is_gone_is_not_referred_to(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.put("manifests/directory.yaml", manifest("Directory", "alpha"))
        world.put("manifests/file.yaml", manifest("File", "x", {"directory": "alpha", "content": "x"}))
        world.apply()
        (directory,) = [one["id"] for one in world.emulator.control.snapshot(ids=True)["directories"]]
        world.client().send("DELETE", f"/api/v1/beta/directories/{directory}")
        plan = world.plan(paths=(tmp_path / "manifests/file.yaml",))
        assert actions(plan) == {"File/x": "create"}


def test_run_of_the_rest_is_not_ended(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        lay_out(world)
        job = {"type": "parse_v2", "configuration": "config"}
        world.put("manifests/run.yaml", manifest("Batch", "run", {"directory": "alpha", "job": job}))
        world.apply()
        assert actions(world.plan(paths=(tmp_path / "manifests/directory.yaml",))) == {}

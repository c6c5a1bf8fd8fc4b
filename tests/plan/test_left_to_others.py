"""What `ignoreChanges` leaves to others: neither changed, nor taken for ours, and its changes not blamed on others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llamasync.plan.model import Drift, Plan
from tests.support.world import UNGUARDED, World, actions, manifest

LEFT = {"ignoreChanges": ["spec.metadata.m"]}


def write(world: World, metadata: dict[str, Any], lifecycle: dict[str, Any] | None = None) -> None:
    more = {"lifecycle": lifecycle} if lifecycle else {}
    spec = {"directory": "a", "content": "text", "uniqueId": "a.md", "metadata": metadata}
    world.put("manifests/all.yaml", [manifest("Directory", "a"), manifest("File", "f", spec, **more)])


def told(plan: Plan) -> list[tuple[str, Any, Any, Drift]]:
    return [(one.path, one.before, one.after, one.drift) for change in plan.changes for one in change.fields]


def test_a_change_of_the_manifest_that_was_ignored_is_not_blamed_on_the_service(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        write(world, {"m": "one", "n": 1})
        world.apply()
        write(world, {"m": "uno", "n": 2}, LEFT)
        world.apply()
        write(world, {"m": "uno", "n": 2})
        assert told(world.plan(UNGUARDED)) == [("spec.metadata.m", "one", "uno", Drift.MANIFEST)]


def test_a_change_in_the_service_that_was_ignored_is_the_services(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        write(world, {"m": "one", "n": 1})
        world.apply()
        (file,) = world.emulator.control.snapshot()["directories"][0]["files"]
        write(world, {"m": "one", "n": 2}, LEFT)
        world.emulator.control.set_user_metadata(file["id"], {"m": "theirs", "n": 1})
        world.apply()
        assert (actions(world.plan(UNGUARDED)), world.plan(UNGUARDED).remembered) == ({}, ())
        write(world, {"m": "one", "n": 2})
        assert told(world.plan(UNGUARDED)) == [("spec.metadata.m", "theirs", "one", Drift.SERVICE)]


def test_what_was_never_applied_is_noted_as_others_have_it(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        place = world.emulator.control.add_directory("a")
        world.emulator.control.add_file(place, "a.md", content=b"text", metadata={"m": "theirs"})
        write(world, {"m": "uno", "n": 1}, LEFT)
        world.apply()
        assert (actions(world.plan(UNGUARDED)), world.plan(UNGUARDED).remembered) == ({}, ())
        write(world, {"m": "uno", "n": 1})
        assert told(world.plan(UNGUARDED)) == [("spec.metadata.m", "theirs", "uno", Drift.MANIFEST)]

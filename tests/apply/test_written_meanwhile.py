"""Others write between plan and apply: their bytes are not taken for ours, and do not go without being kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llamasync.emulator import Switches
from llamasync.state.memory import MemoryStore
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.world import UNGUARDED, World, actions, manifest

HOLDER = manifest("Directory", "docs")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def _write(world: World, **files: str) -> None:
    """Declare a directory and a file of this text for each name; `<name>` is its unique id."""
    listed = [
        manifest("File", name, {"directory": "docs", "content": text, "uniqueId": name}) for name, text in files.items()
    ]
    world.put("m.yaml", [HOLDER, *listed])


def _tag(world: World, text: str, **metadata: str) -> None:
    spec = {"directory": "docs", "content": text, "uniqueId": "a", "metadata": metadata}
    world.put("m.yaml", [HOLDER, manifest("File", "a", spec)])


def _metadata(world: World) -> dict[str, str]:
    (directory,) = world.snapshot()["directories"]
    (file,) = directory["files"]
    found: dict[str, str] = file["metadata"]
    return found


@pytest.mark.parametrize("text", ["one", "two"])
def test_key_that_others_set_meanwhile_is_kept(world: World, text: str) -> None:
    _tag(world, "one", team="x", old="y")
    world.apply()
    world.emulator.control.set_user_metadata(_id_of(world, "a"), {"team": "x", "old": "y", "before": "1", "gone": "2"})
    _tag(world, text, team="z")
    plan = world.plan()
    world.emulator.control.set_user_metadata(_id_of(world, "a"), {"team": "x", "old": "y", "before": "3", "after": "4"})
    assert world.execute(plan).is_complete
    assert _metadata(world) == {"team": "z", "before": "3", "after": "4"}
    assert actions(world.plan()) == {}


@pytest.mark.parametrize("text", ["one", "two"])
@pytest.mark.parametrize("changed", [{"team": "theirs", "old": "y"}, {"team": "x", "old": "theirs"}])
def test_key_of_ours_that_others_changed_meanwhile_is_not_overwritten(
    world: World, text: str, changed: dict[str, str]
) -> None:
    _tag(world, "one", team="x", old="y")
    world.apply()
    _tag(world, text, team="z")
    plan = world.plan()
    world.emulator.control.set_user_metadata(_id_of(world, "a"), changed)
    assert [problem.code for _, problem in world.execute(plan).failed] == ["LS426"]
    assert _metadata(world) == changed
    assert world.apply().is_complete, "the next plan shows what they did"
    assert _metadata(world) == {"team": "z"}


def _id_of(world: World, unique_id: str) -> str:
    return next(one.id for one in world.store.load().bindings.values() if one.key == (unique_id,))


def test_other_bytes_behind_a_file_that_is_renamed_are_not_recorded_as_ours(world: World) -> None:
    _write(world, a="one")
    world.apply()
    _write(world, b="one")
    plan = world.plan()
    assert actions(plan) == {"File/b": "move"}
    world.emulator.control.replace_content(_id_of(world, "a"), b"theirs")
    assert [problem.code for _, problem in world.execute(plan).failed] == ["LS426"]
    assert "replace" in actions(world.plan()).values()
    assert world.apply().is_complete
    assert actions(world.plan()) == {}
    assert b"theirs" in world.trash.kept.values()


@pytest.mark.parametrize("download_url", ["available", "null"])
@pytest.mark.parametrize("elsewhere", ["", "one"])
def test_other_bytes_behind_a_file_that_is_deleted_are_kept(tmp_path: Path, download_url: str, elsewhere: str) -> None:
    with World(tmp_path, switches=Switches(download_url=download_url)) as world:
        kept = {"kept": elsewhere} if elsewhere else {}
        _write(world, a="one", **kept)
        world.apply()
        _write(world, **kept)
        plan = world.plan(UNGUARDED)
        assert next(one for one in plan.changes if one.action == "delete").saves_bytes is not bool(elsewhere)
        world.emulator.control.replace_content(_id_of(world, "a"), b"theirs")
        assert world.execute(plan).is_complete
        assert list(world.trash.kept.values()) == [b"theirs"]


def test_bytes_that_change_while_they_are_looked_at_are_not_known(world: World) -> None:
    _write(world, a="one")
    world.apply()
    world.digests.clear()
    world.emulator.control.replace_content(_id_of(world, "a"), b"one")
    shown = world.emulator
    first = _id_of(world, "a")

    def racing(environ, start_response):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"].endswith(f"/files/{first}"):
            shown.control.replace_content(first, b"theirs")
        return shown(environ, start_response)

    world.app = racing
    plan = world.plan()
    assert actions(plan) == {"File/a": "replace"}
    assert plan.changes[0].reason == "its content is not known to be the one in the workspace"


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 6])
def test_new_content_of_a_killed_run_goes_when_its_document_is_removed(tmp_path: Path, first: int) -> None:
    killer = Killer()
    store = MortalStore(MemoryStore(), killer)
    with World(tmp_path, store=store, app_wrapper=killer.wrap) as world:
        _write(world, a="one", kept="kept")
        world.apply()
        _write(world, a="two", kept="kept")
        plan = world.plan()
        killer.arm(first, "after")
        with pytest.raises(Killed):
            world.execute(plan)
        killer.revive()
        _write(world, kept="kept")
        assert world.execute(world.plan(UNGUARDED)).is_complete
        assert list(world.documents()["docs"]) == ["kept"]
        assert actions(world.plan()) == {}


CONFIGURATIONS = "/api/v1/beta/configurations"
THEIRS = {"product_type": "parse_v2", "tier": "agentic", "version": "latest"}


def _configure(world: World, tier: str) -> None:
    spec = {"productType": "parse_v2", "parameters": {"tier": tier, "version": "latest"}}
    world.put("m.yaml", manifest("Configuration", "c", spec))


def _tier(world: World) -> str:
    (found,) = world.snapshot()["configurations"]
    return str(found["parameters"]["tier"])


@pytest.mark.parametrize("upsert", ["update", "new_version"])
def test_configuration_that_others_made_meanwhile_is_not_overwritten(tmp_path: Path, upsert: str) -> None:
    with World(tmp_path, switches=Switches(configuration_upsert=upsert)) as world:
        _configure(world, "fast")
        plan = world.plan()
        world.client().create(CONFIGURATIONS, {"name": "c", "parameters": THEIRS})
        assert [problem.code for _, problem in world.execute(plan).failed] == ["LS426"]
        assert _tier(world) == "agentic"
        assert actions(world.plan()) == {"Configuration/c": "adopt"}


def test_configuration_that_others_changed_meanwhile_is_not_overwritten(world: World) -> None:
    _configure(world, "fast")
    world.apply()
    _configure(world, "cost_effective")
    plan = world.plan()
    (binding,) = world.store.load().bindings.values()
    world.client().send("PUT", f"{CONFIGURATIONS}/{binding.id}", {"parameters": THEIRS})
    ((_, problem),) = world.execute(plan).failed
    assert (problem.code, "parameters" in problem.detail) == ("LS426", True)
    assert _tier(world) == "agentic"
    assert world.apply().is_complete
    assert _tier(world) == "cost_effective"

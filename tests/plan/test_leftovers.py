"""What an interrupted create may have made is deleted when it is what was sent; what others made meanwhile stays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.state.memory import MemoryStore
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.world import UNGUARDED, World, actions, manifest

KEPT = [manifest("Directory", "alpha"), manifest("File", "kept", {"directory": "alpha", "content": "kept"})]
PARAMETERS = {"tier": "fast", "version": "latest"}
FILE = manifest(
    "File", "paper", {"directory": "alpha", "content": "ours", "uniqueId": "a.md", "metadata": {"team": "x"}}
)
CONFIGURATION = manifest("Configuration", "fast", {"productType": "parse_v2", "parameters": PARAMETERS})
DIRECTORY = manifest("Directory", "papers", {"description": "ours"})


@pytest.fixture
def killer() -> Killer:
    return Killer()


@pytest.fixture
def world(tmp_path: Path, killer: Killer) -> Iterator[World]:
    with World(tmp_path, store=MortalStore(MemoryStore(), killer), app_wrapper=killer.wrap) as world:
        world.put("m.yaml", KEPT)
        world.apply()
        yield world


def _interrupted(world: World, killer: Killer, one: dict[str, Any], when: str) -> None:
    """Let the create of one more object be the last that the process does, or the first that it does not."""
    world.put("m.yaml", [*KEPT, one])
    plan = world.plan()
    killer.arm(2 if one is CONFIGURATION else 1, when)  # before what would overwrite, it is looked
    with pytest.raises(Killed):
        world.execute(plan)
    killer.revive()
    assert len(world.store.load().intents) == 1
    world.put("m.yaml", KEPT)


@pytest.mark.parametrize("one", [FILE, CONFIGURATION, DIRECTORY], ids=lambda one: str(one["kind"]))
def test_what_was_made_goes(world: World, killer: Killer, one: dict[str, Any]) -> None:
    before = world.snapshot()
    _interrupted(world, killer, one, "after")
    plan = world.plan(UNGUARDED)
    assert [(change.action.value, change.reason) for change in plan.changes] == [
        ("delete", "left by an interrupted run")
    ]
    assert not plan.problems
    assert world.execute(plan).is_complete
    assert world.snapshot()["directories"] == before["directories"]
    assert world.snapshot().get("configurations") == before.get("configurations")
    assert world.store.load().intents == ()


def _add_file(world: World, content: bytes, metadata: dict[str, Any]) -> None:
    alpha = next(one["id"] for one in world.emulator.control.snapshot(ids=True)["directories"])
    world.emulator.control.add_file(alpha, "a.md", content=content, metadata=metadata)


OTHERS: dict[str, tuple[dict[str, Any], Callable[[World], object], str]] = {
    "a file with other bytes": (FILE, lambda world: _add_file(world, b"theirs", {"team": "x"}), "content"),
    "a file with other metadata": (FILE, lambda world: _add_file(world, b"ours", {"team": "y"}), "spec.metadata.team"),
    "a file with more metadata": (
        FILE,
        lambda world: _add_file(world, b"ours", {"team": "x", "by": "hand"}),
        "spec.metadata.by",
    ),
    "a configuration": (
        CONFIGURATION,
        lambda world: world.client().create(
            "/api/v1/beta/configurations",
            {"name": "fast", "parameters": {"product_type": "parse_v2", **PARAMETERS, "tier": "agentic"}},
        ),
        "spec.parameters.tier",
    ),
    "a directory": (DIRECTORY, lambda world: world.emulator.control.add_directory("papers"), "spec.description"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_others_made_under_that_name_stays(world: World, killer: Killer, what: str) -> None:
    one, make, differs = OTHERS[what]
    _interrupted(world, killer, one, "before")
    make(world)
    before = world.snapshot()
    plan = world.plan(UNGUARDED)
    assert actions(plan) == {}
    ((code, told),) = [(problem.code, problem.detail) for problem in plan.problems]
    assert code == "LS327"
    assert told.endswith(f"but not as that was to make it: {differs}")
    assert world.execute(plan).is_complete
    assert world.snapshot() == before
    assert world.store.load().intents == ()
    assert not world.plan(UNGUARDED).problems, "it is told once"


def test_directory_into_which_others_put_something_stays(world: World, killer: Killer) -> None:
    _interrupted(world, killer, DIRECTORY, "after")
    papers = next(
        one["id"] for one in world.emulator.control.snapshot(ids=True)["directories"] if one["name"] == "papers"
    )
    world.emulator.control.add_file(papers, "theirs.md", content=b"theirs")
    plan = world.plan(UNGUARDED)
    assert actions(plan) == {}
    assert [problem.code for problem in plan.problems] == ["LS327"]
    assert plan.problems[0].detail.endswith("but others have put something into it")
    assert world.execute(plan).is_complete
    assert list(world.documents()["papers"]) == ["theirs.md"]
    assert not world.plan(UNGUARDED).problems


@pytest.mark.parametrize("prune", ["owned", "all"])
def test_half_of_a_replacement_goes_whatever_becomes_of_what_is_removed(
    world: World, killer: Killer, prune: str
) -> None:
    spec = {"directory": "alpha", "source": "docs", "prune": prune}
    world.put("m.yaml", [KEPT[0], manifest("FileSet", "docs", spec, lifecycle={"onRemove": "forget"})])
    world.put("docs/a.md", "one")
    world.apply()
    world.put("docs/a.md", "two")
    plan = world.plan(UNGUARDED)
    killer.arm(2, "after")
    with pytest.raises(Killed):
        world.execute(plan)
    killer.revive()
    world.put("docs/a.md", "one")
    plan = world.plan(UNGUARDED)
    assert [(change.action.value, change.reason) for change in plan.changes] == [
        ("delete", "left by an interrupted run")
    ]
    assert world.execute(plan).is_complete
    assert list(world.documents()["alpha"]) == ["a.md"]
    assert actions(world.plan()) == {}


def test_bytes_under_a_staged_name_are_looked_at_before_they_are_taken(world: World, killer: Killer) -> None:
    """The source changed while it was sent, what was sent could not be deleted, and the source was put back."""
    world.put("m.yaml", [KEPT[0], manifest("FileSet", "docs", {"directory": "alpha", "source": "docs"})])
    world.put("docs/a.md", "one")
    world.apply()
    world.put("docs/a.md", "two")
    plan = world.plan(UNGUARDED)
    world.put("docs/a.md", "TWO")
    killer.arm(2, "after")
    with pytest.raises(Killed):
        world.execute(plan)
    killer.revive()
    world.put("docs/a.md", "two")
    assert world.apply().is_complete
    assert world.documents()["alpha"]["a.md"] == hashlib.sha256(b"two").hexdigest()
    assert list(world.documents()["alpha"]) == ["a.md"]
    assert actions(world.plan()) == {}


def test_what_others_made_is_found_by_its_name_when_it_is_declared_after_all(world: World, killer: Killer) -> None:
    _interrupted(world, killer, FILE, "before")
    _add_file(world, b"theirs", {})
    world.put("m.yaml", [*KEPT, FILE])
    assert actions(world.plan()) == {"File/paper": "replace"}
    assert world.apply().is_complete
    assert actions(world.plan()) == {}

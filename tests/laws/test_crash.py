"""Killed at any request, run again: the same final state, no twins, no document lost, nothing made twice."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.emulator import Switches
from llamasync.state.memory import MemoryStore
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.strategies import Draft, dialects, drafts, recoverable, switches
from tests.support.world import UNGUARDED, World, actions, errors, manifest


def _mortal(folder: str | Path, killer: Killer, **options: Any) -> World:
    return World(Path(folder), store=MortalStore(MemoryStore(), killer), app_wrapper=killer.wrap, **options)


def _apply_and_die(world: World, killer: Killer, at: int, when: str) -> bool:
    """Apply and die at the n-th request of carrying it out; return whether it came to that."""
    plan = world.plan(UNGUARDED)
    assert not errors(plan), errors(plan)
    killer.arm(at, when)
    try:
        world.execute(plan)
    except Killed:
        return True
    finally:
        killer.revive()
    return False


def _note_on_every_file(world: World) -> None:
    """Let someone else set a key of theirs: it is no less theirs when what bears it is replaced by halves."""
    for directory in world.emulator.control.snapshot()["directories"]:
        for file in directory["files"]:
            if directory["type"] == "user":
                world.emulator.control.set_user_metadata(file["id"], {**file["metadata"], "noted": file["unique_id"]})


def _uploads(world: World) -> int:
    return sum(
        one.method == "POST" and one.path.endswith("/upload") and one.status == 201 for one in world.emulator.requests
    )


def _content(world: World) -> Any:
    """Return what the service holds for a user: neither bytes behind deleted files, nor what it makes of an index."""
    found = {key: value for key, value in world.snapshot().items() if key != "files"}
    found["directories"] = [one for one in found["directories"] if one["type"] == "user"]
    found["indexes"] = [(one["name"], one["source_directory"]) for one in found.get("indexes", ())]
    return found


@pytest.mark.timeout(400)
@given(
    first=drafts(),
    second=drafts(),
    at=st.integers(1, 12),
    when=st.sampled_from(("before", "after")),
    setting=switches(),
    dialect=dialects,
)
def test_run_after_a_kill_ends_where_an_undisturbed_run_ends(
    first: Draft, second: Draft, at: int, when: str, setting: Switches, dialect: str
) -> None:
    setting = recoverable(setting, first, second)
    ends = []
    for dies in (False, True):
        killer = Killer()
        with TemporaryDirectory() as folder, _mortal(folder, killer, switches=setting, dialect=dialect) as world:
            for draft in (first, second):
                draft.write(world)
                if dies:
                    _apply_and_die(world, killer, at, when)
                assert not world.apply().failed
                assert actions(world.plan()) == {}
                _note_on_every_file(world)
            world.documents_by_user_directory()
            ends.append((_content(world), _uploads(world)))
    assert ends[0] == ends[1]


def _thirty_objects() -> tuple[Draft, Draft]:
    """Return a workspace of 30 objects, and one in which most of them change in every way."""
    directories = tuple(manifest("Directory", name, {"deleteContents": True}) for name in ("alpha", "beta", "gamma"))
    configurations = tuple(
        manifest(
            "Configuration", f"c{n}", {"productType": "parse_v2", "parameters": {"tier": "fast", "version": "latest"}}
        )
        for n in range(3)
    )
    sets = tuple(
        manifest("FileSet", name, {"directory": directory, "source": f"../trees/{name}", "uniqueId": name + "/{path}"})
        for name, directory in (("s0", "alpha"), ("s1", "beta"), ("s2", "gamma"))
    )
    trees = {name: {f"{n}.md": f"{name} {n}" for n in range(8)} for name in ("s0", "s1", "s2")}
    moved = (*sets[:1], manifest("FileSet", "s1", {**sets[1]["spec"], "directory": "alpha", "metadata": {"team": "x"}}))
    changed = {
        "s0": {f"{n}.md": f"s0 {n} changed" if n < 4 else f"s0 {n}" for n in range(7)},
        "s1": {f"renamed{n}.md": f"s1 {n}" for n in range(8)},
    }
    return Draft((*directories, *configurations, *sets), trees), Draft(
        (*directories[:2], *configurations[:2], *moved), changed
    )


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("setting", ["conflict", "upsert", "duplicate"])
@pytest.mark.timeout(300)
def test_kill_at_each_request_of_thirty_objects_leaves_no_twin_and_loses_no_file(
    tmp_path: Path, when: str, setting: str
) -> None:
    first, second = _thirty_objects()
    undisturbed = []
    with World(tmp_path / "calm", switches=Switches(unique_id_conflict=setting)) as calm:
        for draft in (first, second):
            draft.write(calm)
            assert not calm.apply().failed
            undisturbed.append(_content(calm))
            _note_on_every_file(calm)
    at, comes_to_it = 0, True
    while comes_to_it:
        at += 1
        killer = Killer()
        with _mortal(tmp_path / str(at), killer, switches=Switches(unique_id_conflict=setting)) as world:
            comes_to_it = False
            for draft, end in zip((first, second), undisturbed, strict=True):
                draft.write(world)
                comes_to_it |= _apply_and_die(world, killer, at, when)
                assert not world.apply().failed
                assert _content(world) == end, f"killed {when} request {at}"
                assert actions(world.plan()) == {}
                _note_on_every_file(world)
    assert at > 30

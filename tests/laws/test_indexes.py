"""Indexes and chat sessions: made, synced and replaced so that the plan is empty afterwards, under every setting."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.emulator import Switches
from llamasync.state.memory import MemoryStore
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.strategies import dialects, switches
from tests.support.troubles import apply_until_done, troubles
from tests.support.world import UNGUARDED, World, actions, errors, every_switch, manifest

PRODUCTS = [{"type": "parse", "configuration": "config"}]
PARAMETERS = {"tier": "fast", "version": "latest"}


def write(world: World, files: dict[str, str], *, products: bool = True, chat: bool = True) -> None:
    """Write a workspace of one directory, its index and a chat over that."""
    shutil.rmtree(world.root / "docs", ignore_errors=True)
    (world.root / "docs").mkdir()
    for name, content in files.items():
        world.put(f"docs/{name}", content)
    index: dict[str, Any] = {"directory": "alpha"} | ({"products": PRODUCTS} if products else {})
    documents = [
        manifest("Directory", "alpha", {"deleteContents": True}),
        manifest("FileSet", "set", {"directory": "alpha", "source": "../docs"}),
        manifest("Configuration", "config", {"productType": "parse_v2", "parameters": PARAMETERS}),
        manifest("Index", "handbook", index, lifecycle={"protect": False}),
    ]
    if chat:
        documents.append(manifest("ChatSession", "talk", {"indexes": ["handbook"]}))
    world.put("manifests/all.yaml", documents)


def settled(world: World) -> None:
    """Apply, and check that nothing is left to do."""
    result = world.apply()
    assert not result.failed, result.failed
    after = world.plan()
    assert actions(after) == {}
    assert not errors(after)


def held(world: World) -> tuple[int, int]:
    """Return how many indexes and chats there are."""
    found = world.snapshot()
    return len(found.get("indexes", ())), len(found.get("chats", ()))


@pytest.mark.parametrize(("name", "value"), list(every_switch()))
@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_index_and_chat_converge_under_each_setting_alone(tmp_path: Path, name: str, value: Any, dialect: str) -> None:
    with World(tmp_path, switches=Switches(**{name: value}), dialect=dialect) as world:
        write(world, {"a.md": "one", "b.md": "two"})
        settled(world)
        assert held(world) == (1, 1)
        write(world, {"a.md": "one changed", "c.md": "three"})
        assert actions(world.plan())["Index/handbook"] == "sync"
        settled(world)
        write(world, {"a.md": "one changed", "c.md": "three"}, products=False)
        assert actions(world.plan())["Index/handbook"] == "replace"
        settled(world)
        assert held(world) == (1, 1)
        write(world, {"a.md": "one changed"}, chat=False)
        settled(world)
        assert held(world) == (1, 0)


@given(setting=switches(), dialect=dialects, contents=st.lists(st.sampled_from(("one", "two")), max_size=3))
def test_index_converges_whatever_the_settings(setting: Switches, dialect: str, contents: list[str]) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        write(world, {"a.md": "one"})
        settled(world)
        write(world, {f"{number}.md": text for number, text in enumerate(contents)}, products=len(contents) > 1)
        settled(world)
        assert held(world) == (1, 1)


def chats_made(world: World) -> int:
    """Return how many requests to make a chat took effect."""
    return sum((one.method, one.path, one.status) == ("POST", "/api/v1/chat", 201) for one in world.emulator.requests)


FIRST = {"a.md": "one", "b.md": "two"}
SECOND = {"a.md": "one changed", "c.md": "three"}


def changed(world: World) -> None:
    write(world, SECOND, products=False)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("dialect", ["current", "reference"])
@pytest.mark.timeout(300)
def test_kill_at_each_request_leaves_one_index_and_one_chat(tmp_path: Path, when: str, dialect: str) -> None:
    setting = Switches(reference_index_list="served")
    at, comes_to_it = 0, True
    while comes_to_it:
        at += 1
        comes_to_it = False
        killer = Killer()
        store = MortalStore(MemoryStore(), killer)
        with World(
            tmp_path / f"{at}", store=store, app_wrapper=killer.wrap, switches=setting, dialect=dialect
        ) as world:
            for prepare in (lambda world: write(world, FIRST), changed):
                prepare(world)
                plan = world.plan(UNGUARDED)
                killer.arm(at, when)
                try:
                    world.execute(plan)
                except Killed:
                    comes_to_it = True
                finally:
                    killer.revive()
                settled(world)
                assert held(world) == (1, 1), f"killed {when} request {at}"
            assert chats_made(world) == 2, f"killed {when} request {at}"
    assert at > 10


@given(faults=troubles(), setting=switches(), dialect=dialects)
def test_lost_answers_make_no_twin_of_an_index_or_a_chat(faults: Any, setting: Switches, dialect: str) -> None:
    can_list = replace(setting, reference_index_list="served")
    with TemporaryDirectory() as folder, World(Path(folder), switches=can_list, dialect=dialect) as world:
        for prepare in (lambda world: write(world, FIRST), changed):
            prepare(world)
            apply_until_done(world, faults)
            assert actions(world.plan()) == {}
            assert held(world) == (1, 1)

"""An object that is replaced has another id afterwards, and what refers to it must follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llamasync.state.memory import MemoryStore
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.world import UNGUARDED, World, actions, manifest

OPEN = {"lifecycle": {"protect": False}}


def _write(world: World, description: str, indexes: int = 1) -> None:
    names = [f"index{number}" for number in range(indexes)]
    made = [manifest("Index", name, {"directory": name, "description": description}, **OPEN) for name in names]
    world.put(
        "manifests/all.yaml",
        [
            *(manifest("Directory", name) for name in names),
            *made,
            manifest("ChatSession", "talk", {"indexes": names}),
        ],
    )


def _chats(world: World) -> list[Any]:
    return list(world.snapshot()["chats"])


@pytest.mark.parametrize("indexes", [1, 2])
def test_chat_over_an_index_that_is_replaced_is_replaced_too(tmp_path: Path, indexes: int) -> None:
    with World(tmp_path) as world:
        _write(world, "old", indexes)
        assert world.apply().is_complete
        _write(world, "new", indexes)
        plan = world.plan(UNGUARDED)
        done = {str(one.address): str(one.action) for one in plan.changes}
        assert done == {f"Index/index{number}": "replace" for number in range(indexes)} | {
            "ChatSession/talk": "replace"
        }
        assert world.execute(plan).is_complete
        assert len(_chats(world)) == 1
        assert actions(world.plan()) == {}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 16))
def test_chat_that_a_killed_run_made_anew_is_taken_up_and_the_old_one_goes(tmp_path: Path, at: int, when: str) -> None:
    """At whichever request: only its id identifies a chat, and nothing tells the id when the answer is lost."""
    killer = Killer()
    with World(tmp_path, store=MortalStore(MemoryStore(), killer), app_wrapper=killer.wrap) as world:
        for description in ("old", "new"):
            _write(world, description)
            plan = world.plan(UNGUARDED)
            killer.arm(at, when)
            try:
                world.execute(plan, parallelism=1)
            except Killed:
                pass
            finally:
                killer.revive()
            assert world.apply().is_complete
            assert len(_chats(world)) == 1
            assert actions(world.plan()) == {}


def test_configuration_that_is_made_again_leaves_an_index_alone_that_ignores_it(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        careful = {"productType": "parse_v2", "parameters": {"tier": "agentic", "version": "latest"}}
        spec = {"directory": "docs", "products": [{"type": "parse", "configuration": "careful"}]}
        world.put(
            "manifests/all.yaml",
            [
                manifest("Directory", "docs"),
                manifest("Configuration", "careful", careful),
                manifest("Index", "docs", spec, lifecycle={"ignoreChanges": ["spec.products"]}),
            ],
        )
        assert world.apply().is_complete
        bound = {str(one.address): one for one in world.store.load().bindings.values()}
        world.client().send("DELETE", f"/api/v1/beta/configurations/{bound['Configuration/careful'].id}")
        plan = world.plan(UNGUARDED)
        assert actions(plan) == {"Configuration/careful": "create"}
        assert world.execute(plan).is_complete
        assert actions(world.plan()) == {}

"""An index is protected unless its manifest says otherwise; the refusal says how to keep it and how to let it go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.plan.model import Plan
from tests.support.world import World, actions, manifest

SETTINGS = "apiVersion: llamasync/v1\nkind: Workspace\nspec: {%s}\n"
MOVED = SETTINGS % "moved: [{from: Index/handbook, to: Index/manual}]"
MEANT = "if it is meant: lifecycle: {protect: false} in its manifest"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        declare(world)
        world.apply()
        yield world


def declare(world: World, called: str = "handbook", *, settings: str = SETTINGS % "", **spec: Any) -> None:
    world.put("llamasync.yaml", settings)
    directories = [manifest("Directory", "docs"), manifest("Directory", "other")]
    world.put("m.yaml", [*directories, manifest("Index", called, {"directory": "docs", **spec})])


def refusal(plan: Plan) -> tuple[str, str]:
    (problem,) = (one for one in plan.problems if one.code == "LS305")
    return problem.detail, problem.hint


def test_an_index_that_is_called_otherwise_in_the_repo_is_not_touched_when_its_name_is_kept(world: World) -> None:
    declare(world, "manual", settings=MOVED, name="handbook")
    plan = world.plan()
    assert (actions(plan), plan.problems) == ({}, ())
    assert [(str(old), str(new)) for old, new in plan.renamed] == [("Index/handbook", "Index/manual")]
    world.emulator.clear_requests()
    world.execute(plan)
    assert [request.method for request in world.emulator.requests if request.method != "GET"] == []
    declare(world, "manual", name="handbook")
    assert world.plan().is_empty, "the record is needed once"


def test_an_index_whose_name_would_change_with_its_address_says_how_to_keep_it(world: World) -> None:
    declare(world, "manual", settings=MOVED)
    plan = world.plan()
    assert actions(plan) == {"Index/manual": "replace"}
    assert refusal(plan)[1] == f'to keep it as it is: spec.name: "handbook"; {MEANT}'


def test_an_index_that_is_called_otherwise_and_not_said_to_be_the_same_says_how(world: World) -> None:
    declare(world, "manual")
    hint = refusal(world.plan())[1]
    assert hint.startswith("if it is Index/manual now: spec.moved: [{from: Index/handbook, to: Index/manual}] in llama")
    assert hint.endswith("to let go of it without deleting it: llamasync state rm Index/handbook")


def test_an_index_found_by_its_name_under_another_address_is_as_synced_as_it_was(world: World) -> None:
    declare(world, "manual", name="handbook")
    (change,) = world.plan().changes
    assert (str(change.action), change.reason, change.syncs) == ("adopt", "was Index/handbook", False)
    assert world.converge().is_empty


@pytest.mark.parametrize("spec", [{"directory": "other"}, {"storeAttachments": ["items"]}])
def test_what_cannot_be_said_in_a_word_is_no_hint(world: World, spec: dict[str, Any]) -> None:
    declare(world, **spec)
    assert refusal(world.plan())[1] == MEANT

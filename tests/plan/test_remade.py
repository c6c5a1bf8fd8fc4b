"""What refers to something that is made anew is made anew as well, and says because of what and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llamasync.core.address import Address
from llamasync.plan.model import Change, Drift
from tests.support.world import World, manifest

ORDINARY = "a field changed that the service cannot change in place"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        declare(world, "a", "b")
        world.apply()
        yield world


def declare(world: World, *chat: str, **descriptions: str) -> None:
    """Declare three indexes, what else the chat asks for, and a chat on some of them."""
    documents = []
    for name in sorted({*"abc", *chat}):
        spec = {"directory": name, "description": descriptions.get(name, "as it was")}
        documents += [manifest("Directory", name), manifest("Index", name, spec, lifecycle={"protect": False})]
    world.put("m.yaml", [*documents, manifest("ChatSession", "staff", {"indexes": list(chat)})])


def delete_index(world: World, name: str) -> None:
    binding = world.store.load().bindings[Address("Index", name)]
    world.client().send("DELETE", f"/api/v1/indexes/{binding.id}")


def chat(world: World) -> tuple[str, Drift]:
    change: Change = next(one for one in world.plan().changes if one.kind == "ChatSession")
    return change.reason, change.drift


def test_a_chat_on_an_index_that_was_deleted_in_the_service_is_the_services_change(world: World) -> None:
    delete_index(world, "b")
    assert chat(world) == ("refers to Index/b, made anew", Drift.SERVICE)
    delete_index(world, "a")
    assert chat(world) == ("refers to Index/a and Index/b, made anew", Drift.SERVICE)
    assert world.converge().is_empty


def test_a_chat_on_an_index_that_is_replaced_is_the_manifests_change(world: World) -> None:
    declare(world, "b", "a", b="another")
    assert chat(world) == ("refers to Index/b, made anew", Drift.MANIFEST)
    assert world.converge().is_empty


def test_a_chat_whose_indexes_change_as_well_says_so(world: World) -> None:
    declare(world, "a", "b", "c", b="another")
    assert chat(world) == (ORDINARY, Drift.MANIFEST)
    declare(world, "a", b="another")
    assert chat(world) == (ORDINARY, Drift.MANIFEST)
    declare(world, "a", "b", "new", b="another")
    assert chat(world) == (ORDINARY, Drift.MANIFEST)
    assert world.converge().is_empty


def test_an_index_over_a_directory_that_was_deleted_says_so_unless_more_of_it_changes(world: World) -> None:
    binding = world.store.load().bindings[Address("Directory", "c")]
    world.client().send("DELETE", f"/api/v1/beta/directories/{binding.id}")
    (index,) = (one for one in world.plan().changes if one.kind == "Index")
    assert (index.reason, index.drift) == ("refers to Directory/c, made anew", Drift.SERVICE)
    declare(world, "a", "b", c="another")
    (index,) = (one for one in world.plan().changes if one.kind == "Index")
    assert (index.reason, index.drift) == (ORDINARY, Drift.BOTH)
    assert world.converge().is_empty

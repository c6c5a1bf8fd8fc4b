"""Chat sessions: known by their id alone, made once, titled where the service offers that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.digest import digest
from llamasync.emulator import Fault, Switches
from llamasync.state.model import Intent
from tests.support.world import World, actions, manifest

CHAT = "/api/v1/chat"


def write(world: World, **spec: Any) -> None:
    world.put(
        "manifests/all.yaml",
        [
            manifest("Directory", "alpha"),
            manifest("Index", "handbook", {"directory": "alpha"}),
            manifest("ChatSession", "talk", {"indexes": ["handbook"], **spec}),
        ],
    )


def titles(world: World) -> list[Any]:
    return [one["title"] for one in world.snapshot()["chats"]]


@pytest.mark.parametrize(("dialect", "titled"), [("reference", True), ("current", False)])
def test_title_is_made_of_the_name_where_the_service_offers_that(tmp_path: Path, dialect: str, titled: bool) -> None:
    with World(tmp_path, dialect=dialect) as world:
        write(world, title="generate")
        assert world.apply().is_complete
        assert [bool(title) for title in titles(world)] == [titled]
        assert actions(world.plan()) == {}


def test_title_whose_answer_was_lost_is_let_be(tmp_path: Path) -> None:
    with World(tmp_path, dialect="reference") as world:
        write(world, title="generate")
        world.emulator.set_faults([Fault(method="POST", path=f"{CHAT}/*/title", when="before", status=500)])
        assert world.apply().is_complete


def test_title_that_is_refused_is_a_failure(tmp_path: Path) -> None:
    with World(tmp_path, dialect="reference") as world:
        write(world, title="generate")
        world.emulator.set_faults([Fault(method="POST", path=f"{CHAT}/*/title", when="before", status=403)])
        ((address, found),) = world.apply().failed
        assert (str(address), found.code) == ("ChatSession/talk", "LS413")
        world.emulator.set_faults([])
        assert actions(world.plan()) == {}


@pytest.mark.parametrize("shown", ["absent", "shown"])
def test_shared_access_is_sent_once_and_taken_on_trust(tmp_path: Path, shown: str) -> None:
    with World(tmp_path, switches=Switches(chat_shared_access=shown)) as world:
        write(world, sharedAccess="read_only")
        world.apply()
        assert actions(world.plan()) == {}
        write(world)
        assert actions(world.plan()) == {"ChatSession/talk": "replace"}
        assert world.apply().is_complete
        assert actions(world.plan()) == {}
        assert len(world.snapshot()["chats"]) == 1


def test_chat_of_others_is_never_taken_for_ours(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        write(world)
        world.apply()
        (chat,) = [one for one in world.store.load().bindings.values() if one.collection == "chats"]
        theirs = world.client().create(CHAT, {"index_ids": chat.fields["index_ids"]})["session_id"]
        world.forget_all()
        assert actions(world.plan())["ChatSession/talk"] == "create"
        world.apply()
        assert len(world.snapshot()["chats"]) == 3
        assert theirs in {one["session_id"] for page in world.client().pages(CHAT, id_field="") for one in page}


def test_more_than_ten_indexes_are_too_many(tmp_path: Path) -> None:
    from llamasync.workspace.load import load_workspace

    with World(tmp_path) as world:
        write(world, indexes=[{"id": f"idx-{number}"} for number in range(11)])
        assert {one.code for one in load_workspace(world.root).diagnostics} == {"LS107"}


def test_interrupted_create_does_not_take_a_chat_that_another_address_stands_for(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        write(world)
        world.apply()
        (chat,) = [one for one in world.store.load().bindings.values() if one.collection == "chats"]
        second = Address("ChatSession", "second")
        with world.store.lock("test"):
            sent = digest({"index_ids": chat.fields["index_ids"]})
            world.store.begin(Intent(number=0, address=second, collection="chats", key=("second",), digest=sent))
        world.put("manifests/second.yaml", manifest("ChatSession", "second", {"indexes": ["handbook"]}))
        assert actions(world.plan()) == {"ChatSession/second": "create"}


SHARED = {"sharedAccess": "query"}


@pytest.mark.parametrize("spec", [{}, SHARED], ids=["as it comes", "shared"])
@pytest.mark.parametrize("shown", ["absent", "shown"])
def test_a_chat_whose_predecessor_could_not_be_deleted_is_found_again(
    tmp_path: Path, shown: str, spec: dict[str, Any]
) -> None:
    with World(tmp_path, switches=Switches(chat_shared_access=shown)) as world:
        write(world, **({} if spec else SHARED))
        world.apply()
        write(world, **spec)
        world.emulator.set_faults([Fault(method="DELETE", path=f"{CHAT}/*", when="before", cut=True)])
        assert not world.apply().is_complete
        world.emulator.set_faults([])
        assert world.apply().is_complete
        assert len(titles(world)) == 1
        assert actions(world.plan()) == {}


@pytest.mark.parametrize("spec", [{}, SHARED], ids=["as it comes", "shared"])
@pytest.mark.parametrize("shown", ["absent", "shown"])
def test_what_an_interrupted_create_made_is_deleted_when_nobody_asks_for_it_any_more(
    tmp_path: Path, shown: str, spec: dict[str, Any]
) -> None:
    """Of `shared_access` nobody can know then whether it was sent; what is shown of it is what everybody gets."""
    with World(tmp_path, switches=Switches(chat_shared_access=shown)) as world:
        write(world)
        world.apply()
        handbook = next(one for one in world.store.load().bindings.values() if one.collection == "indexes").id
        sent = {"index_ids": [handbook], **({"shared_access": "query"} if spec else {})}
        with world.store.lock("apply"):
            world.store.begin(
                Intent(
                    number=0,
                    address=Address("ChatSession", "gone"),
                    collection="chats",
                    key=("gone",),
                    digest=digest(sent),
                )
            )
        world.client().create(CHAT, sent)
        found = actions(world.plan())
        assert list(found.values()) == ([] if spec else ["delete"])

"""A create takes effect once, whatever becomes of its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.api.errors import OutcomeUnknown, Refused
from llamasync.apply.creating import ATTEMPTS, Creation, create_object, upload_object
from llamasync.apply.tools import Tools
from llamasync.core.address import Address
from llamasync.emulator import Switches
from llamasync.emulator.fault_rules import parse_fault
from llamasync.kinds.registry import all_collections, all_kinds
from llamasync.state.model import Intent
from llamasync.workspace.desired import Content
from tests.support.world import World, actions, manifest

DIRECTORIES = all_collections()["directories"]
FILES = all_collections()["directory-files"]
PLACE = Address("Directory", "contracts")
BYTES = b"the agreement"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def _tools(world: World) -> Tools:
    return Tools(
        client=world.client().with_project(world.emulator.default_project_id),
        store=world.store,
        kinds=all_kinds(),
        collections=all_collections(),
        digests=world.digests,
        clock=world.clock,
    )


def _faults(world: World, *texts: str) -> None:
    world.emulator.set_faults([parse_fault(text) for text in texts])


def _posts(world: World) -> int:
    return sum(one.method == "POST" for one in world.emulator.requests)


def _create(world: World, name: str = "contracts") -> tuple[Any, Intent]:
    creation = Creation(collection=DIRECTORIES, parent_id="", key=(name,), fields={"name": name}, address=PLACE)
    with world.store.lock("test"):
        return create_object(_tools(world), creation)


def _content(data: bytes = BYTES, path: Path | None = None) -> Content:
    digest = hashlib.sha256(data).hexdigest()
    return Content(digest, len(data), "a.md", path=str(path or ""), inline=None if path else data)


def _upload(world: World, directory: str, content: Content, unique_id: str = "a.md") -> tuple[Any, Intent]:
    fields = {"unique_id": unique_id, "display_name": "a.md", "metadata": {"n": 1}}
    creation = Creation(collection=FILES, parent_id=directory, key=(unique_id,), fields=fields, address=PLACE)
    with world.store.lock("test"):
        return upload_object(_tools(world), creation, content, lambda *_: None)


def _names(world: World) -> list[str]:
    return [one["name"] for one in world.snapshot()["directories"]]


def test_intent_is_durable_before_the_call_and_open_after_it(world: World) -> None:
    seen: list[tuple[Intent, ...]] = []

    def hook(record: Any, moment: str) -> None:
        if moment == "before" and record.method == "POST":
            seen.append(world.store.load().intents)

    world.emulator.on_request = hook
    live, intent = _create(world)
    assert [one.key for one in seen[0]] == [("contracts",)]
    assert seen[0] == (intent,)
    assert world.store.load().intents == (intent,), "it is closed when the object is recorded"
    assert (live.key, intent.collection, intent.address) == (("contracts",), "directories", PLACE)
    assert intent.digest.startswith("sha256:")
    assert intent.started_at == world.clock.now().isoformat()


@pytest.mark.parametrize("lost", ["cut", "status=502", "status=500", "status=408"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_makes_one_object_whether_or_not_it_took_effect(world: World, lost: str, when: str) -> None:
    _faults(world, f"POST {DIRECTORIES.path} {lost} when={when} nth=1")
    live, _ = _create(world)
    snapshot = world.emulator.control.snapshot()["directories"]
    assert [one["id"] for one in snapshot] == [live.id]
    assert _posts(world) == (1 if when == "after" else 2)


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_of_an_upload_makes_one_file(world: World, when: str) -> None:
    directory = world.emulator.control.add_directory("contracts")
    _faults(world, f"POST */upload cut when={when} nth=1")
    live, _ = _upload(world, directory, _content())
    assert world.documents() == {"contracts": {"a.md": hashlib.sha256(BYTES).hexdigest()}}
    assert world.digests == {live.file_id: (hashlib.sha256(BYTES).hexdigest(), len(BYTES))}


def test_create_whose_answers_are_all_lost_ends_with_its_intent_open(world: World) -> None:
    _faults(world, f"POST {DIRECTORIES.path} status=503")
    with pytest.raises(OutcomeUnknown):
        _create(world)
    assert _posts(world) == ATTEMPTS
    assert len(world.store.load().intents) == 1
    assert world.clock.slept_s > 1, "it waits longer each time"
    assert _names(world) == []


def test_create_that_cannot_be_looked_for_is_not_repeated(world: World) -> None:
    _faults(world, f"POST {DIRECTORIES.path} cut when=after", "GET * status=403")
    with pytest.raises(OutcomeUnknown):
        _create(world)
    assert _posts(world) == 1
    assert len(world.store.load().intents) == 1
    _faults(world)
    assert _names(world) == ["contracts"]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422])
def test_refused_create_closes_its_intent(world: World, status: int) -> None:
    _faults(world, f"POST {DIRECTORIES.path} status={status}")
    with pytest.raises(Refused) as caught:
        _create(world)
    assert caught.value.status == status
    assert world.store.load().intents == ()
    assert _posts(world) == 1


def test_object_of_others_under_the_name_is_refused_when_its_bytes_are_others(world: World) -> None:
    directory = world.emulator.control.add_directory("contracts")
    _faults(world, "POST */upload cut when=before nth=1")
    world.emulator.control.add_file(directory, "a.md", content=b"theirs")
    with pytest.raises(Refused, match="appeared meanwhile with other content"):
        _upload(world, directory, _content())
    assert world.documents() == {"contracts": {"a.md": hashlib.sha256(b"theirs").hexdigest()}}
    assert world.store.load().intents == ()


def test_object_of_others_under_the_name_with_our_bytes_is_as_good_as_ours(world: World) -> None:
    directory = world.emulator.control.add_directory("contracts")
    _faults(world, "POST */upload cut when=before nth=1")
    theirs = world.emulator.control.add_file(directory, "a.md", content=BYTES)
    live, _ = _upload(world, directory, _content())
    assert live.id == theirs


@pytest.mark.parametrize("data", [b"the agreement!", b"THE AGREEMENT", b""], ids=["longer", "as long", "emptied"])
def test_file_that_changed_after_the_plan_is_not_left_in_the_service(world: World, tmp_path: Path, data: bytes) -> None:
    directory = world.emulator.control.add_directory("contracts")
    path = tmp_path / "a.md"
    path.write_bytes(data)
    content = Content(hashlib.sha256(BYTES).hexdigest(), len(BYTES), "a.md", path=str(path))
    with pytest.raises(Refused) as caught:
        _upload(world, directory, content)
    assert caught.value.code == "LS211"
    assert world.documents() == {"contracts": {}}
    assert world.store.load().intents == ()
    assert world.digests == {}


def test_file_that_is_gone_after_the_plan_is_told(world: World, tmp_path: Path) -> None:
    directory = world.emulator.control.add_directory("contracts")
    content = Content(hashlib.sha256(BYTES).hexdigest(), len(BYTES), "a.md", path=str(tmp_path / "gone.md"))
    with pytest.raises(Refused) as caught:
        _upload(world, directory, content)
    assert caught.value.code in ("LS206", "LS211")
    assert world.documents() == {"contracts": {}}


def test_file_that_changed_after_the_plan_fails_its_change_and_the_next_run_mends_it(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.put("manifests/all.yaml", [
            manifest("Directory", "contracts"),
            manifest("FileSet", "set", {"directory": "contracts", "source": "../documents"}),
        ])  # fmt: skip
        for name in "ab":
            world.put(f"documents/{name}.md", f"content {name}")
        plan = world.plan()
        world.put("documents/a.md", "CONTENT A")
        result = world.execute(plan)
        assert [(str(address), problem.code) for address, problem in result.failed] == [("FileSet/set[a.md]", "LS211")]
        assert list(world.documents()["contracts"]) == ["b.md"]
        assert actions(world.converge()) == {}
        assert world.documents()["contracts"]["a.md"] == hashlib.sha256(b"CONTENT A").hexdigest()


def test_collection_without_uploads_takes_no_content(world: World) -> None:
    creation = Creation(collection=DIRECTORIES, parent_id="", key=("a",), fields={}, address=PLACE)
    with world.store.lock("test"), pytest.raises(TypeError, match="directories takes no content"):
        upload_object(_tools(world), creation, _content(), lambda *_: None)


def test_file_without_bytes_of_its_own_has_no_digest_to_remember(tmp_path: Path) -> None:
    """A service that shows no file_id: nothing is remembered under an empty one."""
    from tests.support.answering import answering

    path = "/api/v1/beta/directories/dir-1/files/upload"
    answer = {"id": "dfl-1", "unique_id": "a.md", "directory_id": "dir-1"}
    with World(tmp_path, app_wrapper=lambda app: answering({("POST", path): answer}, app)) as world:
        live, _ = _upload(world, "dir-1", _content())
        assert (live.id, live.file_id) == ("dfl-1", "")
        assert world.digests == {}


@pytest.mark.parametrize("setting", ["conflict", "upsert", "duplicate"])
def test_progress_tells_all_bytes_under_every_setting(tmp_path: Path, setting: str) -> None:
    with World(tmp_path, switches=Switches(unique_id_conflict=setting)) as world:
        directory = world.emulator.control.add_directory("contracts")
        told: list[tuple[int, int]] = []
        data = b"x" * 300_000
        creation = Creation(
            collection=FILES, parent_id=directory, key=("a.md",), fields={"unique_id": "a.md"}, address=PLACE
        )
        with world.store.lock("test"):
            upload_object(_tools(world), creation, _content(data), lambda sent, total: told.append((sent, total)))
        assert told[-1] == (300_000, 300_000)
        assert told == sorted(told)

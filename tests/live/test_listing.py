"""Lists shift while they are read: nothing counts as absent on the strength of one listing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.api.errors import NotLlamaCloud, Refused
from llamasync.emulator import Switches
from llamasync.kinds.registry import all_collections
from llamasync.live.listing import LOOKS_BY_KEY, find_by_key, list_objects, object_path
from llamasync.live.objects import to_live
from tests.support.answering import answering
from tests.support.world import World

DIRECTORIES = all_collections()["directories"]
FILES = all_collections()["directory-files"]
LIVE_LISTS = Switches(list_consistency="live", list_order="oldest_first", page_size_max=2)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, switches=LIVE_LISTS) as world:
        yield world


def _fill(world: World, count: int) -> tuple[str, list[str]]:
    control = world.emulator.control
    directory = control.add_directory("contracts")
    return directory, [control.add_file(directory, f"{n}.md") for n in range(count)]


def _after_first_page(world: World, happens: Callable[[], Any]) -> None:
    """Let something happen once, right after the first page of a list was read."""
    left = [happens]

    def hook(record: Any, moment: str) -> None:
        if moment == "after" and record.method == "GET" and record.path.endswith("/files") and left:
            left.pop()()

    world.emulator.on_request = hook


def _reads(world: World) -> list[str]:
    return [one.path.rpartition("/")[2] for one in world.emulator.requests if one.method == "GET"]


def test_object_that_a_shift_hid_is_looked_up_by_its_id(world: World) -> None:
    directory, files = _fill(world, 6)
    _after_first_page(world, lambda: world.emulator.control.delete_file(files[0]))
    found = list_objects(world.client(), FILES, directory, ids=dict.fromkeys(files, ""))
    # 2.md slid to the page that was read already; the deleted 0.md was listed before it went.
    assert [live.key[0] for live in found] == [f"{n}.md" for n in range(6)]
    assert _reads(world) == ["files", "files", "files", files[2]]


def test_object_that_a_shift_hid_is_looked_up_by_its_name_when_it_is_not_remembered(world: World) -> None:
    directory, files = _fill(world, 6)
    _after_first_page(world, lambda: world.emulator.control.delete_file(files[0]))
    found = list_objects(world.client(), FILES, directory, keys=[("2.md",), ("nowhere.md",)])
    assert files[2] in {live.id for live in found}
    asked = [dict(one.query).get("unique_id") for one in world.emulator.requests]
    assert asked == [None, None, None, "2.md", "nowhere.md"]


def test_object_that_a_shift_shows_twice_is_one_object(tmp_path: Path) -> None:
    switches = Switches(list_consistency="live", list_order="newest_first", page_size_max=2)
    with World(tmp_path, switches=switches) as world:
        directory, files = _fill(world, 4)
        _after_first_page(world, lambda: world.emulator.control.add_file(directory, "new.md"))
        found = list_objects(world.client(), FILES, directory, ids=dict.fromkeys(files, ""), keys=[("new.md",)])
        assert [live.key[0] for live in found] == ["0.md", "1.md", "2.md", "3.md", "new.md"]


def test_object_that_is_gone_stays_gone_after_the_second_look(world: World) -> None:
    directory, files = _fill(world, 2)
    world.emulator.control.delete_file(files[0])
    assert [live.id for live in list_objects(world.client(), FILES, directory, ids=dict.fromkeys(files, ""))] == [
        files[1]
    ]


def test_deleted_object_that_the_service_still_shows_is_absent(tmp_path: Path) -> None:
    with World(tmp_path, switches=Switches(deleted_get="visible")) as world:
        directory, files = _fill(world, 2)
        world.emulator.control.delete_file(files[0])
        assert [live.id for live in list_objects(world.client(), FILES, directory, ids=dict.fromkeys(files, ""))] == [
            files[1]
        ]


def test_list_of_one_page_is_not_looked_at_again_for_what_is_only_wanted(world: World) -> None:
    directory, _ = _fill(world, 1)
    list_objects(world.client(), FILES, directory, keys=[("wanted.md",)])
    assert _reads(world) == ["files"]


def test_many_missing_objects_cost_one_more_listing_and_not_a_call_each(world: World) -> None:
    directory, files = _fill(world, 4)
    missing = [f"dfl-{n}" for n in range(LOOKS_BY_KEY + 1)]
    _after_first_page(world, lambda: world.emulator.control.add_file(directory, "new.md"))
    found = list_objects(world.client(), FILES, directory, ids=dict.fromkeys([*files, *missing], ""))
    assert len(found) == 5
    assert set(_reads(world)) == {"files"}


def test_parent_that_is_gone_holds_nothing_but_a_collection_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        assert list_objects(world.client(), FILES, "dir-0") == []
    with World(tmp_path, app_wrapper=lambda _: answering({("GET", DIRECTORIES.path): 404})) as lost:
        with pytest.raises(Refused) as caught:
            list_objects(lost.client(), DIRECTORIES, "")
        assert caught.value.status == 404


@pytest.mark.parametrize(("answer", "error"), [(403, Refused), ([], NotLlamaCloud)])
def test_second_look_that_fails_is_an_error_and_never_absence(tmp_path: Path, answer: Any, error: type) -> None:
    path = f"{DIRECTORIES.path}/dir-0"
    wrapper = {"app_wrapper": lambda app: answering({("GET", path): answer}, app)}
    with World(tmp_path, **wrapper) as world, pytest.raises(error):
        list_objects(world.client(), DIRECTORIES, "", ids={"dir-0": ""})


def test_name_is_looked_up_exactly_without_what_is_the_services_the_oldest_first(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        control = world.emulator.control
        control.add_directory("contracts", connector_subscription_id="0b6a1bb5-3d0b-4a7e-9d3e-0f4a3a2f1c11")
        ours = [control.add_directory("contracts") for _ in range(2)]
        control.add_directory("Contracts")
        found = find_by_key(world.client(), DIRECTORIES, "", ("contracts",))
        assert [live.id for live in found] == ours


@pytest.mark.parametrize("missing", ["id", "unique_id"])
def test_object_without_its_identity_is_not_the_services(missing: str) -> None:
    raw = {"id": "dfl-1", "unique_id": "a.md", "directory_id": "dir-1"}
    del raw[missing]
    with pytest.raises(NotLlamaCloud, match=missing):
        to_live(raw, FILES)


def test_object_is_told_by_the_fields_that_kinds_have_facts_of() -> None:
    raw = {"id": "dfl-1", "unique_id": "a.md", "metadata": {"a": 1}, "file_id": "f", "created_at": "t", "more": 1}
    live = to_live(raw, FILES, "dir-1")
    assert live.fields == {"unique_id": "a.md", "metadata": {"a": 1}}
    assert (live.key, live.parent_id, live.file_id, live.created_at) == (("a.md",), "dir-1", "f", "t")
    assert to_live({**raw, "directory_id": "dir-2"}, FILES, "dir-1").parent_id == "dir-2"


def test_path_of_an_object_keeps_what_is_strange_in_its_ids() -> None:
    assert object_path(DIRECTORIES, "") == "/api/v1/beta/directories"
    assert object_path(FILES, "dir-1", "a/b") == "/api/v1/beta/directories/dir-1/files/a%2Fb"
    assert object_path(FILES, "{x}", "y") == "/api/v1/beta/directories/%7Bx%7D/files/y"


@pytest.mark.parametrize("raw", [{"name": "a"}, {"id": 5, "name": "a"}, {"id": "dir-1"}])
def test_object_without_its_id_or_key_is_not_llamacloud(raw: dict[str, Any]) -> None:
    with pytest.raises(NotLlamaCloud):
        to_live(raw, DIRECTORIES)

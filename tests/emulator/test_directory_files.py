from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.support import DIRECTORIES, FILES, World

Worlds = Callable[..., World]


def files_of(world: World, directory: str, **query: Any) -> list[Any]:
    return world.items(f"{DIRECTORIES}/{directory}/files", **query)


def bytes_of(world: World, item: dict[str, Any]) -> bytes:
    return world.client.get(item["download_url"]["url"], headers={"Authorization": ""}).content


def test_an_upload_of_a_known_unique_id_is_refused(worlds: Worlds) -> None:
    world = worlds({"unique_id_conflict": "conflict"})
    directory = world.directory()
    first = world.uploaded(directory, content=b"one", unique_id="x")
    assert world.upload(directory, content=b"two", unique_id="x").status_code == 409
    (only,) = files_of(world, directory, expand="download_url")
    assert (only["id"], bytes_of(world, only)) == (first["id"], b"one")
    assert world.emulator.control.snapshot()["files"] == [], "the refused upload left a file"


def test_an_upload_of_a_known_unique_id_takes_its_place(worlds: Worlds) -> None:
    world = worlds({"unique_id_conflict": "upsert"})
    directory = world.directory()
    first = world.uploaded(directory, content=b"one", unique_id="x", metadata='{"a": 1}')
    world.emulator.control.set_system_metadata(first["id"], {"by": "service"})
    second = world.uploaded(directory, "b.txt", b"two", unique_id="x", metadata='{"b": 2}')
    assert second["id"] == first["id"]
    assert second["file_id"] != first["file_id"]
    assert second["metadata"] == {"by": "service", "b": 2}
    (only,) = files_of(world, directory, expand="download_url")
    assert bytes_of(world, only) == b"two"


def test_an_upload_of_a_known_unique_id_makes_a_twin(worlds: Worlds) -> None:
    world = worlds({"unique_id_conflict": "duplicate"})
    directory = world.directory()
    assert world.uploaded(directory, unique_id="x")["id"] != world.uploaded(directory, unique_id="x")["id"]
    assert len(files_of(world, directory, unique_id="x")) == 2


@pytest.mark.parametrize(
    ("setting", "status", "left"), [("conflict", 409, 2), ("duplicate", 200, 2), ("replace", 200, 1)]
)
def test_a_rename_or_move_onto_a_known_unique_id(worlds: Worlds, setting: str, status: int, left: int) -> None:
    world = worlds({"unique_id_conflict_on_patch": setting})
    directory, other = world.directory("a"), world.directory("b")
    world.uploaded(directory, unique_id="x")
    renamed = world.uploaded(directory, unique_id="y")
    path = f"{DIRECTORIES}/{directory}/files/{renamed['id']}"
    assert world.status("PATCH", path, json={"unique_id": "x"}) == status
    assert len(files_of(world, directory)) == left
    world.uploaded(other, unique_id="x")
    moved = world.uploaded(other, unique_id="z")
    body = {"target_directory_id": directory, "unique_id": "x"}
    assert world.status("PATCH", f"{DIRECTORIES}/{other}/files/{moved['id']}", json=body) == status


@pytest.mark.parametrize(("dialect", "key"), [("reference", "directory_id"), ("current", "target_directory_id")])
def test_each_dialect_moves_a_file_by_its_own_key(worlds: Worlds, dialect: str, key: str) -> None:
    world = worlds(dialect=dialect)
    directory, other = world.directory("a"), world.directory("b")
    path = f"{DIRECTORIES}/{directory}/files/{world.uploaded(directory)['id']}"
    foreign = "target_directory_id" if key == "directory_id" else "directory_id"
    assert world.ok("PATCH", path, json={foreign: other})["directory_id"] == directory
    assert world.ok("PATCH", path, json={key: other})["directory_id"] == other
    assert world.status("GET", path) == 404
    assert world.status("PATCH", path.replace(directory, other), json={key: "dir-nowhere"}) == 404


@pytest.mark.parametrize(("setting", "after"), [("keep", {"a": 1}), ("clear", {})])
def test_null_metadata_keeps_or_clears_the_user_layer(worlds: Worlds, setting: str, after: dict[str, int]) -> None:
    world = worlds({"patch_null_metadata": setting})
    directory = world.directory()
    path = f"{DIRECTORIES}/{directory}/files/{world.uploaded(directory, metadata=json.dumps({'a': 1}))['id']}"
    assert world.ok("PATCH", path, json={"metadata": None})["metadata"] == after


def test_a_patch_replaces_the_user_layer_and_never_the_system_layer(world: World) -> None:
    directory = world.directory()
    file = world.uploaded(directory, metadata='{"mine": 1, "both": "user"}')
    world.emulator.control.set_system_metadata(file["id"], {"both": "system", "pages": 3})
    path = f"{DIRECTORIES}/{directory}/files/{file['id']}"
    assert world.ok("GET", path)["metadata"] == {"mine": 1, "both": "user", "pages": 3}
    assert world.ok("PATCH", path, json={"metadata": {"new": None}})["metadata"] == {
        "both": "system", "pages": 3, "new": None,
    }  # fmt: skip


@pytest.mark.parametrize("bad", ['{"a": {"b": 1}}', '{"a": [1]}', "[1]", "{", '{"a": NaN}', '"x"', '{"a": "\\ud800"}'])
def test_metadata_that_is_no_flat_object_is_refused(world: World, bad: str) -> None:
    answer = world.upload(world.directory(), metadata=bad)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:2] == ["body", "metadata"]


def test_unique_id_defaults_to_the_external_id_and_then_to_the_name(world: World) -> None:
    directory = world.directory()
    assert world.uploaded(directory, "a.txt", external_file_id="e")["unique_id"] == "e"
    assert world.uploaded(directory, "a.txt")["unique_id"] == "a.txt"
    assert world.uploaded(directory, "b.txt", unique_id="", display_name="")["display_name"] == "b.txt"


@pytest.mark.parametrize(("setting", "name"), [("file_name", "a.txt"), ("unique_id", "u")])
def test_display_name_defaults_as_the_switch_says(worlds: Worlds, setting: str, name: str) -> None:
    world = worlds({"display_name_default": setting})
    directory = world.directory()
    assert world.uploaded(directory, "a.txt", unique_id="u")["display_name"] == name
    assert world.uploaded(directory, "a.txt", unique_id="v", display_name="given")["display_name"] == "given"


def test_files_are_found_by_every_filter(worlds: Worlds) -> None:
    world = worlds({"download_url": "available"})
    directory = world.directory()
    made = []
    for i in range(3):
        made.append(world.uploaded(directory, f"f{i}.txt", unique_id=f"u{i}", display_name=f"Report {i}"))
        world.clock.move(hours=1)

    def ids(**query: Any) -> list[int]:
        found = {each["id"] for each in files_of(world, directory, **query)}
        return [i for i, each in enumerate(made) if each["id"] in found]

    assert ids(display_name="Report 1") == [1]
    assert ids(display_name_contains="report") == [0, 1, 2]
    assert ids(display_name_contains="%") == []
    assert ids(unique_id="u2") == [2]
    assert ids(file_id=made[0]["file_id"]) == [0]
    assert ids(updated_at_on_or_after=made[1]["updated_at"]) == [1, 2]
    assert ids(updated_at_on_or_before=made[1]["updated_at"].replace("Z", "+00:00")) == [0, 1]
    world.ok("DELETE", f"{DIRECTORIES}/{directory}/files/{made[1]['id']}")
    assert ids() == [0, 2]
    assert ids(include_deleted=True) == [0, 1, 2]
    deleted = files_of(world, directory, include_deleted=True, unique_id="u1")
    assert deleted[0]["deleted_at"] is not None


def test_a_link_is_null_when_the_switch_says_so(worlds: Worlds) -> None:
    world = worlds({"download_url": "null"})
    directory = world.directory()
    file = world.uploaded(directory)
    path = f"{DIRECTORIES}/{directory}/files/{file['id']}"
    assert world.ok("GET", path, params={"expand": "download_url"})["download_url"] is None
    assert world.ok("GET", FILES, params={"expand": "download_url"})["items"][0]["download_url"] is None


@pytest.mark.parametrize(("setting", "status"), [("keep", 200), ("delete", 404)])
def test_the_file_behind_a_deleted_directory_file(worlds: Worlds, setting: str, status: int) -> None:
    world = worlds({"directory_file_delete_file": setting})
    directory = world.directory()
    file = world.uploaded(directory)
    world.ok("DELETE", f"{DIRECTORIES}/{directory}/files/{file['id']}")
    assert world.status("GET", f"{FILES}/{file['file_id']}") == status


def test_bulk_delete_takes_from_one_to_a_hundred(worlds: Worlds) -> None:
    world = worlds({"bulk_delete_unknown": "ignore"})
    directory = world.directory()
    made = [world.uploaded(directory, unique_id=str(i))["id"] for i in range(3)]
    path = f"{DIRECTORIES}/{directory}/files/bulk-delete"
    assert world.status("POST", path, json={"directory_file_ids": []}) == 422
    assert world.status("POST", path, json={"directory_file_ids": ["dfl-x"] * 101}) == 422
    assert world.status("POST", path, json={"directory_file_ids": [*made[:2], "dfl-unknown"]}) == 204
    assert [each["id"] for each in files_of(world, directory)] == made[2:]


def test_bulk_delete_with_an_unknown_id_deletes_nothing_when_that_is_an_error(worlds: Worlds) -> None:
    world = worlds({"bulk_delete_unknown": "not_found"})
    directory = world.directory()
    made = world.uploaded(directory)["id"]
    body = {"directory_file_ids": [made, "dfl-unknown"]}
    assert world.status("POST", f"{DIRECTORIES}/{directory}/files/bulk-delete", json=body) == 404
    assert len(files_of(world, directory)) == 1


def test_a_file_is_added_to_two_directories_by_reference(world: World) -> None:
    loose = world.client.post(FILES, files={"file": ("l.txt", b"l")}, data={"purpose": "user_data"}).json()
    for name in ("a", "b"):
        body = {"file_id": loose["id"], "unique_id": name, "metadata": {"n": [name]}}
        added = world.ok("POST", f"{DIRECTORIES}/{world.directory(name)}/files", json=body)
        assert (added["file_id"], added["unique_id"], added["display_name"]) == (loose["id"], name, "l.txt")
    missing = {"file_id": "00000000-0000-4000-8000-000000000000"}
    assert world.status("POST", f"{DIRECTORIES}/{world.directory()}/files", json=missing) == 404


def test_an_empty_display_name_is_refused(world: World) -> None:
    directory = world.directory()
    path = f"{DIRECTORIES}/{directory}/files/{world.uploaded(directory)['id']}"
    assert world.status("PATCH", path, json={"display_name": ""}) == 422
    assert world.status("PATCH", path, json={"unique_id": ""}) == 422

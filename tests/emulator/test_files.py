from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llamasync.emulator.options import Options
from tests.emulator.support import DIRECTORIES, FILES, World

Worlds = Callable[..., World]


def send(world: World, name: str = "f.txt", content: bytes = b"0123456789", **fields: str) -> Any:
    answer = world.client.post(FILES, files={"file": (name, content)}, data={"purpose": "user_data", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_presigned_link_gives_the_bytes_without_a_key_until_it_expires(world: World) -> None:
    file = send(world, "ü.txt", b"bytes")
    link = world.ok("GET", f"{FILES}/{file['id']}/content", params={"expires_at_seconds": 60})["url"]
    answer = world.client.get(link, headers={"Authorization": ""})
    assert (answer.status_code, answer.content) == (200, b"bytes")
    assert answer.headers["content-disposition"].endswith("''%C3%BC.txt")
    assert world.client.head(link).headers["content-length"] == "5"
    assert world.status("POST", link) == 405
    assert world.status("GET", link.replace("signature=", "signature=0")) == 403
    assert world.status("GET", link.replace("expires=", "expires=9")) == 403
    world.clock.move(seconds=61)
    assert world.status("GET", link) == 403


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=5-99", 206, b"56789"),
        ("bytes=10-", 416, None),
        ("bytes=-", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_a_range_of_the_bytes_is_answered(world: World, asked: str, status: int, content: bytes | None) -> None:
    link = world.ok("GET", f"{FILES}/{send(world)['id']}/content")["url"]
    answer = world.client.get(link, headers={"Range": asked})
    assert answer.status_code == status
    assert content is None or answer.content == content


@pytest.mark.parametrize("seconds", ["0", "-1", "99999999", "x", "9" * 40])
def test_a_link_for_an_impossible_time_is_refused(world: World, seconds: str) -> None:
    path = f"{FILES}/{send(world)['id']}/content"
    assert world.status("GET", path, params={"expires_at_seconds": seconds}) == 422


def test_files_are_listed_by_filter_and_in_the_order_asked(world: World) -> None:
    made = [send(world, name, external_file_id=f"e-{name}") for name in ("b", "c", "a")]

    def names(**query: Any) -> list[str]:
        return [each["name"] for each in world.items(FILES, page_size=2, **query)]

    assert names() == names(order_by="created_at") == ["a", "c", "b"]
    assert names(order_by="name") == ["a", "b", "c"]
    assert [each["id"] for each in world.items(FILES, order_by="id", page_size=1)] == sorted(x["id"] for x in made)
    assert names(file_name="b") == ["b"]
    assert names(external_file_id="e-c") == ["c"]
    assert names(file_ids=[made[0]["id"], made[2]["id"].upper()]) == ["a", "b"]
    assert world.status("GET", FILES, params={"order_by": "size"}) == 422


def test_the_query_carries_filter_and_page_in_its_body(world: World) -> None:
    for name in ("a", "b", "c"):
        send(world, name)
    first = world.ok("POST", f"{FILES}/query", json={"page_size": 2, "order_by": "name"})
    body = {"page_size": 2, "order_by": "name", "page_token": first["next_page_token"]}
    second = world.ok("POST", f"{FILES}/query", json=body)
    assert [each["name"] for each in first["items"] + second["items"]] == ["a", "b", "c"]
    assert len(world.ok("POST", f"{FILES}/query", json={"filter": {"file_name": "b"}})["items"]) == 1
    source = {"data_source_id": "00000000-0000-4000-8000-000000000000"}
    assert world.ok("POST", f"{FILES}/query", json={"filter": source})["items"] == []
    assert world.status("POST", f"{FILES}/query", json={"page_token": "nonsense"}) == 422
    assert world.status("POST", f"{FILES}/query", json={"page_size": 0}) == 422


@pytest.mark.parametrize(("setting", "status", "left"), [("keep", 204, 1), ("cascade", 204, 0), ("conflict", 409, 1)])
def test_deleting_a_file_that_a_directory_uses(worlds: Worlds, setting: str, status: int, left: int) -> None:
    world = worlds({"file_delete_of_linked": setting})
    directory = world.directory()
    file_id = world.uploaded(directory)["file_id"]
    link = world.ok("GET", f"{FILES}/{file_id}/content")["url"]
    assert world.status("DELETE", f"{FILES}/{file_id}") == status
    items = world.items(f"{DIRECTORIES}/{directory}/files", expand="download_url")
    assert len(items) == left
    if setting == "keep":
        assert items[0]["download_url"] is None
        assert world.status("GET", link) == 404
        assert world.status("GET", f"{FILES}/{file_id}/content") == 404


def test_empty_files_and_files_beyond_the_limit_are_refused(worlds: Worlds) -> None:
    world = worlds(max_file_bytes=1000)
    directory = world.directory()
    assert world.upload(directory, content=b"").status_code == 422
    assert world.upload(directory, content=b"x" * 1001).status_code == 413
    assert world.upload(directory, content=b"x" * 1000).status_code == 201


def test_the_limit_is_the_services_unless_told_otherwise() -> None:
    assert Options().max_file_bytes == 512 * 1024 * 1024


def test_nothing_is_left_of_an_upload_that_was_refused(worlds: Worlds) -> None:
    world = worlds(max_file_bytes=1000)
    directory = world.directory()
    world.uploaded(directory, content=b"kept", unique_id="x")
    world.upload(directory, content=b"conflict", unique_id="x")
    world.upload(directory, content=b"x" * 1001)
    world.upload(directory, content=b"bad metadata", metadata="{")
    world.upload("dir-unknown", content=b"no such directory")
    folder = world.emulator.control.blob_folder
    assert [each.read_bytes() for each in folder.rglob("*") if each.is_file()] == [b"kept"]


@pytest.mark.parametrize(
    "request_",
    [
        {"data": {"purpose": "user_data"}, "files": {"other": ("a", b"a")}},
        {"data": {"purpose": "user_data", "file": "text"}},
        {"data": {"purpose": "no such purpose"}, "files": {"file": ("a", b"a")}},
        {"files": {"file": ("a", b"a")}},
        {"files": {"file": ("a", b"a"), "purpose": ("p", b"user_data")}},
        {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"no boundary", "headers": {"Content-Type": "multipart/form-data"}},
        {"json": {"purpose": "user_data"}},
    ],
)
def test_a_form_that_does_not_fit_is_refused(world: World, request_: dict[str, Any]) -> None:
    answer = world.client.post(FILES, **request_)
    assert answer.status_code == 422
    assert {"loc", "msg", "type"} <= set(answer.json()["detail"][0])

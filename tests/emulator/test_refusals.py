"""The shapes of everything that is not success: 401, 404, 405, 422."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from llamasync.emulator.calls import ENDPOINTS
from llamasync.emulator.contract import load_contract
from tests.emulator.support import BASE, DIRECTORIES, FILES, World, check_against_contract

Worlds = Callable[..., World]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic a2V5", "key"])
def test_a_missing_key_is_refused(world: World, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    client = httpx.Client(transport=httpx.WSGITransport(app=world.emulator), base_url=BASE, headers=headers)
    answer = client.get(DIRECTORIES)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})


def test_only_listed_keys_are_taken(worlds: Worlds) -> None:
    world = worlds(api_keys=frozenset({"right"}))
    assert world.status("GET", DIRECTORIES) == 401
    assert world.status("GET", DIRECTORIES, headers={"Authorization": "bearer right"}) == 200


def test_an_unknown_path_is_404_and_a_wrong_method_405(world: World) -> None:
    answer = world.client.get("/api/v1/no/such/path")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    answer = world.client.put(DIRECTORIES, json={})
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})
    assert answer.headers["allow"] == "GET, POST"
    assert world.status("GET", DIRECTORIES + "/") == 404


@pytest.mark.parametrize("dialect", ["reference", "current"])
def test_every_operation_of_the_contract_is_served(dialect: str) -> None:
    assert [each.key for each in load_contract(dialect).operations if each.key not in ENDPOINTS] == []


@pytest.mark.parametrize("dialect", ["reference", "current"])
def test_every_operation_of_the_contract_answers(worlds: Worlds, dialect: str) -> None:
    world = worlds(dialect=dialect)
    for operation in load_contract(dialect).operations:
        path = operation.template.replace("{", "").replace("}", "")
        status = world.status(operation.method, path)
        assert status in {200, 201, 401, 404, 405, 422, 501}, (operation.key, status)


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body", "name"], "missing"),
        ({"name": ""}, ["body", "name"], "string_too_short"),
        ({"name": 5}, ["body", "name"], "string_type"),
        ({"name": None}, ["body", "name"], "string_type"),
        ({"name": "x", "description": []}, ["body", "description"], "string_type"),
        ({"name": "x", "type": "index"}, ["body", "type"], "enum"),
        ([], ["body"], "object_type"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_its_place(world: World, body: Any, loc: list[str], kind: str) -> None:
    answer = world.client.post(DIRECTORIES, json=body)
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert (problem["loc"], problem["type"]) == (loc, kind)
    check_against_contract("current", "POST", DIRECTORIES, answer)


def test_all_problems_of_a_body_are_told_at_once(world: World) -> None:
    answer = world.client.post(DIRECTORIES, json={"description": 1, "type": "x"})
    assert [each["loc"][-1] for each in answer.json()["detail"]] == ["name", "description", "type"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"name": NaN}', b'{"name": "\\ud800"}', b'{"name": 1e999}', b"\xff", b"[" * 100_000, b"1" * 5000],
)
def test_a_body_that_is_no_json_is_refused(world: World, content: bytes) -> None:
    answer = world.client.post(DIRECTORIES, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    check_against_contract("current", "POST", DIRECTORIES, answer)


def test_a_json_body_of_another_type_is_refused(world: World) -> None:
    headers = {"Content-Type": "text/plain"}
    assert world.status("POST", DIRECTORIES, content=b'{"name": "x"}', headers=headers) == 422


def test_unknown_body_fields_and_queries_are_ignored(world: World) -> None:
    made = world.ok("POST", DIRECTORIES, json={"name": "x", "no_such": 1}, params={"no_such": "1"})
    assert "no_such" not in made


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"project_id": ""}, 422),
        ({"project_id": "not-a-uuid"}, 422),
        ({"project_id": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"organization_id": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"include_deleted": "maybe"}, 422),
        ({"include_deleted": ["false", "yes"]}, 200),
        ({"type": "no such"}, 422),
        ({"types": ["user", "no such"]}, 422),
    ],
)
def test_queries_are_checked(world: World, query: dict[str, Any], status: int) -> None:
    answer = world.client.get(DIRECTORIES, params=query)
    assert answer.status_code == status
    check_against_contract("current", "GET", DIRECTORIES, answer)


def test_paths_are_checked(world: World) -> None:
    answer = world.client.get(f"{FILES}/not-a-uuid")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", "file_id"]
    assert world.status("GET", f"{FILES}/00000000-0000-4000-8000-000000000000") == 404
    assert world.status("GET", f"{DIRECTORIES}/dir-nowhere") == 404
    assert world.status("GET", f"{DIRECTORIES}/dir-nowhere/files") == 404


@pytest.mark.parametrize("when", ["no time", "2026-05-04", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_refused(world: World, when: str) -> None:
    path = f"{DIRECTORIES}/{world.directory()}/files"
    assert world.status("GET", path, params={"updated_at_on_or_after": when}) == 422

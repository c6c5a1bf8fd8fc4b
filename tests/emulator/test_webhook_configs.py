from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.support import World, check_against_contract

Worlds = Callable[..., World]
WEBHOOKS = "/api/v1/beta/webhook-configs"
URL = "https://me:top-secret@example.com:8443/hook?x=1"


def create(world: World, **body: Any) -> Any:
    answer = world.client.post(WEBHOOKS, json={"webhook_url": URL, **body})
    check_against_contract("current", "POST", WEBHOOKS, answer)
    assert answer.status_code == 201, answer.text
    return answer.json()


def stored(world: World, identity: str) -> dict[str, Any]:
    return world.emulator.control.webhook_config(identity)


def test_what_is_secret_is_stored_and_not_answered(world: World) -> None:
    made = create(world, webhook_signing_secret="whsec-1", webhook_headers={"X-Key": "token-1234567"})
    assert made["has_secret"] is True
    assert made["webhook_headers"] == {"X-Key": "********"}
    assert made["webhook_url"] == "https://********:********@example.com:8443/hook?x=1"
    assert "whsec" not in str(made)
    assert world.ok("GET", f"{WEBHOOKS}/{made['id']}") == made
    kept = stored(world, made["id"])
    assert (kept["url"], kept["secret"], kept["headers"]) == (URL, "whsec-1", {"X-Key": "token-1234567"})


def test_a_mask_may_show_the_end(worlds: Worlds) -> None:
    world = worlds({"webhook_mask": "partial"})
    made = create(world, webhook_headers={"X-Key": "token-1234567", "Short": "abc"})
    assert made["webhook_headers"] == {"X-Key": "****4567", "Short": "********"}
    assert made["webhook_url"] == "https://********:****cret@example.com:8443/hook?x=1"
    assert worlds({"webhook_mask": "stars"}).ok("GET", WEBHOOKS) == []


@pytest.mark.parametrize("mask", ["stars", "partial"])
def test_a_mask_that_comes_back_keeps_what_is_stored(worlds: Worlds, mask: str) -> None:
    world = worlds({"webhook_mask": mask})
    made = create(world, webhook_headers={"A": "first-secret", "B": "other-secret"}, webhook_signing_secret="s")
    path = f"{WEBHOOKS}/{made['id']}"
    headers = {"A": made["webhook_headers"]["A"], "C": "********"}
    moved = made["webhook_url"].replace("/hook", "/moved")
    world.ok("PUT", path, json={"webhook_url": moved, "webhook_headers": headers})
    kept = stored(world, made["id"])
    assert kept["headers"] == {"A": "first-secret", "C": "********"}
    assert kept["url"] == URL.replace("/hook", "/moved")
    assert kept["secret"] == "s"
    world.ok("PUT", path, json={"webhook_url": "https://you:new@example.com/"})
    assert stored(world, made["id"])["url"] == "https://you:new@example.com/"


@pytest.mark.parametrize(("setting", "cleared"), [("keep", False), ("clear", True)])
def test_null_in_a_put_keeps_or_clears(worlds: Worlds, setting: str, cleared: bool) -> None:
    world = worlds({"webhook_put_null": setting})
    fields = {
        "webhook_signing_secret": "s",
        "webhook_headers": {"A": "b"},
        "webhook_events": ["split.success"],
        "webhook_output_format": "json",
    }
    made = create(world, **fields)
    path = f"{WEBHOOKS}/{made['id']}"
    after = world.ok("PUT", path, json={**dict.fromkeys(fields), "webhook_url": None})
    shown = {name: after[name] for name in ("has_secret", "webhook_headers", "webhook_events", "webhook_output_format")}
    if cleared:
        assert shown == {"has_secret": False, **dict.fromkeys([*fields][1:])}
    else:
        assert shown == {name: made[name] for name in shown}
    assert after["webhook_url"] == made["webhook_url"]
    assert after["updated_at"] > made["updated_at"]


def test_the_list_is_a_bare_array(worlds: Worlds) -> None:
    for order, expected in (("newest_first", [1, 0]), ("oldest_first", [0, 1])):
        world = worlds({"list_order": order})
        made = [create(world)["id"] for _ in range(2)]
        gone = create(world)["id"]
        assert world.status("DELETE", f"{WEBHOOKS}/{gone}") == 204
        answer = world.client.get(WEBHOOKS)
        check_against_contract("current", "GET", WEBHOOKS, answer)
        assert [each["id"] for each in answer.json()] == [made[i] for i in expected]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["body", "webhook_url"]),
        ({"webhook_url": "example.com"}, ["body", "webhook_url"]),
        ({"webhook_url": "ftp://example.com"}, ["body", "webhook_url"]),
        ({"webhook_url": "https://[x"}, ["body", "webhook_url"]),
        ({"webhook_url": URL, "webhook_events": []}, ["body", "webhook_events"]),
        ({"webhook_url": URL, "webhook_events": ["no.such"]}, ["body", "webhook_events", 0]),
        ({"webhook_url": URL, "webhook_output_format": "xml"}, ["body", "webhook_output_format"]),
    ],
)
def test_what_cannot_be_is_refused(world: World, body: dict[str, Any], loc: list[Any]) -> None:
    answer = world.client.post(WEBHOOKS, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == loc
    path = f"{WEBHOOKS}/{create(world)['id']}"
    if body:
        assert world.status("PUT", path, json=body) == 422, body


def test_what_is_gone_is_404_and_the_reference_dialect_has_none(worlds: Worlds) -> None:
    world = worlds()
    path = f"{WEBHOOKS}/{create(world)['id']}"
    assert world.status("DELETE", path) == 204
    for method in ("GET", "PUT", "DELETE"):
        assert world.status(method, path, json={} if method == "PUT" else None) == 404
    again = worlds({"deleted_again": "no_content"})
    path = f"{WEBHOOKS}/{create(again)['id']}"
    assert [again.status("DELETE", path) for _ in range(2)] == [204, 204]
    assert worlds(dialect="reference").status("GET", WEBHOOKS) == 404

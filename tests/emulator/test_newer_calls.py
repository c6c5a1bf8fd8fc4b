"""What came after the contract file: cancel of a sync, expand=sync_in_progress, webhooks page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.support import World, check_against_contract

INDEXES = "/api/v1/indexes"
WEBHOOKS = "/api/v2/webhook-configs"
Worlds = Callable[..., World]


@pytest.fixture
def index(world: World) -> dict[str, Any]:
    """An index of one file that is ready, on a clock that stands still."""
    directory = world.directory()
    world.uploaded(directory, "a.txt", b"apples")
    made: dict[str, Any] = world.ok("POST", INDEXES, json={"source_directory_id": directory})
    world.clock.move(seconds=10)
    return made


def shown(world: World, index: dict[str, Any]) -> Any:
    path = f"{INDEXES}/{index['id']}"
    answer = world.client.get(path, params={"expand": "sync_in_progress"})
    check_against_contract("current", "GET", path, answer)
    return answer.json()


def test_sync_in_progress_is_shown_on_request(world: World, index: dict[str, Any]) -> None:
    assert shown(world, index)["sync_in_progress"] is False
    world.ok("POST", f"{INDEXES}/{index['id']}/sync")
    assert shown(world, index)["sync_in_progress"] is True
    assert "sync_in_progress" not in world.ok("GET", f"{INDEXES}/{index['id']}")
    assert world.status("GET", f"{INDEXES}/{index['id']}", params={"expand": "nothing"}) == 422


def test_a_cancelled_sync_leaves_what_was_served_before(world: World, index: dict[str, Any]) -> None:
    before = shown(world, index)
    world.uploaded(index["source_directory_id"], "b.txt", b"pears")
    world.ok("POST", f"{INDEXES}/{index['id']}/sync")
    answer = world.client.post(f"{INDEXES}/{index['id']}/sync/cancel")
    check_against_contract("current", "POST", f"{INDEXES}/{index['id']}/sync/cancel", answer)
    world.clock.move(seconds=10)
    after = shown(world, index)
    assert (after["metadata"]["status"], after["sync_in_progress"]) == ("cancelled", False)
    assert after["last_synced_at"] == before["last_synced_at"]
    found = world.ok("POST", "/api/v1/retrieval/files/find", json={"index_id": index["id"]})["items"]
    assert [each["file_name"] for each in found] == ["a.txt"]
    world.ok("POST", f"{INDEXES}/{index['id']}/sync")
    world.clock.move(seconds=10)
    assert shown(world, index)["metadata"]["indexed_files"] == 2


def test_cancel_without_a_sync_is_a_conflict(world: World, index: dict[str, Any]) -> None:
    assert world.status("POST", f"{INDEXES}/{index['id']}/sync/cancel") == 409
    assert world.status("POST", f"{INDEXES}/none/sync/cancel") == 404


def test_webhooks_are_listed_page_by_page_the_newest_first(world: World) -> None:
    made = [
        world.ok("POST", "/api/v1/beta/webhook-configs", json={"webhook_url": f"https://example.com/{i}"})["id"]
        for i in range(3)
    ]
    answer = world.client.get(WEBHOOKS, params={"page_size": 2, "include_total": True})
    check_against_contract("current", "GET", WEBHOOKS, answer)
    assert answer.json()["total_size"] == 3
    assert [each["id"] for each in world.items(WEBHOOKS, page_size=2)] == made[::-1]


def test_none_of_it_is_there_where_the_switch_says_so(worlds: Worlds) -> None:
    world = worlds({"newer_calls": "absent"})
    index = world.ok("POST", INDEXES, json={"source_directory_id": world.directory()})
    assert world.status("POST", f"{INDEXES}/{index['id']}/sync/cancel") == 404
    assert "sync_in_progress" not in world.ok("GET", f"{INDEXES}/{index['id']}?expand=sync_in_progress")
    assert world.status("GET", WEBHOOKS) == 404
    assert worlds(dialect="reference").status("GET", WEBHOOKS) == 404

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.support import CONFIGURATIONS, DIRECTORIES, PARSE, World

Worlds = Callable[..., World]


def page(world: World, **query: Any) -> Any:
    return world.ok("GET", DIRECTORIES, params=query)


def names(world: World, **query: Any) -> list[str]:
    return [each["name"] for each in world.items(DIRECTORIES, **query)]


@pytest.mark.parametrize(("setting", "expected"), [("absent", "no such key"), ("null", None), ("empty", "")])
def test_the_last_page_says_so_as_the_switch_has_it(worlds: Worlds, setting: str, expected: str | None) -> None:
    assert page(worlds({"last_page_token": setting})).get("next_page_token", "no such key") == expected


@pytest.mark.parametrize(("setting", "pages"), [("none", 2), ("empty", 3)])
def test_a_full_last_page_may_be_followed_by_an_empty_one(worlds: Worlds, setting: str, pages: int) -> None:
    world = worlds({"trailing_page": setting})
    for i in range(4):
        world.directory(str(i))
    count, query = 0, {"page_size": 2}
    while True:
        answer, count = page(world, **query), count + 1
        if not answer["next_page_token"]:
            break
        query["page_token"] = answer["next_page_token"]
    assert count == pages


@pytest.mark.parametrize(("setting", "expected"), [("null", None), ("exact", 3)])
def test_the_total_is_null_or_exact(worlds: Worlds, setting: str, expected: int | None) -> None:
    world = worlds({"total_size": setting})
    for i in range(3):
        world.directory(str(i))
    assert page(world, page_size=2)["total_size"] == expected


@pytest.mark.parametrize(
    ("setting", "expected"), [("newest_first", ["2", "1", "0"]), ("oldest_first", ["0", "1", "2"])]
)
@pytest.mark.parametrize("consistency", ["snapshot", "live"])
def test_lists_begin_at_the_end_that_the_switch_names(
    worlds: Worlds, setting: str, expected: list[str], consistency: str
) -> None:
    world = worlds({"list_order": setting, "list_consistency": consistency})
    for i in range(3):
        world.directory(str(i))
    assert names(world, page_size=1) == names(world) == expected


def test_pages_stay_put_while_rows_come_and_go(worlds: Worlds) -> None:
    world = worlds({"list_consistency": "snapshot"})
    made = [world.directory(str(i)) for i in range(6)]
    first = page(world, page_size=2)
    world.directory("new")
    world.ok("DELETE", f"{DIRECTORIES}/{made[5]}")
    rest = names(world, page_size=2, page_token=first["next_page_token"])
    assert [each["name"] for each in first["items"]] + rest == ["5", "4", "3", "2", "1", "0"]


def test_pages_by_offset_shift_while_rows_come_and_go(worlds: Worlds) -> None:
    world = worlds({"list_consistency": "live"})
    made = [world.directory(str(i)) for i in range(6)]
    first = page(world, page_size=2)
    world.ok("DELETE", f"{DIRECTORIES}/{made[5]}")
    assert names(world, page_size=2, page_token=first["next_page_token"]) == ["2", "1", "0"]
    world.directory("a")
    world.directory("b")
    assert names(world, page_size=2, page_token=first["next_page_token"]) == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(("setting", "status"), [("clamp", 200), ("reject", 422)])
def test_a_page_beyond_the_maximum_is_cut_or_refused(worlds: Worlds, setting: str, status: int) -> None:
    world = worlds({"page_size_over_max": setting, "page_size_max": 2, "page_size_default": 3})
    for i in range(3):
        world.directory(str(i))
    assert len(page(world)["items"]) == 2
    answer = world.client.get(DIRECTORIES, params={"page_size": 3})
    assert answer.status_code == status
    assert status == 422 or len(answer.json()["items"]) == 2


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "", "9" * 30])
def test_a_page_size_that_is_no_count_is_refused(world: World, size: str) -> None:
    assert world.status("GET", DIRECTORIES, params={"page_size": size}) == 422


@pytest.mark.parametrize("token", ["x", "e30", "bnVsbA", "!!!", "WzFd", "ü"])
def test_a_token_that_was_never_given_is_refused(world: World, token: str) -> None:
    assert world.status("GET", DIRECTORIES, params={"page_token": token}) == 422


def test_a_token_of_another_list_is_refused(world: World) -> None:
    for i in range(3):
        world.directory(str(i))
    token = page(world, page_size=1)["next_page_token"]
    assert world.status("GET", DIRECTORIES, params={"page_token": token, "name": "1"}) == 422


def test_built_in_configurations_are_listed_or_not(worlds: Worlds) -> None:
    for setting, count in (("no", 1), ("yes", 5)):
        world = worlds({"builtin_configurations_listed": setting})
        world.ok("POST", CONFIGURATIONS, json={"name": "mine", "parameters": PARSE})
        assert len(world.items(CONFIGURATIONS, page_size=2)) == count
        assert len(world.items(CONFIGURATIONS, latest_only=True, product_type=["parse_v2", "split_v1"])) == count

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.support import World

Worlds = Callable[..., World]
AGENT_DATA = "/api/v1/beta/agent-data"
HERE = {"deployment_name": "_public", "collection": "c"}


def create(world: World, **data: Any) -> Any:
    return world.ok("POST", AGENT_DATA, json={**HERE, "data": data})


def search(world: World, **body: Any) -> list[Any]:
    """Read all pages, oldest first unless an order is asked for."""
    items: list[Any] = []
    while True:
        page = world.ok("POST", f"{AGENT_DATA}/:search", json={**HERE, **body})
        items += page["items"]
        if not page.get("next_page_token"):
            return items
        body["page_token"] = page["next_page_token"]


def names(world: World, filters: dict[str, Any], **body: Any) -> list[str]:
    return sorted(each["data"]["name"] for each in search(world, filter=filters, **body))


@pytest.fixture
def filled(world: World) -> World:
    create(world, name="a", n=1, deep={"er": {"tag": "x"}}, flag=True, none=None)
    world.clock.move(hours=1)
    create(world, name="b", n=2.5, deep={"er": {"tag": "y"}}, flag=False)
    world.clock.move(hours=1)
    create(world, name="c", n="1", tags=["x", "y"])
    return world


def test_an_item_is_made_read_overwritten_and_deleted(world: World) -> None:
    made = create(world, a=1, b={"c": [1, True, None, "é"]})
    path = f"{AGENT_DATA}/{made['id']}"
    assert made["data"] == {"a": 1, "b": {"c": [1, True, None, "é"]}}
    assert (made["deployment_name"], made["collection"]) == ("_public", "c")
    assert world.ok("GET", path) == made
    put = world.ok("PUT", path, json={"data": {"b": 2}})
    assert put["data"] == {"b": 2}
    assert put["created_at"] == made["created_at"] < put["updated_at"]
    assert world.ok("DELETE", path) == {}
    for method, body in (("GET", None), ("PUT", {"data": {}}), ("DELETE", None)):
        assert world.status(method, path, json=body) == 404
    assert search(world) == []


def test_a_second_delete_is_answered_as_the_switch_says(worlds: Worlds) -> None:
    world = worlds({"deleted_again": "no_content"})
    path = f"{AGENT_DATA}/{create(world)['id']}"
    assert [world.status("DELETE", path) for _ in range(2)] == [200, 200]
    assert world.status("DELETE", f"{AGENT_DATA}/unknown") == 404


def test_the_collection_is_default_unless_named(world: World) -> None:
    made = world.ok("POST", AGENT_DATA, json={"deployment_name": "_public", "data": {}})
    assert made["collection"] == "default"
    assert search(world) == []
    assert [each["id"] for each in search(world, collection="default")] == [made["id"]]


@pytest.mark.parametrize(("setting", "status"), [("not_found", 404), ("bad_request", 400)])
def test_a_deployment_has_to_exist(worlds: Worlds, setting: str, status: int) -> None:
    world = worlds({"agent_data_unknown_deployment": setting}, deployments=frozenset({"known"}))
    for name, expected in (("known", 200), ("_public", 200), ("other", status)):
        body = {"deployment_name": name}
        assert world.status("POST", AGENT_DATA, json={**body, "data": {}}) == expected
        for action in ("search", "aggregate", "delete"):
            assert world.status("POST", f"{AGENT_DATA}/:{action}", json=body) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "abc"),
        ({"n": {"eq": 1}}, "a"),
        ({"n": {"eq": "1"}}, "c"),
        ({"flag": {"eq": 1}}, ""),
        ({"n": {"gt": 1}}, "b"),
        ({"n": {"gte": 1, "lt": 2.5}}, "a"),
        ({"n": {"lte": 2.5}}, "ab"),
        ({"name": {"gte": "b"}}, "bc"),
        ({"n": {"ne": 1}}, "bc"),
        ({"deep.er.tag": {"eq": "y"}}, "b"),
        ({"deep.er.tag": {"eq": "y"}, "name": {"eq": "a"}}, ""),
        ({"name": {"includes": ["a", "c", "z"]}}, "ac"),
        ({"n": {"includes": [1, 2.5]}}, "ab"),
        ({"n": {"includes": [1, "1"]}}, "ac"),
        ({"n": {"includes": []}}, ""),
        ({"name": {"excludes": ["a"]}}, "bc"),
        ({"name": {"excludes": []}}, "abc"),
        ({"deep.er.tag": {"includes": [None, "x"]}}, "ac"),
        ({"deep.er.tag": {"excludes": [None]}}, "ab"),
        ({"created_at": {"gt": "2026-09-01T12:30:00Z"}}, "bc"),
        ({"created_at": {"lte": "2026-09-01T15:30:00+02:00"}}, "ab"),
        ({"updated_at": {"gte": "2026-09-01T14:00:00Z"}}, "c"),
        ({"created_at": {"eq": "2026-09-01T14:00:00Z"}}, ""),
        ({"created_at": {"excludes": ["2026-09-01T14:00:00Z"]}}, "abc"),
        ({'a"b': {"eq": 1}}, ""),
        ({"": {"eq": 1}}, ""),
        ({"n": {"lt": 10**400}}, "ab"),
    ],
)
def test_a_filter_takes_what_it_says(filled: World, filters: dict[str, Any], expected: str) -> None:
    assert "".join(names(filled, filters)) == expected


@pytest.mark.parametrize(("setting", "expected"), [("skip", ["b"]), ("match", ["b", "c"])])
def test_unequal_takes_absent_keys_or_not(worlds: Worlds, setting: str, expected: list[str]) -> None:
    world = worlds({"agent_data_ne_absent": setting})
    for name, data in (("a", {"k": "x"}), ("b", {"k": "y"}), ("c", {})):
        create(world, name=name, **data)
    assert names(world, {"k": {"ne": "x"}}) == expected
    assert names(world, {"k": {"excludes": ["x"]}}) == expected


@pytest.mark.parametrize(("setting", "expected"), [("null", ["b", "c"]), ("ignored", ["a", "b", "c"])])
def test_a_null_operand_is_null_or_nothing(worlds: Worlds, setting: str, expected: list[str]) -> None:
    world = worlds({"agent_data_null_filter": setting})
    for name, data in (("a", {"k": "x"}), ("b", {"k": None}), ("c", {})):
        create(world, name=name, **data)
    assert names(world, {"k": {"eq": None}}) == expected
    assert names(world, {"k": {"gt": None}}) == ([] if setting == "null" else ["a", "b", "c"])


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"filter": {"k": {"like": "x"}}}, ["body", "filter", "k", "like"]),
        ({"filter": {"k": {"eq": True}}}, ["body", "filter", "k", "eq"]),
        ({"filter": {"created_at": {"gt": "yesterday"}}}, ["body", "filter", "created_at", "gt"]),
        ({"filter": {"created_at": {"includes": [5]}}}, ["body", "filter", "created_at", "includes"]),
        ({"filter": {str(i): {"eq": 1} for i in range(101)}}, ["body", "filter"]),
        ({"order_by": "a sideways"}, ["body", "order_by"]),
        ({"order_by": ",".join("a" * 101)}, ["body", "order_by"]),
        ({"page_size": 0}, ["body", "page_size"]),
        ({"page_token": "foreign"}, ["body", "page_token"]),
        ({"offset": 1001}, ["body", "offset"]),
        ({"deployment_name": None}, ["body", "deployment_name"]),
    ],
)
def test_what_cannot_be_searched_is_refused(world: World, body: dict[str, Any], loc: list[str]) -> None:
    answer = world.client.post(f"{AGENT_DATA}/:search", json={**HERE, **body})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == loc


def test_items_come_in_the_order_asked_for(filled: World) -> None:
    def ordered(order_by: str, **body: Any) -> str:
        return "".join(each["data"]["name"] for each in search(filled, order_by=order_by, **body))

    assert ordered("name") == ordered("created_at") == ordered("name ASC", page_size=1) == "abc"
    assert ordered("name desc", page_size=2) == ordered("created_at desc, name") == "cba"
    assert ordered("deep.er.tag desc, name") == "bac"
    assert ordered("it's, name desc") == "cba"


def test_pages_have_sizes_offsets_and_totals(filled: World) -> None:
    body = {**HERE, "page_size": 2, "include_total": True, "order_by": "name", "offset": 1}
    page = filled.ok("POST", f"{AGENT_DATA}/:search", json=body)
    assert ([each["data"]["name"] for each in page["items"]], page["total_size"]) == (["b", "c"], 3)
    page = filled.ok("POST", f"{AGENT_DATA}/:search", json={**HERE, "page_size": 1, "offset": 1})
    assert ([each["data"]["name"] for each in page["items"]], page["total_size"]) == (["b"], None)
    rest = {**HERE, "page_size": 1, "offset": 1, "page_token": page["next_page_token"]}
    assert [each["data"]["name"] for each in filled.ok("POST", f"{AGENT_DATA}/:search", json=rest)["items"]] == ["a"]


def test_pages_stay_put_while_items_come_and_go(worlds: Worlds) -> None:
    world = worlds({"list_order": "oldest_first"})
    world.emulator.control.agent_data.add([{"i": i} for i in range(6)], collection="c")
    body: dict[str, Any] = {**HERE, "page_size": 2}
    first = world.ok("POST", f"{AGENT_DATA}/:search", json=body)
    world.ok("DELETE", f"{AGENT_DATA}/{first['items'][0]['id']}")
    second = world.ok("POST", f"{AGENT_DATA}/:search", json={**body, "page_token": first["next_page_token"]})
    assert [each["data"]["i"] for each in second["items"]] == [2, 3]


def aggregate(world: World, **body: Any) -> list[Any]:
    return list(world.ok("POST", f"{AGENT_DATA}/:aggregate", json={**HERE, **body})["items"])


def test_groups_have_keys_counts_and_first_items(world: World) -> None:
    for name, team, flag in (("a", "x", True), ("b", "y", 1), ("c", "x", True), ("d", None, False)):
        create(world, name=name, at={"team": team}, flag=flag)
    groups = aggregate(world, group_by=["at.team"], count=True, first=True)
    assert [(each["group_key"], each["count"], each["first_item"]["name"]) for each in groups] == [
        ({"at.team": "x"}, 2, "a"),
        ({"at.team": "y"}, 1, "b"),
        ({"at.team": None}, 1, "d"),
    ]
    assert [each["group_key"]["flag"] for each in aggregate(world, group_by=["flag"])] == [True, 1, False]
    assert aggregate(world, group_by=["flag", "at.team"])[0] == {
        "group_key": {"flag": True, "at.team": "x"},
        "count": None,
        "first_item": None,
    }
    assert aggregate(world, count=True) == [{"group_key": {}, "count": 4, "first_item": None}]
    assert aggregate(world, count=True, filter={"name": {"gt": "b"}})[0]["count"] == 2
    assert aggregate(world, count=True, first=True, collection="none") == [
        {"group_key": {}, "count": 0, "first_item": None}
    ]
    assert [each["group_key"]["name"] for each in aggregate(world, group_by=["name"], order_by="name desc")] == [
        *"dcba"
    ]
    assert len(aggregate(world, group_by=["created_at", 'no"ne'])) == 4
    page = world.ok("POST", f"{AGENT_DATA}/:aggregate", json={**HERE, "group_by": ["name"], "page_size": 3})
    body = {**HERE, "group_by": ["name"], "page_size": 3, "page_token": page["next_page_token"]}
    assert len(world.ok("POST", f"{AGENT_DATA}/:aggregate", json=body)["items"]) == 1
    assert world.status("POST", f"{AGENT_DATA}/:aggregate", json={**HERE, "group_by": ["x"] * 101}) == 422


def test_delete_takes_what_the_filter_says_and_without_one_everything(filled: World) -> None:
    create_elsewhere = {"deployment_name": "_public", "collection": "other", "data": {"name": "z"}}
    filled.ok("POST", AGENT_DATA, json=create_elsewhere)
    delete = f"{AGENT_DATA}/:delete"
    assert filled.ok("POST", delete, json={**HERE, "filter": {"name": {"eq": "a"}}}) == {"deleted_count": 1}
    assert names(filled, {}) == ["b", "c"]
    assert filled.ok("POST", delete, json=HERE) == {"deleted_count": 2}
    assert filled.ok("POST", delete, json=HERE) == {"deleted_count": 0}
    assert filled.emulator.control.agent_data.all(collection="other") == [{"name": "z"}]


def test_data_that_is_nested_too_deep_is_refused(world: World) -> None:
    deep = '{"a":' * 950 + "{}" + "}" * 950
    text = '{"deployment_name":"_public","data":{"a":' + "[" * 1500 + "]" * 1500 + "}}"
    headers = {"Content-Type": "application/json"}
    assert world.status("POST", AGENT_DATA, content=text.encode(), headers=headers) == 422
    text = f'{{"deployment_name":"_public","data":{deep}}}'
    assert world.status("POST", AGENT_DATA, content=text.encode(), headers=headers) in {200, 422}
    assert world.status("POST", f"{AGENT_DATA}/:search", json={**HERE, "collection": "default"}) == 200


@pytest.mark.slow
def test_a_hundred_thousand_items_stay_quick(world: World) -> None:
    items = ({"key": f"k{i}", "team": f"t{i % 10}", "n": i} for i in range(100_000))
    world.emulator.control.agent_data.add(items, collection="c")
    began = time.perf_counter()
    assert len(search(world, filter={"key": {"eq": "k5000"}})) == 1
    assert len(aggregate(world, group_by=["team"], count=True)) == 10
    assert len(search(world, page_size=1000, filter={"n": {"lt": 20_000}})) == 20_000
    assert time.perf_counter() - began < 10

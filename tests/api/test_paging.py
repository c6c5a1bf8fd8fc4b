from __future__ import annotations

import json
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.api.errors import ApiError, NotLlamaCloud, Refused
from llamasync.api.paging import PageSizes, read_pages
from tests.api.scripted import Script, answer, client_of, items

PATH = "/api/v1/beta/directories/dir-1/files"
ENDS = st.sampled_from([{}, {"next_page_token": None}, {"next_page_token": ""}])


@given(st.lists(st.lists(st.uuids().map(str), max_size=4), min_size=1, max_size=8), ENDS)
def test_every_item_comes_once_and_in_order_however_pages_are_cut(split: list[list[str]], end: dict[str, Any]) -> None:
    asked: list[dict[str, Any]] = []

    def get(path: str, query: Any) -> Any:
        asked.append(query)
        token = query.get("page_token")
        at = int(token) if token is not None else 0
        more = {"next_page_token": str(at + 1)} if at + 1 < len(split) else end
        return {"items": items(split[at]), "total_size": None, **more}

    pages = list(read_pages(get, PATH, {"name": "x"}, 1000, PageSizes()))
    assert [item["id"] for each in pages for item in each] == [item for part in split for item in part]
    assert len(asked) == len(split)
    assert all(pages)
    assert {query["name"] for query in asked} == {"x"}


def test_pages_are_asked_for_one_by_one_as_they_are_needed() -> None:
    script = Script(answer(value={"items": items("ab"), "next_page_token": "t/2"}), answer(value={"items": items("c")}))
    pages = client_of(script, project_id="").pages(PATH, {"expand": ["x"]}, page_size=2)
    assert next(pages) == [{"id": "a"}, {"id": "b"}]
    assert len(script.requests) == 1
    assert list(pages) == [[{"id": "c"}]]
    assert script.sent[1] == f"GET {PATH}?expand=x&page_size=2&page_token=t%2F2"


def test_pages_of_a_search_are_asked_for_in_the_body() -> None:
    first = {"items": items("ab"), "next_page_token": "t"}
    script = Script(answer(value=first), answer(value={"items": items("c")}))
    client = client_of(script)
    found = client.search_pages("/api/v1/beta/agent-data/:search", {"deployment_name": "_public"}, page_size=2)
    assert list(found) == [items("ab"), items("c")]
    bodies = [json.loads(request.content) for request in script.requests]
    assert bodies[0] == {"deployment_name": "_public", "page_size": 2}
    assert bodies[1] == {"deployment_name": "_public", "page_size": 2, "page_token": "t"}
    assert (client.calls.read, client.calls.write) == (2, 0)


def test_bare_array_is_one_page() -> None:
    assert list(client_of(Script(answer(value=items("ab")))).pages(PATH)) == [items("ab")]


def test_list_that_repeats_a_token_is_an_error_and_no_endless_loop() -> None:
    script = Script(answer(value={"items": items("a"), "next_page_token": "same"}))
    with pytest.raises(ApiError) as raised:
        list(client_of(script).pages(PATH))
    assert raised.value.diagnostic().code == "LS411"
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    "shape",
    [
        {"files": []},
        {"items": None},
        {"items": {}},
        {"items": [1]},
        {"items": [{"name": "a"}]},
        {"items": [{"id": 5}]},
        {"items": [], "next_page_token": 5},
        [{"name": "a"}],
    ],
)
def test_list_of_another_shape_is_not_llamacloud(shape: Any) -> None:
    with pytest.raises(NotLlamaCloud):
        list(client_of(Script(answer(value=shape))).pages(PATH))


def refusing(largest: int) -> Any:
    def answered(request: httpx.Request) -> httpx.Response:
        size = request.url.params.get("page_size")
        if size is not None and int(size) > largest:
            return answer(422, {"detail": [{"loc": ["query", "page_size"], "msg": f"at most {largest}"}]})
        return answer(value={"items": items("a")})

    return answered


@pytest.mark.parametrize(
    ("largest", "sizes"),
    [(1000, ["1000"]), (500, ["1000", "500"]), (100, ["1000", "500", "100"]), (9, ["1000", "500", "100", None])],
)
def test_smaller_pages_are_asked_for_and_remembered_for_lists_of_that_kind(
    largest: int, sizes: list[str | None]
) -> None:
    script = Script(refusing(largest))
    client = client_of(script)
    assert list(client.pages(PATH)) == [items("a")]
    assert [r.url.params.get("page_size") for r in script.requests] == sizes
    list(client.pages("/api/v1/beta/directories/dir-2/files"))
    assert [r.url.params.get("page_size") for r in script.requests] == [*sizes, sizes[-1]]


def test_remembered_size_does_not_enlarge_a_smaller_wish() -> None:
    script = Script(refusing(500))
    client = client_of(script)
    list(client.pages(PATH))
    list(client.pages(PATH, page_size=20))
    assert script.requests[-1].url.params["page_size"] == "20"


def test_refusal_of_something_else_is_told_at_once() -> None:
    script = Script(answer(422, {"detail": [{"loc": ["query", "name"], "msg": "too long"}]}))
    with pytest.raises(Refused, match=r"query\.name: too long"):
        list(client_of(script).pages(PATH))
    assert len(script.requests) == 1


def test_refusal_of_every_size_is_told() -> None:
    script = Script(answer(422, {"detail": "no"}))
    with pytest.raises(Refused):
        list(client_of(script).pages(PATH))
    assert len(script.requests) == 4


def test_endless_list_can_be_left_at_any_page() -> None:
    tokens = count()

    def endless(_: httpx.Request) -> httpx.Response:
        return answer(value={"items": items("a"), "next_page_token": str(next(tokens))})

    script = Script(endless)
    for number, _ in enumerate(client_of(script).pages(PATH), 1):
        if number == 3:
            break
    assert len(script.requests) == 3

"""Chats: sessions, the events of a message, what locks, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from llamasync.emulator import Fault
from llamasync.emulator.contract import load_contract
from llamasync.emulator.validation import Validator
from tests.emulator.support import World, check_against_contract

Worlds = Callable[..., World]
CHAT = "/api/v1/chat"
DIALECTS = ["reference", "current"]
DETAIL = {"reference": "SessionGetAPIResponse", "current": "SessionDetail"}
KINDS = ["user_input", "thinking_delta", "thinking", "tool_call", "tool_result", "text_delta", "text", "stop"]


def make_index(world: World, name: str = "docs", text: bytes = b"The notice period is three months.") -> str:
    directory = world.directory(name)
    world.uploaded(directory, f"{name}.txt", text)
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})
    world.emulator.control.finish_syncs()
    return str(index["id"])


def session(world: World, **body: Any) -> str:
    return str(world.ok("POST", CHAT, json=body)["session_id"])


def send(world: World, chat: str, *indexes: str, prompt: str = "How long is the notice period?") -> httpx.Response:
    path = f"{CHAT}/{chat}/messages/stream"
    return world.client.post(path, json={"index_ids": list(indexes), "prompt": prompt})


def events_of(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = answer.text.split("\n\n")
    assert frames.pop() == ""
    assert all(frame.startswith("data: ") for frame in frames)
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_message_is_answered_with_every_type_of_event(worlds: Worlds, dialect: str) -> None:
    world = worlds(dialect=dialect)
    index = make_index(world)
    chat = session(world)
    events = events_of(send(world, chat, index))
    assert list(dict.fromkeys(event["type"] for event in events)) == KINDS
    contract = load_contract(dialect)
    schema = contract.components["schemas"][DETAIL[dialect]]["properties"]["events"]
    assert set(schema["items"]["discriminator"]["mapping"]) == set(KINDS)
    Validator(contract, schema).check(events, ["events"])
    whole = {event["type"]: event for event in events}
    assert whole["text"]["content"] == "The notice period is three months. (docs.txt, page 1)"
    for kind in ("text", "thinking"):
        pieces = "".join(event["content"] for event in events if event["type"] == f"{kind}_delta")
        assert pieces == whole[kind]["content"]
    assert whole["tool_call"]["arguments"]["index_id"] == index
    assert whole["tool_result"]["call_id"] == whole["tool_call"]["call_id"]
    assert (whole["stop"]["is_error"], whole["stop"]["usage"]["turns"]) == (False, 1)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_session_remembers_what_was_said(worlds: Worlds, dialect: str) -> None:
    world = worlds(dialect=dialect)
    index = make_index(world)
    created = world.client.post(CHAT, json={"index_ids": [index]})
    check_against_contract(dialect, "POST", CHAT, created)
    assert (created.json()["index_ids"], created.json()["job_metadata"]) == ([index], None)
    chat = created.json()["session_id"]
    events_of(send(world, chat, index))
    events_of(send(world, chat, index, prompt="And who pays?"))
    answer = world.client.get(f"{CHAT}/{chat}")
    check_against_contract(dialect, "GET", f"{CHAT}/{chat}", answer)
    shown = answer.json()
    assert [event["content"] for event in shown["events"] if event["type"] == "user_input"] == [
        "How long is the notice period?",
        "And who pays?",
    ]
    assert not any(event["type"].endswith("_delta") for event in shown["events"])
    assert (shown["generated_title"], shown["job_metadata"]["turns"]) == ("How long is the notice period?", 2)
    summary = world.client.get(f"{CHAT}/{chat}/summary")
    check_against_contract(dialect, "GET", f"{CHAT}/{chat}/summary", summary)
    assert summary.json() == {name: value for name, value in shown.items() if name != "events"}
    listed = world.client.get(CHAT)
    check_against_contract(dialect, "GET", CHAT, listed)
    assert listed.json()["items"] == [summary.json()]
    assert "total_size" not in listed.json()


def test_a_snapshot_tells_of_chats_and_indexes_where_there_are_any(world: World) -> None:
    assert not {"chats", "indexes"} & set(world.emulator.control.snapshot())
    index = make_index(world)
    session(world, index_ids=[index])
    shown = world.emulator.control.snapshot(ids=False)
    assert shown["chats"] == [{"title": None, "turns": 0, "indexes": ["docs"]}]
    assert shown["indexes"] == [
        {
            "name": "docs",
            "description": None,
            "source_directory": "docs",
            "last_sync": "ready",
            "files": ["docs.txt"],
        }
    ]


def test_sessions_are_paged_and_deleted(worlds: Worlds) -> None:
    world = worlds({"deleted_again": "no_content"})
    made = [session(world) for _ in range(3)]
    assert [each["session_id"] for each in world.items(CHAT, page_size=2)] == made[::-1]
    assert [world.status("DELETE", f"{CHAT}/{made[0]}") for _ in range(2)] == [204, 204]
    assert world.status("GET", f"{CHAT}/{made[0]}") == 404
    assert len(world.items(CHAT)) == 2
    assert world.client.post(CHAT).status_code == 201


def test_a_question_about_nothing_says_so(world: World) -> None:
    events = events_of(send(world, session(world), make_index(world), prompt="xyzzy?"))
    assert [event["content"] for event in events if event["type"] == "text"] == [
        "I found nothing about this in the indexed documents."
    ]


def test_several_indexes_are_asked_each(world: World) -> None:
    indexes = [make_index(world), make_index(world, "rents", b"Rent is due monthly, with a notice.")]
    events = events_of(send(world, session(world), *indexes, prompt="notice rent"))
    assert [event["arguments"]["index_id"] for event in events if event["type"] == "tool_call"] == indexes
    (text,) = [event["content"] for event in events if event["type"] == "text"]
    assert "(rents.txt, page 1)" in text
    assert "(docs.txt, page 1)" in text


def test_the_sources_lock_after_the_first_message(world: World) -> None:
    first, second = make_index(world), make_index(world, "other")
    chat = session(world, index_ids=[first])
    events_of(send(world, chat, second))
    assert world.ok("GET", f"{CHAT}/{chat}/summary")["index_ids"] == [second]
    assert send(world, chat, first).status_code == 409
    assert send(world, chat, first, second).status_code == 409
    assert send(world, chat, second).status_code == 200


@pytest.mark.parametrize("setting", ["id", "export_config_id"])
def test_an_index_is_named_by_the_id_that_is_accepted(worlds: Worlds, setting: str) -> None:
    world = worlds({"index_id_accepted": setting})
    made = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": world.directory()})
    chat = session(world)
    assert send(world, chat, made[setting]).status_code == 200
    other = "id" if setting == "export_config_id" else "export_config_id"
    assert send(world, chat, made[other]).status_code == 404


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"index_ids": [], "prompt": "p"}, 422),
        ({"prompt": "p"}, 422),
        ({"index_ids": ["idx-nowhere"], "prompt": "p"}, 404),
        ({"prompt": "x" * 1001}, 422),
        ({"prompt": "x" * 1000}, 200),
        ({"prompt": ""}, 200),
    ],
)
def test_a_message_that_will_not_do_is_refused(world: World, body: dict[str, Any], expected: int) -> None:
    index = make_index(world)
    path = f"{CHAT}/{session(world)}/messages/stream"
    whole = body if expected == 404 or body["prompt"] == "p" else {"index_ids": [index], **body}
    answer = world.client.post(path, json=whole)
    assert answer.status_code == expected
    check_against_contract("current", "POST", path, answer)


def test_more_than_ten_indexes_are_refused(world: World) -> None:
    indexes = [make_index(world, f"d{i}") for i in range(11)]
    assert send(world, session(world), *indexes).status_code == 422
    assert world.status("POST", CHAT, json={"index_ids": indexes}) == 422
    assert send(world, session(world), *indexes[:10]).status_code == 200


def test_a_session_that_is_not_there_is_404(world: World) -> None:
    index = make_index(world)
    assert send(world, "no-such", index).status_code == 404
    assert {world.status(m, f"{CHAT}/no-such{p}") for m, p in (("GET", ""), ("GET", "/summary"), ("DELETE", ""))} == {
        404
    }
    assert world.status("POST", CHAT, json={"index_ids": ["idx-nowhere"]}) == 404


def test_a_title_is_made_in_the_reference_dialect_only(worlds: Worlds) -> None:
    world = worlds(dialect="reference")
    chat = session(world)
    path, body = f"{CHAT}/{chat}/title", {"first_message": "Tell me all about the " + "very " * 30 + "long lease"}
    answer = world.client.post(path, json=body)
    check_against_contract("reference", "POST", path, answer)
    title = answer.json()["generated_title"]
    assert title.startswith("Tell me all about")
    assert len(title) <= 61
    current = worlds()
    assert current.status("POST", f"{CHAT}/{session(current)}/title", json=body) == 404


def test_a_chat_fails_on_demand_once(world: World) -> None:
    index, chat = make_index(world), session(world)
    world.emulator.control.fail_next_chat(chat, "model overloaded")
    stop = events_of(send(world, chat, index))[-1]
    assert (stop["type"], stop["is_error"], stop["error"]) == ("stop", True, "model overloaded")
    assert world.ok("GET", f"{CHAT}/{chat}")["job_metadata"]["error"] == "model overloaded"
    assert events_of(send(world, chat, index))[-1]["is_error"] is False


def test_a_stream_can_be_cut_in_the_middle(world: World) -> None:
    index, chat = make_index(world), session(world)
    world.emulator.set_faults([Fault("POST", "*/messages/stream", cut=True, when="during")])
    with pytest.raises(Exception, match="cut during the answer"):
        send(world, chat, index)
    assert len(world.ok("GET", f"{CHAT}/{chat}")["events"]) > 0


@pytest.mark.parametrize(("setting", "shown"), [("absent", False), ("shown", True)])
def test_a_field_that_is_newer_than_the_contract_is_shown_on_request(worlds: Worlds, setting: str, shown: bool) -> None:
    world = worlds({"chat_shared_access": setting})
    chat = session(world)
    (listed,) = world.items(CHAT)
    for each in (listed, world.ok("GET", f"{CHAT}/{chat}"), world.ok("GET", f"{CHAT}/{chat}/summary")):
        assert ("shared_access" in each) == shown

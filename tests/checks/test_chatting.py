"""Chats: how a stream becomes an answer, what a broken one is, and that no session is left."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.api.errors import NotLlamaCloud, StreamCut
from llamasync.api.server_events import ServerEvent
from llamasync.checks.chatting import read_answer
from llamasync.checks.model import Outcome
from llamasync.emulator import Fault
from tests.checks.conftest import Make
from tests.support.checking import CheckWorld, StopAfter

ASK = {"chat": {"prompt": "What is the limit for a hotel in London?", "expect": {"contains": "165 pounds"}}}
STOP = {"type": "stop", "usage": {}, "is_error": False, "error": None}


def told(*events: Any) -> Iterator[ServerEvent]:
    return (ServerEvent(json.dumps(event)) for event in events)


def test_whole_texts_count_and_pieces_only_where_there_are_none() -> None:
    pieces = [{"type": "text_delta", "content": piece} for piece in ("25 ", "days")]
    assert read_answer(told(*pieces, {"type": "text", "content": "25 days."}, STOP)).text == "25 days."
    assert read_answer(told(*pieces, STOP)).text == "25 days"


def test_events_of_other_and_of_unknown_types_are_no_part_of_the_answer() -> None:
    others = [
        {"type": "user_input", "content": "no"},
        {"type": "thinking_delta", "content": "no"},
        {"type": "thinking", "content": "no"},
        {"type": "tool_call", "name": "retrieve", "call_id": "1", "arguments": {"query": "no"}},
        {"type": "status_from_the_future", "content": "no"},
    ]
    assert read_answer(told(*others, {"type": "text", "content": "yes"}, STOP)).text == "yes"


def test_what_an_answer_was_drawn_from_is_every_text_of_what_its_tools_found() -> None:
    result = {"results": [{"file_name": "a.md", "score": 1}], "more": ["b.md", None, 7]}
    event = {"type": "tool_result", "name": "retrieve", "call_id": "1", "result": result}
    assert read_answer(told(event, STOP)).drawn_from == {"a.md", "b.md"}


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({**STOP, "is_error": True, "error": "too long"}, "too long"),
        ({**STOP, "is_error": True}, "the service does not say why"),
        ({"type": "error", "content": "overloaded"}, "overloaded"),
    ],
)
def test_an_error_ends_an_answer_with_its_text(event: dict[str, Any], error: str) -> None:
    assert read_answer(told({"type": "text", "content": "a"}, event)).error == error


def test_a_stream_without_its_last_event_is_cut_short() -> None:
    with pytest.raises(StreamCut, match="without its last event") as cut:
        read_answer(told({"type": "text", "content": "all of it?"}))
    assert cut.value.code == "LS704"


@pytest.mark.parametrize("text", ["no json", "[1]"])
def test_what_is_no_event_of_a_chat_is_told_as_such(text: str) -> None:
    with pytest.raises(NotLlamaCloud, match="no JSON object"):
        read_answer([ServerEvent(text)])


def test_a_chat_that_fails_is_a_check_that_fails_with_its_text(world: CheckWorld) -> None:
    world.emulator.control.fail_next_chat(message="the model is tired")
    verdict = world.only(ASK).verdict
    assert verdict.outcome is Outcome.FAILED
    assert verdict.unmet == ("the chat failed: the model is tired",)
    assert world.sessions() == []


MESSAGES = "/api/v1/chat/*/messages/stream"


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_cut_answer_is_asked_for_once_more_in_a_new_session(world: CheckWorld, when: Any) -> None:
    world.emulator.set_faults([Fault("POST", MESSAGES, cut=True, when=when, nth=1)])
    assert world.holds(ASK)
    world.emulator.set_faults([])
    assert world.sessions() == []


def test_an_answer_that_is_cut_twice_could_not_be_checked(world: CheckWorld) -> None:
    world.emulator.set_faults([Fault("POST", MESSAGES, cut=True, when="during")])
    verdict = world.only(ASK).verdict
    world.emulator.set_faults([])
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.problem is not None
    assert verdict.problem.code == "LS704"
    assert world.sessions() == []


def test_a_session_that_cannot_be_deleted_is_named_and_fails_nothing(world: CheckWorld) -> None:
    world.emulator.set_faults([Fault("DELETE", "/api/v1/chat/*", status=403)])
    report = world.ask(ASK)
    world.emulator.set_faults([])
    assert report.outcome is Outcome.OK
    (note,) = report.notes
    (left,) = world.sessions()
    assert note.code == "LS709"
    assert left["session_id"] in note.detail


def test_a_session_that_is_gone_already_is_no_matter(world: CheckWorld) -> None:
    world.emulator.set_faults([Fault("DELETE", "/api/v1/chat/*", status=404, when="after")])
    assert world.ask(ASK).notes == ()


@pytest.mark.parametrize("looks", [1, 2, 3, 8])
def test_a_chat_that_is_interrupted_leaves_no_session(make: Make, looks: int) -> None:
    world = make()
    report = world.ask(ASK, stop=StopAfter(looks))
    assert (report.interrupted, report.left, report.checks) == (True, 1, ())
    assert world.sessions() == []


def test_an_interrupt_between_two_tries_ends_the_second_one(make: Make) -> None:
    world = make()
    world.emulator.set_faults([Fault("POST", MESSAGES, cut=True, when="before")])
    assert world.ask(ASK, stop=StopAfter(1)).left == 1
    world.emulator.set_faults([])
    assert world.sessions() == []


class Talking:
    """The emulator, but a chat in it never ends, and says nothing either."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.before: Callable[[], None] = lambda: None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if not environ["PATH_INFO"].endswith("/messages/stream"):
            return self.app(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        while True:
            self.before()
            yield b": still here\n\n" * 1000


def test_a_chat_that_never_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamasync.checks.chatting.MOST_BYTES", 200_000)
    with CheckWorld(tmp_path, app_wrapper=Talking) as world:
        world.apply()
        verdict = world.only(ASK).verdict
        assert verdict.problem is not None
        assert (verdict.problem.code, "bytes it had not come to its end" in verdict.problem.detail) == ("LS713", True)
        world.app.before = lambda: world.clock.sleep(60)
        verdict = world.only(ASK).verdict
        assert verdict.problem is not None
        assert "after 660 s" in verdict.problem.detail
        assert world.sessions() == []


def test_a_chat_of_which_nothing_comes_is_interrupted_all_the_same(tmp_path: Path) -> None:
    with CheckWorld(tmp_path, app_wrapper=Talking) as world:
        world.apply()
        stop = threading.Event()
        world.app.before = stop.set
        report = world.ask(ASK, stop=stop)
        assert (report.interrupted, report.left) == (True, 1)
        assert world.sessions() == []


def test_a_session_without_an_id_is_no_session(make: Make) -> None:
    world = make()
    client = world.client()
    create = client.create
    client.create = lambda path, json, query=None: {} if path == "/api/v1/chat" else create(path, json, query)  # type: ignore[method-assign]
    verdict = world.only(ASK, client=client).verdict
    assert verdict.problem is not None
    assert verdict.problem.code == "LS404"


def test_an_empty_answer_does_not_hold(make: Make) -> None:
    world = make()
    client = world.client()
    client.events = lambda path, json, on_bytes: told(STOP)  # type: ignore[method-assign, assignment, return-value]
    assert world.only({"chat": {"prompt": "hello"}}, client=client).verdict.unmet == ("the answer is empty",)

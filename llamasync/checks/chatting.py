"""Asks a chat one question, in a session of its own that is deleted afterwards, whatever happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, StreamCut
from llamasync.api.paths import path_for
from llamasync.api.server_events import ServerEvent
from llamasync.checks.answers import ChatAnswer
from llamasync.checks.service import IndexService
from llamasync.core.clock import Clock
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass

CHAT = "/api/v1/chat"
SESSION = CHAT + "/{session_id}"
MESSAGE = SESSION + "/messages/stream"
SILENT = "the service does not say why"
LONGEST_S = 600.0
MOST_BYTES = 64 * 1024 * 1024

Note = Callable[[Diagnostic], None]


class Stopped(Exception):
    """The user wants to end: the answer is not waited for."""


class Endless(ApiError):
    """An answer that went on for longer, or to a greater length, than any does."""

    default_code = "LS713"


@lean_dataclass(slots=True)
class Patience:
    """How long an answer is listened to: until the user wants to end, or it is out of all proportion. It is told of all
    bytes that come, for a stream may be kept open by such as make no event."""

    clock: Clock
    stop: threading.Event
    path: str
    begun_s: float = 0.0
    bytes: int = 0

    def __post_init__(self) -> None:
        self.begun_s = self.clock.monotonic()

    def __call__(self, count: int) -> None:
        """Count some bytes more. Raises Stopped, and Endless."""
        self.bytes += count
        if self.stop.is_set():
            raise Stopped
        elapsed_s = self.clock.monotonic() - self.begun_s
        if self.bytes > MOST_BYTES or elapsed_s > LONGEST_S:
            told = f"after {elapsed_s:,.0f} s and {self.bytes:,} bytes it had not come to its end"
            raise Endless(told, method="POST", path=self.path)


def ask_chat(service: IndexService, prompt: str, stop: threading.Event, note: Note, clock: Clock) -> ChatAnswer:
    """Return what a chat about the index answers. `note` is told of a session that could not be deleted.

    When the answer is lost or breaks off it is asked once more, in a new session. Raises Stopped, and ApiError:
    StreamCut when it breaks off again, Endless.
    """

    def turn() -> ChatAnswer:
        return _turn(service, prompt, lambda path: Patience(clock, stop, path), note)

    try:
        return turn()
    except (StreamCut, OutcomeUnknown):
        if stop.is_set():
            raise Stopped from None
        return turn()


def read_answer(events: Iterable[ServerEvent], path: str = "") -> ChatAnswer:
    """Put a streamed answer together. Events of types that are not known are passed over.

    Raises StreamCut when the last event does not come, NotLlamaCloud for what is no event of a chat.
    """
    whole: list[str] = []
    pieces: list[str] = []
    drawn_from: set[str] = set()
    for event in events:
        told = _parsed(event, path)
        kind = told.get("type") or event.type
        if kind == "text_delta":
            pieces.append(str(told.get("content") or ""))
        elif kind == "text":
            whole.append(str(told.get("content") or ""))
        elif kind == "tool_result":
            drawn_from.update(_texts(told.get("result")))
        elif kind == "error":
            return _answer(
                whole, pieces, drawn_from, str(told.get("content") or told.get("error") or "it says no more")
            )
        elif kind == "stop":
            error = str(told.get("error") or SILENT) if told.get("is_error") else ""
            return _answer(whole, pieces, drawn_from, error)
    raise StreamCut("the stream ended without its last event", method="POST", path=path)


def _turn(service: IndexService, prompt: str, patience: Callable[[str], Patience], note: Note) -> ChatAnswer:
    client = service.client

    def create(index_id: str) -> str:
        made = client.create(CHAT, {"index_ids": [index_id]})
        session_id = made.get("session_id")
        if not isinstance(session_id, str) or not session_id:
            raise NotLlamaCloud("a session without session_id", method="POST", path=CHAT)
        return session_id

    session_id = service.by_id(create)
    path = path_for(MESSAGE, session_id=session_id)

    def send(index_id: str) -> ChatAnswer:
        asked = {"index_ids": [index_id], "prompt": prompt}
        with closing(client.events(path, asked, patience(path))) as events:
            return read_answer(events, path)

    try:
        return service.by_id(send)
    finally:
        _delete(service, session_id, note)


def _delete(service: IndexService, session_id: str, note: Note) -> None:
    try:
        service.client.send("DELETE", path_for(SESSION, session_id=session_id))
    except ApiError as error:
        if error.status != 404:
            note(Diagnostic("LS709", f"{session_id}: {error}", severity=Severity.WARNING))


def _answer(whole: list[str], pieces: list[str], drawn_from: set[str], error: str) -> ChatAnswer:
    text = "\n".join(whole) if whole else "".join(pieces)
    return ChatAnswer(text=text, drawn_from=frozenset(drawn_from), error=error)


def _parsed(event: ServerEvent, path: str) -> Mapping[str, Any]:
    try:
        told = json.loads(event.data)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, Mapping):
        raise NotLlamaCloud("an event that is no JSON object", method="POST", path=path)
    return told


def _texts(value: Any) -> Iterator[str]:
    """Iterate over all texts in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, Refused, StreamCut
from llamasync.api.limiter import Limiter
from llamasync.api.server_events import MAX_LINE_BYTES, LineTooLong, ServerEvent, read_events
from tests.api.scripted import KEY, Script, StillClock, answer, client_of, page

STREAM = b'\xef\xbb\xbf: hello\ndata: {"a": 1}\n\nevent: stop\ndata: x\ndata:  y\nid: 7\n\nevent: none\n\ndata: lost'
EVENTS = [ServerEvent('{"a": 1}'), ServerEvent("x\n y", "stop")]
TYPE = {"Content-Type": "text/event-stream; charset=utf-8"}


class Pieces(httpx.SyncByteStream):
    """A body that comes in pieces, and may end with an exception."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.given = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            self.given += 1
            yield piece

    def close(self) -> None:
        self.closed = True


def streamed(body: Pieces, **headers: str) -> object:
    return lambda request: (request.read(), httpx.Response(200, headers=headers or TYPE, stream=body))[1]


@given(st.sets(st.integers(1, 90)), st.sampled_from([b"\n", b"\r", b"\r\n"]))
def test_events_are_the_same_wherever_the_bytes_are_cut_and_however_lines_end(cuts: set[int], end: bytes) -> None:
    text = STREAM.replace(b"\n", end)
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    assert list(read_events(text[a:b] for a, b in pairwise(places))) == EVENTS


def test_letters_that_are_cut_in_two_come_whole() -> None:
    word = "Kündigungsfrist".encode()
    assert [event.data for event in read_events([b"data: " + word[:2], word[2:] + b"\n\n"])] == ["Kündigungsfrist"]


def test_a_line_without_end_is_given_up() -> None:
    with pytest.raises(LineTooLong):
        list(read_events([b"data: " + b"x" * MAX_LINE_BYTES]))
    client = client_of(Script(streamed(Pieces(b"x" * (MAX_LINE_BYTES + 1)))))  # type: ignore[arg-type]
    with pytest.raises(NotLlamaCloud, match="a line of more than"):
        list(client.events("/chat", {}))


def test_events_are_told_as_they_come() -> None:
    body = Pieces(b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n")
    script = Script(streamed(body))  # type: ignore[arg-type]
    events = client_of(script).events("/chat/1/messages/stream", {"prompt": "why"})
    assert next(events).data == "1"
    assert body.given == 1, "the rest is not asked for yet"
    assert [event.data for event in events] == ["2", "3"]
    assert script.requests[0].headers["accept"] == "text/event-stream"
    assert script.sent == ["POST /chat/1/messages/stream?project_id=prj-1"]
    assert body.closed


def test_a_stream_that_nobody_reads_on_gives_its_connection_and_its_place_back() -> None:
    limiter = Limiter(1, clock=StillClock())
    body = Pieces(b"data: 1\n\n", b"data: 2\n\n")
    client = client_of(Script(streamed(body), answer(200, {"id": "x"})), limiter=limiter)  # type: ignore[arg-type]
    events = client.events("/chat", {})
    next(events)
    assert limiter.in_flight == 1
    events.close()  # type: ignore[attr-defined]
    assert (limiter.in_flight, body.closed) == (0, True)
    assert client.get("/chat/1") == {"id": "x"}


def test_a_stream_that_is_cut_says_so_after_what_came() -> None:
    body = Pieces(b"data: 1\n\n", httpx.ReadError("reset"))
    events = client_of(Script(streamed(body))).events("/chat", {})  # type: ignore[arg-type]
    assert next(events).data == "1"
    with pytest.raises(StreamCut, match="the connection was cut: reset") as cut:
        next(events)
    assert (cut.value.code, cut.value.method, cut.value.path) == ("LS704", "POST", "/chat")


def test_a_message_is_sent_again_only_where_nothing_can_have_happened() -> None:
    script = Script(answer(429, {"detail": "slow"}), httpx.ConnectError("no"), streamed(Pieces(b"data: 1\n\n")))  # type: ignore[arg-type]
    assert [event.data for event in client_of(script).events("/chat", {})] == ["1"]
    assert len(script.requests) == 3
    for step in (answer(503, {}), httpx.ReadError("cut")):
        script = Script(step)
        with pytest.raises(OutcomeUnknown):
            list(client_of(script).events("/chat", {}))
        assert len(script.requests) == 1


def test_what_is_refused_or_is_no_stream_is_told_as_everywhere() -> None:
    with pytest.raises(Refused, match="gone") as refused:
        list(client_of(Script(answer(404, {"detail": f"gone {KEY}"}))).events("/chat", {}))
    assert refused.value.status == 404
    assert KEY not in str(refused.value)
    for step, code in ((answer(200, {}), "LS404"), (page(200, "<html>"), "LS405"), (httpx.Response(200), "LS404")):
        with pytest.raises(ApiError, match="a stream of events was expected") as wrong:
            list(client_of(Script(step)).events("/chat", {}))
        assert wrong.value.code == code
    broken = httpx.Response(500, headers={"Content-Encoding": "gzip"}, stream=Pieces(b"no gzip"))
    with pytest.raises(OutcomeUnknown):
        list(client_of(Script(lambda request: (request.read(), broken)[1])).events("/chat", {}))


def test_pages_of_things_without_ids_are_read() -> None:
    script = Script(
        answer(200, {"items": [{"start": 1}], "next_page_token": "t"}), answer(200, {"items": [{"start": 2}]})
    )
    assert list(client_of(script).search_pages("/grep", {}, id_field="")) == [[{"start": 1}], [{"start": 2}]]
    with pytest.raises(NotLlamaCloud, match="no `file_id`"):
        list(client_of(Script(answer(200, {"items": [{}]}))).search_pages("/find", {}, id_field="file_id"))

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
import pytest

from llamasync.api.wsgi import WsgiTransport

Start = Callable[..., Any]
JSON = [("Content-Type", "application/json")]


class ConnectionCut(Exception):
    pass


def ask(app: Any, method: str = "GET", url: str = "http://h/a", **more: Any) -> httpx.Response:
    response = WsgiTransport(app).handle_request(httpx.Request(method, url, **more))
    try:
        response.read()
    finally:
        response.close()
    return response


def test_application_sees_the_request_as_a_server_would_show_it() -> None:
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start("201 Created", [*JSON, ("X-Two", "a"), ("X-Two", "b")])
        return [b"{}", b"  "]

    response = ask(
        app, "POST", "https://h:8443/a%20b/%C3%A9?q=1&r=%20", content=b"body", headers={"X-Own": "é".encode()}
    )
    assert (response.status_code, response.content) == (201, b"{}  ")
    assert response.headers.get_list("X-Two") == ["a", "b"]
    wanted = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/a b/é".encode().decode("latin-1"),
        "QUERY_STRING": "q=1&r=%20",
        "SERVER_NAME": "h",
        "SERVER_PORT": "8443",
        "CONTENT_LENGTH": "4",
        "HTTP_X_OWN": "é".encode().decode("latin-1"),
        "HTTP_HOST": "h:8443",
        "wsgi.url_scheme": "https",
        "body": b"body",
    }
    assert {name: seen[name] for name in wanted} == wanted


def test_body_is_read_as_it_comes_and_not_before() -> None:
    given: list[int] = []

    def body() -> Iterator[bytes]:
        for number in range(4):
            given.append(number)
            yield b"x" * 70_000

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", JSON)
        first = environ["wsgi.input"].read(10)
        yield b"%d" % len(given) + first[:1]
        yield b" %d" % len(environ["wsgi.input"].read())

    assert ask(app, "POST", content=body()).content == b"1x 279990"


def test_text_written_the_old_way_comes_first() -> None:
    def app(_: Any, start: Start) -> Iterable[bytes]:
        start("200 OK", JSON)(b"1")
        return [b"2"]

    assert ask(app).content == b"12"


def test_application_is_closed_after_its_answer_and_after_its_failure() -> None:
    good = io.BytesIO(b"1\n2\n")

    def app(_: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", JSON)
        return good

    assert ask(app).content == b"1\n2\n"
    assert good.closed

    class Failing:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            raise ConnectionCut

        def close(self) -> None:
            self.closed = True

    failing = Failing()
    with pytest.raises(httpx.RemoteProtocolError):
        ask(lambda _environ, _start: failing)
    assert failing.closed


def test_cut_before_the_answer_is_a_server_that_disconnects() -> None:
    def app(_: Any, __: Start) -> Iterable[bytes]:
        raise ConnectionCut

    with pytest.raises(httpx.RemoteProtocolError):
        ask(app)


def test_cut_within_the_answer_is_an_answer_that_breaks_off() -> None:
    def app(_: Any, start: Start) -> Iterable[bytes]:
        start("200 OK", JSON)
        yield b"1"
        raise ConnectionCut

    with pytest.raises(httpx.ReadError):
        ask(app)


def test_mistakes_of_the_application_pass_through() -> None:
    def early(_: Any, __: Start) -> Iterable[bytes]:
        raise KeyError("bug")

    def late(_: Any, start: Start) -> Iterable[bytes]:
        start("200 OK", JSON)
        yield b"1"
        raise KeyError("bug")

    for app in (early, late):
        with pytest.raises(KeyError):
            ask(app)
    with pytest.raises(RuntimeError, match="start_response"):
        ask(lambda _environ, _start: [])

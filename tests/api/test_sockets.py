"""Real connections, over the loopback."""

from __future__ import annotations

import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from llamasync.api.client import Client
from llamasync.api.endpoint import Endpoint
from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, Unreachable
from llamasync.api.fetch import fetch
from llamasync.api.wire import Timeouts
from llamasync.core.secret import Secret
from tests.api.scripted import StillClock

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"id":"a"}'
Handler = Callable[[socket.socket, bytes], bool]


class Server:
    """Reads request heads and hands each to `handler`, which says whether to keep the connection."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections = 0
        self.heads: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(65536)
                    if not part:
                        return
                    head += part
                self.heads.append(head)
                if not self.handler(connection, head):
                    return


@contextmanager
def served(handler: Handler, timeouts: Timeouts | None = None) -> Iterator[tuple[Client, Server]]:
    server = Server(handler)
    endpoint = Endpoint(server.url, Secret("key"))
    with Client(endpoint, clock=StillClock(), timeouts=timeouts, random=Random(1)) as client:
        yield client, server
    server.socket.close()


def fine(connection: socket.socket, _: bytes) -> bool:
    connection.sendall(OK)
    return True


def cut(connection: socket.socket, _: bytes) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def test_connections_are_kept_one_a_thread() -> None:
    with served(fine) as (client, server):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: client.get("/a"), range(80)))
        assert len(server.heads) == 80
        assert server.connections <= 4


def test_request_is_plain_http_with_its_headers() -> None:
    with served(fine) as (client, server):
        client.create("/a", {"x": 1})
        lines = server.heads[0].split(b"\r\n")
        assert lines[0] == b"POST /a HTTP/1.1"
        assert b"Host: " + server.url.removeprefix("http://").encode() in lines
        assert b"Authorization: Bearer key" in lines


@pytest.mark.parametrize(
    "half", [b"", b"HTTP/1.1 200 OK\r\nContent-", b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"id"']
)
def test_create_whose_answer_is_cut_is_unknown_and_sent_once(half: bytes) -> None:
    def handler(connection: socket.socket, head: bytes) -> bool:
        connection.sendall(half)
        return cut(connection, head) if not half else False

    with served(handler) as (client, server):
        with pytest.raises(OutcomeUnknown):
            client.create("/a", {})
        assert len(server.heads) == 1


def test_read_whose_answer_is_cut_is_repeated() -> None:
    tried: list[int] = []

    def handler(connection: socket.socket, head: bytes) -> bool:
        tried.append(1)
        return cut(connection, head) if len(tried) < 3 else fine(connection, head)

    with served(handler) as (client, _):
        assert client.get("/a") == {"id": "a"}
        assert len(tried) == 3


def test_answer_that_does_not_come_in_time_is_lost() -> None:
    released = threading.Event()

    def handler(_: socket.socket, __: bytes) -> bool:
        released.wait(10)
        return False

    with served(handler, Timeouts(read_s=0.05)) as (client, _):
        with pytest.raises(OutcomeUnknown, match="no answer in time"):
            client.create("/a", {})
        released.set()


def test_port_without_a_server_is_unreachable_even_for_a_create() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    clock = StillClock()
    with Client(Endpoint(url, Secret("key")), clock=clock) as client, pytest.raises(Unreachable):
        client.create("/a", {})
    assert len(clock.slept) == 3


def test_server_that_speaks_something_else_is_no_success() -> None:
    def handler(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")
        return False

    with served(handler) as (client, _), pytest.raises(ApiError):
        client.get("/a")


def test_web_server_is_recognised() -> None:
    def handler(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")
        return True

    with served(handler) as (client, _), pytest.raises(NotLlamaCloud):
        client.get("/a")


def test_upload_that_is_refused_early_is_told_so() -> None:
    body = b'{"detail":"too large"}'

    def handler(connection: socket.socket, _: bytes) -> bool:
        head = b"HTTP/1.1 413 Too Large\r\nContent-Type: application/json\r\nConnection: close\r\n"
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass
        return False

    with served(handler) as (client, _), pytest.raises(ApiError) as raised:
        client.upload("/a", {}, "f", "a", lambda: io.BytesIO(bytes(8 << 20)), 8 << 20)
    assert (raised.value.status, raised.value.detail) == (413, "too large")


def test_file_that_shrinks_while_it_is_sent_ends_the_connection() -> None:
    def handler(connection: socket.socket, _: bytes) -> bool:
        while connection.recv(65536):
            pass
        return False

    with served(handler) as (client, _), pytest.raises(ApiError) as raised:
        client.upload("/a", {}, "f", "a", lambda: io.BytesIO(b"x"), 5)
    assert raised.value.code == "LS211"


def test_download_goes_over_a_connection_of_its_own_without_the_key() -> None:
    with served(fine) as (client, server):
        assert b"".join(client.download(f"{server.url}/f?sig=1")) == b'{"id":"a"}'
        assert b"uthorization" not in server.heads[0]


def test_proxy_of_the_environment_is_used_except_where_it_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(fine) as (_, proxy):
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "direct.example")
        with Client(Endpoint("http://far.example", Secret("key")), clock=StillClock()) as client:
            assert client.get("/a") == {"id": "a"}
        assert proxy.heads[0].startswith(b"GET http://far.example/a HTTP/1.1")
        for url in ("http://direct.example:1", "http://127.0.0.1:1"):
            with Client(Endpoint(url, Secret("key")), clock=StillClock()) as client, pytest.raises(Unreachable):
                client.get("/a")
            assert len(proxy.heads) == 1


def test_source_on_this_machine_is_fetched(tmp_path: Path) -> None:
    with served(fine) as (_, server):
        assert fetch(f"{server.url}/f", tmp_path / "f") == 10
        assert (tmp_path / "f").read_bytes() == b'{"id":"a"}'


def test_downloads_from_this_machine_use_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(fine) as (_, proxy), served(fine) as (client, server):
        monkeypatch.setenv("http_proxy", proxy.url)
        assert b"".join(client.download(f"{server.url}/f")) == b'{"id":"a"}'
        assert b"".join(client.download("http://far.example/f")) == b'{"id":"a"}'
        assert len(proxy.heads) == len(server.heads) == 1


PROXIES = ["socks5://127.0.0.1:1", "::", "ftp://proxy", "http://a..b", "http://a\x01", "http://me:secret@[::"]


@pytest.mark.parametrize("proxy", PROXIES)
def test_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("all_proxy", proxy)
    with (
        Client(Endpoint("http://far.example", Secret("key")), clock=StillClock()) as client,
        pytest.raises(Unreachable, match="the proxy of the environment") as told,
    ):
        client.get("/a")
    assert "HTTPS_PROXY" in told.value.hint
    assert "secret" not in str(told.value)


def test_proxy_that_cannot_be_used_for_a_source_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("all_proxy", "::")
    with pytest.raises(Unreachable, match="the proxy of the environment"):
        fetch("https://far.example/f", tmp_path / "f")


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], str]:
    """Write a file that is no certificate; let a variable name what is below the same folder."""
    (tmp_path / "text.pem").write_text("no certificate\n")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)

    def name(variable: str, place: str) -> str:
        monkeypatch.setenv(variable, str(tmp_path / place))
        return f"{variable} is {str(tmp_path / place)!r}: "

    return name


@pytest.mark.parametrize(
    ("variable", "place", "why"),
    [
        ("SSL_CERT_FILE", "none.pem", "No such file or directory"),
        ("SSL_CERT_FILE", "", "Is a directory"),
        ("SSL_CERT_FILE", "text.pem", "it holds no certificate in PEM format"),
        ("SSL_CERT_DIR", "none", "there is no such folder"),
        ("SSL_CERT_DIR", "text.pem", "there is no such folder"),
    ],
)
def test_certificates_that_cannot_be_read_are_told_by_their_variable(
    trusted: Callable[[str, str], str], tmp_path: Path, variable: str, place: str, why: str
) -> None:
    told = trusted(variable, place) + why
    with pytest.raises(Unreachable) as service:
        Client(Endpoint("https://far.example", Secret("key")), clock=StillClock()).get("/a")
    with pytest.raises(Unreachable) as source:
        fetch("https://far.example/f", tmp_path / "f")
    for refused in (service.value, source.value):
        assert str(refused).endswith(told)
        assert f"let {variable} name a " in refused.hint


def test_certificates_are_not_read_where_nothing_is_verified(trusted: Callable[[str, str], str]) -> None:
    trusted("SSL_CERT_FILE", "none.pem")
    with served(fine) as (client, _):
        assert client.get("/a") == {"id": "a"}


def test_a_folder_of_certificates_is_taken(trusted: Callable[[str, str], str]) -> None:
    trusted("SSL_CERT_DIR", "")
    with (
        Client(Endpoint("https://127.0.0.1:1", Secret("key")), clock=StillClock()) as client,
        pytest.raises(Unreachable, match="cannot connect"),
    ):
        client.get("/a")

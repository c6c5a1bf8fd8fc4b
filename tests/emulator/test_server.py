"""The emulator behind a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from llamasync.emulator import connection, parse_fault
from llamasync.emulator.server import start_in_thread
from tests.emulator.support import DIRECTORIES, FILES, World

Worlds = Callable[..., World]
KEY = {"Authorization": "Bearer key"}


@contextmanager
def served(world: World) -> Iterator[httpx.Client]:
    with start_in_thread(world.emulator) as url, httpx.Client(base_url=url, headers=KEY) as client:
        yield client


@contextmanager
def raw(client: httpx.Client) -> Iterator[tuple[socket.socket, Any]]:
    address = (client.base_url.host, client.base_url.port or 80)
    with socket.create_connection(address, timeout=10) as sock, sock.makefile("rb") as reader:
        yield sock, reader


def read_answer(reader: Any) -> tuple[int, dict[str, str], bytes]:
    status = int(reader.readline().split()[1])
    headers = {}
    while (line := reader.readline().strip()) != b"":
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    return status, headers, reader.read(int(headers.get("content-length", 0)))


def head(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", "Authorization: Bearer key", *headers, "", ""]).encode()


def test_one_connection_carries_many_requests(world: World) -> None:
    with served(world) as client, raw(client) as (sock, reader):
        for i in range(3):
            body = b'{"name": "%d"}' % i
            sock.sendall(
                head("POST", DIRECTORIES, "Content-Type: application/json", f"Content-Length: {len(body)}") + body
            )
            status, headers, _ = read_answer(reader)
            assert (status, headers["connection"]) == (201, "keep-alive")
        sock.sendall(head("GET", DIRECTORIES) + head("GET", "/no/such/path"))
        assert [read_answer(reader)[0] for _ in range(2)] == [200, 404]
        sock.sendall(head("GET", DIRECTORIES, "Connection: close"))
        assert read_answer(reader)[1]["connection"] == "close"
        assert reader.read() == b""


def test_a_body_in_chunks_is_read(world: World) -> None:
    with served(world) as client:
        body = (piece for piece in (b'{"na', b'me": "', b'x"}'))
        assert client.post(DIRECTORIES, content=body, headers={"Content-Type": "application/json"}).status_code == 201
        form = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nparse\r\n--b\r\n'
        form += b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello\r\n--b--\r\n'
        pieces = (form[i : i + 7] for i in range(0, len(form), 7))
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        assert client.post(FILES, content=pieces, headers=headers).status_code == 201
        assert client.get(DIRECTORIES).status_code == 200


def test_a_body_that_nobody_read_does_not_disturb_the_next_request(world: World) -> None:
    with served(world) as client, raw(client) as (sock, reader):
        for path, status in (("/no/such/path", 404), (DIRECTORIES + "/dir-x", 405)):
            sock.sendall(head("POST", path, "Content-Length: 300000") + b"G" * 300_000)
            assert read_answer(reader)[0] == status
            sock.sendall(head("POST", path, "Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n")
            assert read_answer(reader)[0] == status
        sock.sendall(head("GET", DIRECTORIES))
        assert read_answer(reader)[0] == 200


def test_a_client_that_waits_is_told_to_go_on_or_spared_the_upload(world: World) -> None:
    with served(world) as client, raw(client) as (sock, reader):
        body = b'{"name": "x"}'
        kind = ("Content-Type: application/json", f"Content-Length: {len(body)}", "Expect: 100-continue")
        sock.sendall(head("POST", DIRECTORIES, *kind))
        assert reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert reader.readline() == b"\r\n"
        sock.sendall(body)
        assert read_answer(reader)[0] == 201
        sock.sendall(head("POST", "/no/such/path", *kind))
        status, headers, _ = read_answer(reader)
        assert (status, headers["connection"]) == (404, "close")


def test_an_upload_beyond_the_limit_is_answered_though_it_was_not_read(worlds: Worlds) -> None:
    world = worlds(max_file_bytes=1_000_000)
    with served(world) as client:
        directory = client.post(DIRECTORIES, json={"name": "x"}).json()["id"]
        path = f"{DIRECTORIES}/{directory}/files/upload"
        assert client.post(path, files={"upload_file": ("a", b"x" * 30_000_000)}).status_code == 413
        assert client.post(path, files={"upload_file": ("a", b"x" * 1_000_000)}).status_code == 201


def test_a_client_that_leaves_in_the_middle_of_an_upload_leaves_nothing(world: World) -> None:
    with served(world) as client:
        directory = client.post(DIRECTORIES, json={"name": "x"}).json()["id"]
        start = b'--b\r\nContent-Disposition: form-data; name="upload_file"; filename="a"\r\n\r\n' + b"x" * 100_000
        with raw(client) as (sock, _):
            kind = ("Content-Type: multipart/form-data; boundary=b", "Content-Length: 200000")
            sock.sendall(head("POST", f"{DIRECTORIES}/{directory}/files/upload", *kind) + start)
        deadline = time.monotonic() + 10
        while len(world.emulator.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert world.emulator.requests[-1].status is None
        assert world.emulator.control.snapshot()["directories"][0]["files"] == []
        assert not [each for each in world.emulator.control.blob_folder.rglob("*") if each.is_file()]


def test_an_answer_survives_an_upload_that_is_too_long_to_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "DRAIN_BYTES", 0)
    with served(world) as client, raw(client) as (sock, reader):
        sock.sendall(head("POST", "/no/such/path", "Content-Length: 3000000") + b"x" * 1_000_000)
        for _ in range(2):
            time.sleep(0.1)
            sock.sendall(b"x" * 1_000_000)
        status, headers, _ = read_answer(reader)
        assert (status, headers["connection"]) == (404, "close")


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_cut_closes_the_socket_hard(world: World, when: str, made: int) -> None:
    world.emulator.set_faults([parse_fault(f"POST {DIRECTORIES} cut when={when} times=1")])
    with served(world) as client:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            client.post(DIRECTORIES, json={"name": "x"})
        assert len(client.get(DIRECTORIES).json()["items"]) == made
        world.emulator.set_faults([parse_fault("* * cut")])
        with raw(client) as (sock, _):
            sock.sendall(head("GET", DIRECTORIES))
            with pytest.raises(ConnectionResetError):
                sock.recv(1)


def test_a_cut_during_a_download_is_seen_by_the_client(world: World) -> None:
    with served(world) as client:
        directory = client.post(DIRECTORIES, json={"name": "x"}).json()["id"]
        path = f"{DIRECTORIES}/{directory}/files"
        client.post(f"{path}/upload", files={"upload_file": ("a", b"x" * 3_000_000)})
        link = client.get(path, params={"expand": "download_url"}).json()["items"][0]["download_url"]["url"]
        world.emulator.set_faults([parse_fault("* /downloads/* cut when=during")])
        with pytest.raises(httpx.TransportError):
            client.get(link)
        world.emulator.set_faults([])
        assert len(client.get(link).content) == 3_000_000


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/3\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        head("GET", "/", "Content-Length: x"),
    ],
)
def test_what_is_no_http_is_refused(world: World, sent: bytes) -> None:
    with served(world) as client, raw(client) as (sock, reader):
        sock.sendall(sent)
        status, headers, _ = read_answer(reader)
        assert (status, headers["connection"]) == (400, "close")


def test_a_full_url_and_escapes_in_the_path_are_understood(world: World) -> None:
    with served(world) as client, raw(client) as (sock, reader):
        sock.sendall(head("GET", f"http://x{DIRECTORIES}?page_size=1"))
        assert read_answer(reader)[0] == 200
        sock.sendall(head("GET", f"{DIRECTORIES}/dir%2Dx%C3%BC"))
        assert "dir-xü" in read_answer(reader)[2].decode()


def test_an_old_client_gets_its_answer_and_a_closed_connection(world: World) -> None:
    with served(world) as client, raw(client) as (sock, reader):
        sock.sendall(head("GET", DIRECTORIES).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert read_answer(reader)[0] == 200
        assert reader.read() == b""


def test_a_bug_is_a_500_and_not_the_end_of_the_server(worlds: Worlds, capsys: pytest.CaptureFixture[str]) -> None:
    def hook(record: Any, _moment: str) -> None:
        if record.n == 1:
            raise RuntimeError("told to fail")

    world = worlds(on_request=hook)
    with served(world) as client:
        assert client.get(DIRECTORIES).status_code == 500
        assert client.get(DIRECTORIES).status_code == 200
    assert "told to fail" in capsys.readouterr().err


def test_a_stop_lets_the_request_in_flight_finish(worlds: Worlds) -> None:
    world = worlds(faults=(parse_fault("POST * latency=400ms"),))
    answers: list[int] = []
    with start_in_thread(world.emulator) as url:
        idle = httpx.Client(base_url=url, headers=KEY)
        idle.get(DIRECTORIES)
        body = {"name": "x"}
        thread = threading.Thread(
            target=lambda: answers.append(httpx.post(url + DIRECTORIES, json=body, headers=KEY).status_code)
        )
        thread.start()
        time.sleep(0.15)
    assert [each.status for each in world.emulator.requests] == [200, 201]
    thread.join(10)
    assert answers == [201]
    with pytest.raises(httpx.TransportError):
        idle.get(DIRECTORIES)
    idle.close()


def test_a_link_from_the_server_leads_back_to_it(world: World) -> None:
    with served(world) as client:
        directory = client.post(DIRECTORIES, json={"name": "x"}).json()["id"]
        content = bytes(range(256)) * 5000
        client.post(f"{DIRECTORIES}/{directory}/files/upload", files={"upload_file": ("a", content)})
        (item,) = client.get(f"{DIRECTORIES}/{directory}/files", params={"expand": "download_url"}).json()["items"]
        assert item["download_url"]["url"].startswith(str(client.base_url))
        assert httpx.get(item["download_url"]["url"]).content == content
        assert httpx.head(item["download_url"]["url"]).headers["content-length"] == str(len(content))

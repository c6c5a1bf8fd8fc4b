"""A transport that calls a WSGI application in this process, streaming both ways.

httpx has one too, which joins the whole request in memory first.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx

CUT_NAMES = frozenset({"ConnectionCut"})
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiTransport(httpx.BaseTransport):
    """Requests go to `app` and nowhere else. Safe for as many threads as the application is.

    An exception whose class is named in `cut_names` stands for a connection that was cut; all others pass through.
    """

    def __init__(self, app: App, *, cut_names: Iterable[str] = CUT_NAMES, remote_addr: str = "127.0.0.1") -> None:
        self._app = app
        self._cut_names = frozenset(cut_names)
        self._remote_addr = remote_addr

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], Any]:
            started[:] = [(status, headers)]
            return written.append

        iterable: Iterable[bytes] = ()
        try:
            iterable = self._app(self._environ(request), start_response)
            chunks = iter(iterable)
            first = next(chunks, b"")
        except Exception as error:
            _close(iterable)
            if self._is_cut(error):
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.") from error
            raise
        if not started:
            raise RuntimeError("the application did not call start_response")
        status, headers = started[0]
        body = _Body([*written, first], chunks, iterable, self._is_cut)
        return httpx.Response(int(status.split(" ", 1)[0]), headers=headers, stream=body)

    def _is_cut(self, error: BaseException) -> bool:
        return type(error).__name__ in self._cut_names

    def _environ(self, request: httpx.Request) -> dict[str, Any]:
        url = request.url
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(url.raw_path.split(b"?", 1)[0]).decode("latin-1"),
            "RAW_URI": url.raw_path.decode("ascii"),
            "REQUEST_URI": url.raw_path.decode("ascii"),
            "QUERY_STRING": url.query.decode("ascii"),
            "SERVER_NAME": url.host,
            "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self._remote_addr,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": url.scheme,
            "wsgi.input": io.BufferedReader(_Input(request.stream), 64 * 1024),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in request.headers.raw:
            key = name.decode("ascii").upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            environ[key] = value.decode("latin-1")
        return environ


class _Input(io.RawIOBase):
    """A request's stream as a file that is read once."""

    def __init__(self, stream: Any) -> None:
        self._chunks: Iterator[bytes] = iter(stream)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class _Body(httpx.SyncByteStream):
    def __init__(
        self, first: list[bytes], rest: Iterator[bytes], app: Iterable[bytes], is_cut: Callable[[BaseException], bool]
    ) -> None:
        self._first, self._rest, self._app, self._is_cut = first, rest, app, is_cut

    def __iter__(self) -> Iterator[bytes]:
        yield from (chunk for chunk in self._first if chunk)
        try:
            yield from self._rest
        except Exception as error:
            if self._is_cut(error):
                raise httpx.ReadError("the connection was cut while the answer came") from error
            raise

    def close(self) -> None:
        _close(self._app)


def _close(iterable: Iterable[bytes]) -> None:
    close = getattr(iterable, "close", None)
    if close is not None:
        close()

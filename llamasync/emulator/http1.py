"""HTTP/1.1 on a socket, as much as a WSGI application needs: heads, bodies by length or in chunks, keep-alive.

werkzeug's own server closes the connection after each answer, and that costs more than the answers.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

MAX_HEAD_BYTES = 64 * 1024
MAX_LINE_BYTES = 16 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Source(Protocol):
    """Where bytes come from: a buffered reader, which waits until it has them all."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    """Where bytes go at once."""

    def write(self, data: bytes, /) -> object: ...


class BadRequest(Exception):
    """Something that is no HTTP. Nothing more can be read from the connection."""


class ClientGone(ConnectionError):
    """The client left before its request was complete."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first lines of a request; header names are lower case, repeated ones are joined."""

    method: str
    target: str
    version: str
    headers: dict[str, str]

    @property
    def keep_alive(self) -> bool:
        words = {word.strip().lower() for word in self.headers.get("connection", "").split(",")}
        return "close" not in words and (self.version == "HTTP/1.1" or "keep-alive" in words)


def read_head(stream: Source) -> Head | None:
    """Read a request's head; None when the client has closed. Raises BadRequest."""
    line = stream.readline(MAX_LINE_BYTES)
    while line in (b"\r\n", b"\n"):
        line = stream.readline(MAX_LINE_BYTES)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise BadRequest("not an HTTP/1.1 request line")
    headers: dict[str, str] = {}
    size = 0
    while (line := stream.readline(MAX_LINE_BYTES)) not in (b"\r\n", b"\n"):
        size += len(line)
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name or name != name.strip() or size > MAX_HEAD_BYTES:
            raise BadRequest("not a header line, or too many of them")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return Head(words[0], words[1], words[2], headers)


class Body:
    """A request's body as `wsgi.input`: it ends where the request ends. Asks for a withheld body when first read."""

    def __init__(self, head: Head, stream: Source, out: Sink) -> None:
        self._stream = stream
        self._out = out
        self._chunked = head.headers.get("transfer-encoding", "").lower() == "chunked"
        length = head.headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or ("transfer-encoding" in head.headers and not self._chunked):
            raise BadRequest("a body whose length is not understood")
        self._left = 0 if self._chunked else int(length)
        self._ended = not self._chunked and self._left == 0
        self.withheld = not self._ended and head.headers.get("expect", "").lower() == "100-continue"

    @property
    def ended(self) -> bool:
        return self._ended

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, all when negative; b"" at the end. Raises ClientGone, BadRequest."""
        if size < 0:
            return b"".join(iter(lambda: self.read(65536), b""))
        if self._ended or size == 0:
            return b""
        if self.withheld:
            self.withheld = False
            self._out.write(CONTINUE)
        if self._chunked and self._left == 0 and not self._next_chunk():
            return b""
        data = self._stream.read(min(size, self._left))
        if not data:
            raise ClientGone("the client left in the middle of a body")
        self._left -= len(data)
        if self._left == 0:
            if self._chunked:
                self._line()
            else:
                self._ended = True
        return data

    def drain(self, most: int) -> bool:
        """Read and drop what is left, at most so many bytes; tell whether the next request can follow."""
        while most > 0 and not self._ended and not self.withheld:
            most -= len(self.read(65536))
        return self._ended

    def _next_chunk(self) -> bool:
        digits = self._line().split(b";")[0].strip()
        try:
            self._left = int(digits, 16)
        except ValueError:
            raise BadRequest("not a chunk") from None
        if self._left:
            return True
        while self._line():
            pass
        self._ended = True
        return False

    def _line(self) -> bytes:
        line = self._stream.readline(MAX_LINE_BYTES)
        if not line:
            raise ClientGone("the client left in the middle of a body")
        return line.rstrip(b"\r\n")


def environ_of(head: Head, body: Body, server: tuple[str, int], client: str) -> dict[str, Any]:
    """Make the WSGI environ of a request. Raises BadRequest."""
    target = head.target
    if not target.startswith("/"):
        parts = urlsplit(target)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": head.version,
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in head.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ

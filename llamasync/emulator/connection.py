"""One client connection: requests in, answers out, until either side has had enough."""

from __future__ import annotations

import socket
import struct
import threading
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from llamasync.emulator.errors import ConnectionCut
from llamasync.emulator.http1 import BadRequest, Body, ClientGone, Head, environ_of, read_head

DRAIN_BYTES = 64 * 1024 * 1024
LINGER_S = 2.0
Application = Callable[..., Iterable[bytes]]


class Connection:
    """Owns the socket. `run` is the thread's life; `finish` may come from any thread."""

    def __init__(self, client: socket.socket, app: Application, server: tuple[str, int], address: str) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = client
        self._app = app
        self._server = server
        self._address = address
        self._reader = client.makefile("rb", buffering=64 * 1024)
        self._writer = client.makefile("wb", buffering=0)
        self._lock = threading.Lock()
        self._busy = False
        self._finishing = False

    def run(self) -> None:
        """Serve the connection to its end. Never raises."""
        try:
            while self._one():
                pass
        except ConnectionCut:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except BadRequest as bad:
            self._send_head(400, [("Content-Type", "text/plain")], f"{bad}\n".encode(), close=True)
        except OSError:
            pass
        except Exception:  # noqa: BLE001 - a thread must say why it ends
            traceback.print_exc()
        finally:
            self._close()

    def finish(self) -> None:
        """Close now when idle, else after the answer that is being made."""
        with self._lock:
            self._finishing = True
            if not self._busy:
                self._wake()

    def _one(self) -> bool:
        """Serve one request; tell whether another may follow."""
        head = read_head(self._reader)
        with self._lock:
            if head is None or self._finishing:
                return False
            self._busy = True
        body = Body(head, self._reader, self._writer)
        keep = self._answer(head, body)
        with self._lock:
            self._busy = False
            return keep and not self._finishing

    def _answer(self, head: Head, body: Body) -> bool:
        environ = environ_of(head, body, self._server, self._address)
        started: list[Any] = []
        try:
            chunks = self._app(environ, lambda status, headers, _error=None: started.extend((status, headers)))
        except (ConnectionCut, ClientGone, BadRequest):
            raise
        except Exception:  # noqa: BLE001 - a bug of ours is a 500 to the client
            traceback.print_exc()
            started, chunks = ["500 Internal Server Error", [("Content-Type", "text/plain")]], (b"emulator bug\n",)
        status, headers = started
        payload = b"".join(chunks) if isinstance(chunks, tuple) else None
        keep = head.keep_alive and not self._finishing and body.drain(DRAIN_BYTES)
        length = next((value for name, value in headers if name == "Content-Length"), None)
        if payload is not None and length is None and not status.startswith(("204", "304")):
            headers = [*headers, ("Content-Length", str(len(payload)))]
        self._send_head(status, headers, payload or b"", close=not keep)
        if payload is None:
            for chunk in chunks:
                self._socket.sendall(chunk)
        if not keep and not body.ended:
            self._linger()
        return keep

    def _send_head(self, status: int | str, headers: list[tuple[str, str]], payload: bytes, *, close: bool) -> None:
        lines = [f"HTTP/1.1 {status}" if isinstance(status, str) else f"HTTP/1.1 {status} Bad Request"]
        lines.extend(f"{name}: {value}" for name, value in headers)
        lines.append(f"Date: {formatdate(usegmt=True)}")
        lines.append("Connection: close" if close else "Connection: keep-alive")
        self._socket.sendall("\r\n".join((*lines, "\r\n")).encode("latin-1") + payload)

    def _linger(self) -> None:
        """Let a client that is still sending read the answer: closing at once would destroy it on its way."""
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.settimeout(LINGER_S)
        while self._socket.recv(1024 * 1024):
            pass

    def _wake(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        for each in (self._reader, self._writer, self._socket):
            with suppress(OSError):
                each.close()

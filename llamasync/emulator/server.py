"""The emulator behind a port: one thread a connection, keep-alive, a clean stop that finishes what is in flight."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from llamasync.emulator.app import Emulator
from llamasync.emulator.connection import Connection

FINISH_WITHIN_S = 30.0
ACCEPT_POLL_S = 0.25


class Server:
    """A listening socket and its connections. Listens from the moment it is made."""

    def __init__(self, emulator: Emulator, host: str, port: int) -> None:
        self._emulator = emulator
        self._listener = socket.create_server((host, port), backlog=256)
        self._listener.settimeout(ACCEPT_POLL_S)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._connections: dict[Connection, threading.Thread] = {}
        self._accepting = threading.Thread(target=self._accept, name="emulator-accept", daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def stop(self, within_s: float = FINISH_WITHIN_S) -> None:
        """Stop listening, let requests in flight finish, close the rest."""
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(within_s)
        self._listener.close()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            connection.finish()
        for thread in connections.values():
            thread.join(within_s)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            connection = Connection(client, self._emulator.wsgi, self._listener.getsockname()[:2], str(address[0]))
            thread = threading.Thread(target=self._run, args=(connection,), daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _run(self, connection: Connection) -> None:
        try:
            connection.run()
        finally:
            with self._lock:
                self._connections.pop(connection, None)


@contextmanager
def start_in_thread(emulator: Emulator, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in the background and yield the base URL. The emulator itself stays open."""
    server = Server(emulator, host, port)
    try:
        yield server.url
    finally:
        server.stop()


def serve(
    emulator: Emulator,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[str], object] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then return. Port 0 takes a free one; `on_ready` is told the base URL.

    In another thread than the main one no signal is seen, and it serves for ever.
    """
    server = Server(emulator, host, port)
    stop = threading.Event()

    def stopped(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    previous: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        previous = {number: signal.signal(number, stopped) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        if on_ready is not None:
            on_ready(server.url)
        stop.wait()
    finally:
        server.stop()
        for number, action in previous.items():
            signal.signal(number, action)

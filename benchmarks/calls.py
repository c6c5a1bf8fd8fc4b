"""How many small calls a second the client makes against a trivial server in another process."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from benchmarks.report import Benchmark, Figure
from llamasync.api.client import Client
from llamasync.api.endpoint import Endpoint
from llamasync.api.limiter import Limiter
from llamasync.core.secret import Secret

BODY = b'{"id":"dir-1","name":"contracts","metadata":{"a":1}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


class Trivial(asyncio.Protocol):
    """Answers every request without looking at it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith((b"\r\n\r\n", b"}")):
            self.transport.write(ANSWER)


def serve(out: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Trivial, "127.0.0.1", 0)
        out.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def rate(client: Client, threads: int, calls: int) -> float:
    def work(_: int) -> None:
        for _ in range(calls // threads):
            client.get("/api/v1/beta/directories/dir-1", {"expand": ["a", "b"]})

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))  # connections are made, code is warm
        start = time.perf_counter()
        list(pool.map(work, range(threads)))
        return calls / (time.perf_counter() - start)


def measure(quick: bool) -> list[Figure]:
    """Make small calls from more and more threads."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    endpoint = Endpoint(f"http://127.0.0.1:{ours.recv()}", Secret("key"), "prj-1")
    figures = []
    for threads in (1, 2) if quick else (1, 8, 10, 32):
        with Client(endpoint, limiter=Limiter(64)) as client:
            found = rate(client, threads, 20 if quick else 4000)
        figures.append(Figure(what=f"{threads} thread{'s' if threads > 1 else ''}", measured=f"{found:,.0f} calls/s"))
    server.terminate()
    server.join()
    return figures


BENCHMARK = Benchmark(
    title="Small calls",
    how="GET requests a second of the API client, against a trivial server in another process. For comparison only.",
    run=measure,
)

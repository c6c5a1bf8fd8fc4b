"""A scripted service and a clock that takes no time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx

from llamasync.api.client import Client
from llamasync.api.endpoint import Endpoint
from llamasync.api.limiter import Limiter
from llamasync.core.secret import Secret

KEY = "llx-very-secret"
Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class StillClock:
    """Sleeping moves it on; nothing else does."""

    def __init__(self) -> None:
        self.time_s = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time_s - 1000)

    def monotonic(self) -> float:
        return self.time_s

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            with self._lock:
                self.slept.append(seconds)
                self.time_s += seconds


class Script(httpx.BaseTransport):
    """Answers with one step after the other, the last for ever, and keeps what was asked."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx.Request] = []
        self.closed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            request.read()
            raise step
        if isinstance(step, httpx.Response):
            request.read()
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)
        return step(request)

    def close(self) -> None:
        self.closed += 1

    @property
    def sent(self) -> list[str]:
        return [f"{r.method} {r.url.raw_path.decode()}" for r in self.requests]


def answer(status: int = 200, value: Any = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(status, headers={"Content-Type": "application/json", **named}, content=json.dumps(value))


def page(status: int, text: str, content_type: str = "text/html", **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={"Content-Type": content_type, **headers}, content=text)


def client_of(
    transport: httpx.BaseTransport,
    clock: StillClock | None = None,
    *,
    project_id: str = "prj-1",
    organization_id: str = "",
    limiter: Limiter | None = None,
    **more: Any,
) -> Client:
    endpoint = Endpoint("https://api.example", Secret(KEY), project_id, organization_id)
    clock = clock or StillClock()
    return Client(endpoint, transport=transport, clock=clock, limiter=limiter, random=Random(7), **more)


def items(ids: Iterable[str]) -> list[dict[str, str]]:
    return [{"id": each} for each in ids]

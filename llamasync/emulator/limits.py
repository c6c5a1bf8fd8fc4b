"""The service's own rate limits, off unless an option turns them on: a count of requests in a sliding window."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from llamasync.emulator.errors import Refusal


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` requests in `window_s` seconds; of uploads only, where it says so."""

    count: int
    window_s: float
    uploads_only: bool = False


UPLOADS = RateLimit(50, 5.0, uploads_only=True)
FREE_TIER = RateLimit(20, 60.0)


class RateLimiter:
    """Counts what was let through. Safe for many threads."""

    def __init__(self, limits: Iterable[RateLimit]) -> None:
        self._lock = threading.Lock()
        self._windows: list[tuple[RateLimit, deque[float]]] = [(limit, deque()) for limit in limits]

    def admit(self, now: float, *, upload: bool) -> None:
        """Count one request at time `now`, in seconds. Raises Refusal 429 with Retry-After, and counts nothing."""
        concerned = [each for each in self._windows if upload or not each[0].uploads_only]
        with self._lock:
            for limit, times in concerned:
                while times and times[0] <= now - limit.window_s:
                    times.popleft()
                if len(times) >= limit.count:
                    wait_s = max(1, math.ceil(times[0] + limit.window_s - now))
                    raise Refusal(429, "Rate limit exceeded", [("Retry-After", str(wait_s))])
            for _, times in concerned:
                times.append(now)

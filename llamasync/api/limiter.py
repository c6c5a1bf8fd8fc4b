"""One shared limit for everything that is sent: requests in flight, uploads a second, and backing off together."""

from __future__ import annotations

import threading
from collections import deque

from llamasync.core.clock import SYSTEM_CLOCK, Clock
from llamasync.core.lean import lean_dataclass

# The service may see requests closer together than they were sent, so its window is taken a little wider.
WINDOW_MARGIN = 1.02


@lean_dataclass(frozen=True, slots=True)
class UploadRate:
    """At most `count` uploads start within any `period_s` seconds."""

    count: int = 50
    period_s: float = 5.0


_USUAL_RATE = UploadRate()


class Limiter:
    """A ceiling on requests in flight that halves when the service asks to slow down, and grows back with success.

    Waiters are served in the order in which they came, so none starves. Safe for many threads. `uploads` None means
    that uploads have no rate of their own.
    """

    def __init__(
        self, ceiling: int = 16, *, uploads: UploadRate | None = _USUAL_RATE, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        if ceiling < 1:
            raise ValueError("a limiter must let at least one request through")
        self.ceiling = ceiling
        self._clock = clock
        self._uploads = uploads
        self._upload_starts: deque[float] = deque(maxlen=uploads.count if uploads else 1)
        self._lock = threading.Lock()
        self._waiters: deque[threading.Lock] = deque()
        self._in_flight = 0
        self._limit = float(ceiling)
        self._paused_until = 0.0
        self._halved_at = float("-inf")

    @property
    def limit(self) -> int:
        """How many requests may be in flight now: between 1 and the ceiling."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """How many are."""
        return self._in_flight

    def acquire(self) -> float:
        """Wait for leave to send, and take it. Returns the moment, which `release` and `back_off` ask for."""
        while True:
            self._take_slot()
            now = self._clock.monotonic()
            pause_s = self._paused_until - now
            if pause_s <= 0:
                return now
            self._give_slot()
            self._clock.sleep(pause_s)

    def release(self, *, succeeded: bool) -> None:
        """Give the leave back. A success lets the limit grow a little: by one for as many successes as the limit is."""
        with self._lock:
            if succeeded and self._limit < self.ceiling:
                self._limit = min(self.ceiling, self._limit + 1 / self._limit)
            self._hand_on()

    def back_off(self, started: float, delay_s: float) -> None:
        """Let everybody pause for `delay_s` and halve the limit, once for all requests that were in flight together.

        `started` is what `acquire` returned for the request that was told to slow down.
        """
        with self._lock:
            now = self._clock.monotonic()
            self._paused_until = max(self._paused_until, now + delay_s)
            if started >= self._halved_at:
                self._limit = max(1.0, self._limit / 2)
                self._halved_at = now

    def wait_for_upload(self) -> None:
        """Wait until one more upload may start, and count it. Call it before `acquire`: no slot is held idle then."""
        if self._uploads is None:
            return
        with self._lock:
            start = now = self._clock.monotonic()
            if len(self._upload_starts) == self._uploads.count:
                start = max(now, self._upload_starts[0] + self._uploads.period_s * WINDOW_MARGIN)
            self._upload_starts.append(start)
        self._clock.sleep(start - now)

    def _take_slot(self) -> None:
        with self._lock:
            if self._in_flight < int(self._limit):  # otherwise nobody waits either
                self._in_flight += 1
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiters.append(mine)
        try:
            mine.acquire()
        except BaseException:  # Ctrl-C while waiting: leave the queue, or hand on the slot that has just come
            with self._lock:
                if mine in self._waiters:
                    self._waiters.remove(mine)
                else:
                    self._hand_on()
            raise

    def _give_slot(self) -> None:
        with self._lock:
            self._hand_on()

    def _hand_on(self) -> None:
        # With the lock held: free a slot, then fill those that the limit allows, oldest waiter first.
        self._in_flight -= 1
        while self._waiters and self._in_flight < int(self._limit):
            self._in_flight += 1
            self._waiters.popleft().release()

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from llamasync.api.limiter import Limiter, UploadRate
from tests.api.scripted import StillClock


def test_no_more_than_the_ceiling_are_in_flight() -> None:
    limiter, most, now, lock = Limiter(3), 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal most, now
        limiter.acquire()
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.001)
        with lock:
            now -= 1
        limiter.release(succeeded=True)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, range(60)))
    assert most == 3
    assert limiter.in_flight == 0


def test_waiters_are_served_in_the_order_in_which_they_came() -> None:
    limiter, served = Limiter(1), []
    limiter.acquire()

    def work(number: int) -> None:
        limiter.acquire()
        served.append(number)
        limiter.release(succeeded=True)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        while len(limiter._waiters) <= number:
            time.sleep(0.0005)
    limiter.release(succeeded=True)
    for thread in threads:
        thread.join()
    assert served == list(range(6))


def test_slowing_down_pauses_everybody_and_halves_the_limit() -> None:
    clock = StillClock()
    limiter = Limiter(16, clock=clock)
    first, second = limiter.acquire(), limiter.acquire()
    clock.time_s += 0.1
    limiter.back_off(first, 5.0)
    limiter.back_off(second, 3.0)  # in flight at the same time: no second halving, no shorter pause
    assert limiter.limit == 8
    limiter.release(succeeded=False)
    limiter.release(succeeded=False)
    assert limiter.acquire() == pytest.approx(1005.1)
    assert clock.slept == [pytest.approx(5.0)]


def test_limit_never_falls_below_one_and_grows_back_to_the_ceiling() -> None:
    clock = StillClock()
    limiter = Limiter(8, clock=clock)
    for _ in range(10):
        started = limiter.acquire()
        clock.time_s += 1
        limiter.back_off(started, 0)
        limiter.release(succeeded=False)
    assert limiter.limit == 1
    for _ in range(100):
        limiter.acquire()
        limiter.release(succeeded=True)
    assert limiter.limit == 8


def test_limit_grows_by_one_for_as_many_successes_as_it_is() -> None:
    clock = StillClock()
    limiter = Limiter(16, clock=clock)
    limiter.back_off(limiter.acquire(), 0)
    limiter.release(succeeded=False)
    for _ in range(9):
        limiter.acquire()
        limiter.release(succeeded=True)
    assert limiter.limit == 9


def test_requests_waiting_for_a_slot_keep_to_the_pause() -> None:
    clock = StillClock()
    limiter = Limiter(2, clock=clock)
    started = [limiter.acquire(), limiter.acquire()]
    got: list[float] = []
    threads = [threading.Thread(target=lambda: got.append(limiter.acquire())) for _ in range(1)]
    threads[0].start()
    while not limiter._waiters:
        time.sleep(0.0005)
    limiter.back_off(started[0], 7.0)
    limiter.release(succeeded=False)
    limiter.release(succeeded=False)
    threads[0].join()
    assert got == [1007.0]


def test_uploads_keep_to_their_rate_in_every_window() -> None:
    clock = StillClock()
    limiter = Limiter(uploads=UploadRate(50, 5.0), clock=clock)
    starts = []
    for _ in range(175):
        limiter.wait_for_upload()
        starts.append(clock.monotonic())
    assert all(starts[i + 50] - starts[i] >= 5.0 for i in range(125))
    assert starts[-1] - starts[0] < 16


def test_uploads_without_a_rate_do_not_wait() -> None:
    clock = StillClock()
    limiter = Limiter(uploads=None, clock=clock)
    for _ in range(500):
        limiter.wait_for_upload()
    assert clock.slept == []


def test_waiter_that_is_interrupted_loses_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter(1)
    limiter.acquire()

    class Interrupted:
        calls = 0

        def acquire(self) -> None:
            self.calls += 1
            if self.calls == 2:
                raise KeyboardInterrupt

        def release(self) -> None: ...

    monkeypatch.setattr("llamasync.api.limiter.threading.Lock", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        limiter.acquire()
    assert limiter.in_flight == 1
    assert not limiter._waiters


def test_slot_that_came_together_with_the_interruption_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter(1)
    limiter.acquire()

    class Interrupted:
        calls = 0

        def acquire(self) -> None:
            self.calls += 1
            if self.calls == 2:
                limiter.release(succeeded=True)
                raise KeyboardInterrupt

        def release(self) -> None: ...

    monkeypatch.setattr("llamasync.api.limiter.threading.Lock", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        limiter.acquire()
    assert limiter.in_flight == 0


def test_limiter_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Limiter(0)

"""Group commit: many pieces of work to a transaction, each with its own answer."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llamasync.state.group_commit import GroupCommit


class Told(Exception):
    """What errors of SQLite are translated to."""


class Bench:
    """A GroupCommit over a file of numbers, and how often it connected and sealed."""

    def __init__(self, path: Path, *, failing_connects: int = 0) -> None:
        self.path = path
        self.failing_connects = failing_connects
        self.connected = 0
        self.sealed = 0
        self.is_full = False
        self.gate = threading.Event()
        self.commits = GroupCommit(self.connect, self.seal, lambda error: Told(str(error)))

    def connect(self) -> sqlite3.Connection:
        self.connected += 1
        if self.connected <= self.failing_connects:
            raise sqlite3.OperationalError("no such luck")
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute("CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY)")
        return connection

    def seal(self, connection: sqlite3.Connection) -> None:
        if self.is_full:
            raise sqlite3.OperationalError("the disk is full")
        self.sealed += 1

    def put(self, n: int) -> int:
        return self.commits.run(
            lambda connection: connection.execute("INSERT INTO numbers VALUES (?)", (n,)).lastrowid or 0
        )

    def numbers(self) -> list[int]:
        with sqlite3.connect(self.path) as connection:
            found = [n for (n,) in connection.execute("SELECT n FROM numbers ORDER BY n")]
        connection.close()
        return found

    def hold(self) -> threading.Thread:
        """Keep the writer busy until the gate opens; return the thread that waits for it."""
        begun = threading.Event()
        holder = threading.Thread(
            target=lambda: self.commits.run(lambda _: begun.set() or self.gate.wait(), counts=False)
        )
        holder.start()
        begun.wait()
        return holder

    def wait_for(self, waiting: int) -> None:
        """Wait until so much work is in the queue."""
        while self.commits._waiting.qsize() < waiting:
            time.sleep(0.001)

    def together(self, works: list[Callable[[], object]]) -> list[object]:
        """Run all works in one batch: they queue up behind a piece of work that waits. Return results and errors."""
        results: list[object] = [None] * len(works)

        def run(position: int, work: Callable[[], object]) -> None:
            try:
                results[position] = work()
            except Exception as error:
                results[position] = error

        first = self.hold()
        threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
        for thread in threads:
            thread.start()
        self.wait_for(len(works))
        self.gate.set()
        for thread in [first, *threads]:
            thread.join()
        return results


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "numbers.db")


def fail() -> None:
    raise KeyError("mine")


def test_work_that_waits_shares_one_commit(bench: Bench) -> None:
    assert sorted(map(int, map(str, bench.together([lambda n=n: bench.put(n) for n in range(1, 51)])))) == list(
        range(1, 51)
    )
    bench.commits.close()
    assert bench.sealed == 1
    assert bench.numbers() == list(range(1, 51))


def test_more_work_than_a_batch_takes_is_done_in_several(bench: Bench) -> None:
    bench.together([lambda n=n: bench.put(n) for n in range(1, 301)])
    bench.commits.close()
    assert bench.sealed == 2
    assert len(bench.numbers()) == 300


def test_error_of_one_reaches_its_caller_alone(bench: Bench) -> None:
    results = bench.together([lambda: bench.put(1), lambda: bench.commits.run(lambda _: fail()), lambda: bench.put(2)])
    bench.commits.close()
    assert [type(result) for result in results] == [int, KeyError, int]
    assert bench.numbers() == [1, 2]


def test_refusal_of_sqlite_reaches_the_one_to_blame(bench: Bench) -> None:
    bench.put(7)
    results = bench.together([lambda: bench.put(1), lambda: bench.put(7), lambda: bench.put(2)])
    bench.commits.close()
    assert [type(result) for result in results] == [int, Told, int]
    assert "UNIQUE" in str(results[1])
    assert bench.numbers() == [1, 2, 7]


def test_only_work_that_counts_and_succeeds_is_sealed(bench: Bench) -> None:
    bench.commits.run(lambda _: None, counts=False)
    with pytest.raises(KeyError):
        bench.commits.run(lambda _: fail())
    assert bench.sealed == 0
    bench.commits.close()


def test_file_that_cannot_be_opened_is_told_and_tried_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "numbers.db", failing_connects=1)
    with pytest.raises(Told, match="no such luck"):
        bench.put(1)
    bench.put(2)
    bench.commits.close()
    assert bench.numbers() == [2]


def test_commit_that_fails_is_told_to_all_who_wait_with_an_error_of_their_own(bench: Bench) -> None:
    bench.put(1)
    bench.is_full = True
    one, two = bench.together([lambda: bench.put(2), lambda: bench.put(3)])
    assert isinstance(one, Told)
    assert isinstance(two, Told)
    assert one is not two
    bench.is_full = False
    bench.put(4)
    bench.commits.close()
    assert bench.numbers() == [1, 4]


def test_closing_can_be_repeated_and_ends_it(bench: Bench) -> None:
    bench.put(1)
    bench.commits.close()
    bench.commits.close()
    assert bench.numbers() == [1]
    with pytest.raises(RuntimeError, match="closed"):
        bench.put(6)


def test_closing_while_work_waits_does_it_first(bench: Bench) -> None:
    results: list[int] = []
    first = bench.hold()
    second = threading.Thread(target=lambda: results.append(bench.put(1)))
    second.start()
    bench.wait_for(1)
    closer = threading.Thread(target=bench.commits.close)
    closer.start()
    bench.wait_for(2)
    bench.gate.set()
    for thread in (first, second, closer):
        thread.join()
    assert results == [1]


def test_closing_what_was_never_used_opens_nothing(bench: Bench) -> None:
    bench.commits.close()
    assert bench.connected == 0


def test_closing_after_the_file_could_not_be_opened_is_no_problem(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "numbers.db", failing_connects=1)
    with pytest.raises(Told):
        bench.put(1)
    bench.commits.close()


def test_bug_while_opening_reaches_who_waits(tmp_path: Path) -> None:
    def connect() -> sqlite3.Connection:
        raise KeyError("a bug")

    commits = GroupCommit(connect, lambda _: None, lambda error: error)
    with pytest.raises(KeyError, match="a bug"):
        commits.run(lambda _: None)
    commits.close()


def insert(n: int) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute("INSERT INTO numbers VALUES (?)", (n,))


def test_work_for_later_is_durable_when_a_later_call_returns(bench: Bench) -> None:
    bench.put(1)
    bench.commits.run_later(insert(2))
    bench.put(3)
    assert bench.numbers() == [1, 2, 3]
    bench.commits.run_later(insert(4))
    bench.commits.flush()
    assert bench.numbers() == [1, 2, 3, 4]
    bench.commits.run_later(insert(5))
    bench.commits.close()
    assert bench.numbers() == [1, 2, 3, 4, 5]


def test_nobody_waits_for_work_for_later(bench: Bench) -> None:
    first = bench.hold()
    bench.commits.run_later(insert(1))
    bench.commits.run_later(insert(2))
    assert bench.commits._waiting.qsize() == 2
    bench.gate.set()
    first.join()
    bench.commits.flush()
    assert bench.numbers() == [1, 2]


def test_what_goes_wrong_later_is_told_once_by_a_flush_and_by_nothing_else(bench: Bench) -> None:
    bench.commits.run_later(insert(1))
    bench.commits.run_later(insert(1))
    bench.commits.run_later(lambda _: fail())
    bench.put(2)
    with pytest.raises(Told, match="UNIQUE"):
        bench.commits.flush()
    bench.commits.flush()
    assert bench.numbers() == [1, 2]
    bench.commits.close()


def test_a_flush_of_what_was_never_used_opens_nothing(bench: Bench) -> None:
    bench.commits.flush()
    assert bench.connected == 0

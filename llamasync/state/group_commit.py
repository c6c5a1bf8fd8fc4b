"""Group commit: one thread that owns the connection, and commits everything that is waiting with one fsync."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeVar

from llamasync.core.lean import lean_dataclass

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

_LARGEST_BATCH = 256


def _shut() -> threading.Lock:
    lock = threading.Lock()  # opened when the task is done: a third of the cost of an Event
    lock.acquire()
    return lock


@lean_dataclass(slots=True, eq=False)
class _Task:
    work: Work[Any]
    counts: bool
    is_waited_for: bool = True
    done: threading.Lock = field(default_factory=_shut)
    result: Any = None
    error: BaseException | None = None


class GroupCommit:
    """Runs pieces of work in the order in which they come, many to a transaction, and answers each when it is durable.

    A piece of work must check before it changes: what it raises is given to its caller, and the others' work goes on.
    An error of SQLite undoes the whole transaction; then each piece is tried in its own, and the one to blame fails.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        seal: Callable[[sqlite3.Connection], object],
        translate: Callable[[sqlite3.Error], Exception],
    ) -> None:
        """`connect` is called in the thread, at the first work; `seal` once in each transaction that counts."""
        self._connect = connect
        self._seal = seal
        self._translate = translate
        self._connection: sqlite3.Connection | None = None
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._failed: BaseException | None = None

    def run(self, work: Work[Result], *, counts: bool = True) -> Result:
        """Run `work`, return its result once it is durable. Raises what it raised, or what an error of SQLite means."""
        task = _Task(work, counts)
        self._put(task)
        task.done.acquire()
        if task.error is not None:
            raise task.error
        result: Result = task.result
        return result

    def run_later(self, work: Work[object]) -> None:
        """Have `work` done before all that is asked for from now on; `flush` tells whether that went well."""
        self._put(_Task(work, counts=True, is_waited_for=False))

    def flush(self) -> None:
        """Wait until all that was asked for is durable. Raises the first error that nobody was told of."""
        if self._thread is not None:
            self.run(lambda _: None, counts=False)
        error, self._failed = self._failed, None
        if error is not None:
            raise error

    def close(self) -> None:
        """Finish what is waiting and let go of the file. May be called again."""
        with self._gate:
            self._closed = True
            thread = self._thread
            self._waiting.put(None)
        if thread is not None:
            thread.join()

    def _put(self, task: _Task) -> None:
        with self._gate:
            if self._closed:
                raise RuntimeError("the state is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="llamasync-state", daemon=True)
                self._thread.start()
            self._waiting.put(task)

    def _serve(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < _LARGEST_BATCH and not self._waiting.empty():
                task = self._waiting.get()
                if task is None:
                    last = True
                    break
                batch.append(task)
            self._commit_or_split(batch)
            for task in batch:
                if task.is_waited_for:
                    task.done.release()
                else:
                    self._failed = self._failed or task.error
            if last:
                break
        if self._connection is not None:
            self._connection.close()

    def _commit_or_split(self, batch: list[_Task]) -> None:
        try:
            if self._connection is None:
                self._connection = self._connect()
            if self._commit(self._connection, batch):
                return
        except sqlite3.Error as error:
            for task in batch:
                task.error = self._translate(error)
            return
        except Exception as error:  # noqa: BLE001 - belongs to those who wait, whatever it is
            for task in batch:
                task.error = error
            return
        for task in batch:
            self._commit_or_split([task])

    def _commit(self, connection: sqlite3.Connection, batch: list[_Task]) -> bool:
        """Do the batch in one transaction; False when nothing was done because SQLite refused one piece of several."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            for task in batch:
                task.result, task.error = None, None
                try:
                    task.result = task.work(connection)
                except sqlite3.Error:
                    if len(batch) > 1:
                        return False
                    raise
                except Exception as error:  # noqa: BLE001 - belongs to the one who asked
                    task.error = error
            if any(task.counts and task.error is None for task in batch):
                self._seal(connection)
            connection.execute("COMMIT")
            return True
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

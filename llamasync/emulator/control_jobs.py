"""For tests only: jobs that fail or take longer than they would, and jobs that are done at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

from llamasync.emulator.calls import Call
from llamasync.emulator.jobs.records import KINDS, is_over, phase_of

OpenCall = Callable[[], AbstractContextManager[Call]]


class JobControl:
    """The back door to jobs. A kind is one of split, sheets, batch, batch_job; others raise LookupError."""

    def __init__(self, open_call: OpenCall) -> None:
        self._open_call = open_call

    def fail_next(self, kind: str, message: str = "injected failure") -> None:
        """Make the next job of a kind end as failed; called twice, the next two."""
        self._order(kind, message, 0)

    def delay_next(self, kind: str, seconds: float) -> None:
        """Make the next job of a kind run that much longer."""
        self._order(kind, None, round(seconds * 1000))

    def finish(self, job_id: str) -> None:
        """End a job now, as it would have ended. One that is over stays as it is."""
        with self._open_call() as call:
            row = call.one("SELECT * FROM jobs WHERE id = ?", job_id)
            if row is None:
                raise LookupError(f"no {job_id} in jobs")
            _finish(call, row)

    def finish_all(self) -> None:
        """End all jobs that wait or run."""
        with self._open_call() as call:
            for row in call.db.execute("SELECT * FROM jobs").fetchall():
                _finish(call, row)

    def _order(self, kind: str, failure: str | None, delay_ms: int) -> None:
        if kind not in KINDS:
            raise LookupError(f"a kind of job is one of {', '.join(KINDS)}; not {kind!r}")
        with self._open_call() as call:
            values = (call.new_sequence(), kind, failure, delay_ms)
            call.db.execute("INSERT INTO job_orders VALUES (?, ?, ?, ?)", values)


def _finish(call: Call, row: sqlite3.Row) -> None:
    if not is_over(phase_of(row, call.now)):
        sooner = "SET starts_at = min(starts_at, ?), ends_at = min(ends_at, ?)"
        call.db.execute(f"UPDATE jobs {sooner} WHERE seq = ?", (call.now, call.now, row["seq"]))
        call.db.execute(f"UPDATE job_items {sooner} WHERE job_seq = ?", (call.now, call.now, row["seq"]))

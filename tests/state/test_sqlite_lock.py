"""The lock between processes: one holder at a time, and the dead do not hold it."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llamasync.core.diagnostic import DiagnosticError
from llamasync.state.sqlite import SqliteStore
from tests.state.samples import a_binding, written

HOLDER = """
import sys
from pathlib import Path
from llamasync.state.sqlite import SqliteStore
with SqliteStore(Path(sys.argv[1])).lock("apply"):
    print("held", flush=True)
    input()
"""
# Rounds: wait for the word on stdin, try for the lock, say whether it was won, keep it until the next word.
RACER = """
import sys
from pathlib import Path
from llamasync.core.diagnostic import DiagnosticError
from llamasync.state.sqlite import SqliteStore
print("ready", flush=True)
while path := sys.stdin.readline().strip():
    store = SqliteStore(Path(path))
    try:
        with store.lock("apply"):
            print("won", flush=True)
            sys.stdin.readline()
    except DiagnosticError as error:
        print(error.diagnostics[0].code, flush=True)
        sys.stdin.readline()
    store.close()
    print("ready", flush=True)
"""


class Child:
    """A Python process that is spoken to in lines."""

    def __init__(self, program: str, *arguments: object) -> None:
        command = [sys.executable, "-c", program, *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def tell(self, line: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def child(program: str, *arguments: object) -> Iterator[Child]:
    running = Child(program, *arguments)
    try:
        yield running
    finally:
        running.end()


def change_lock(path: Path, assignment: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE lock SET {assignment}", values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_lock_of_a_living_process_is_refused(path: Path) -> None:
    with child(HOLDER, path) as holder:
        assert holder.hear() == "held"
        with (
            pytest.raises(DiagnosticError, match=f"LS504 .*process {holder.process.pid}"),
            SqliteStore(path).lock("plan"),
        ):
            pass


@pytest.mark.parametrize("is_reaped", [True, False])
def test_lock_of_a_killed_process_is_taken_over(path: Path, is_reaped: bool) -> None:
    with child(HOLDER, path) as holder:
        assert holder.hear() == "held"
        os.kill(holder.process.pid, signal.SIGKILL)
        if is_reaped:
            holder.process.wait()
        else:  # a zombie: dead, while its parent has not asked
            os.waitid(os.P_PID, holder.process.pid, os.WEXITED | os.WNOWAIT)
        store = SqliteStore(path)
        dead = store.lock_owner()
        with store.lock("apply") as owner:
            assert owner.took_over == dead
            assert owner.took_over is not None
            assert owner.took_over.pid == holder.process.pid
            store.record(a_binding())
        store.close()


def test_lock_whose_process_id_belongs_to_another_process_by_now_is_taken_over(path: Path) -> None:
    store = SqliteStore(path)
    with store.lock("apply") as first:
        boot, space, _ = first.process.split("/")
        change_lock(path, "process = ?", f"{boot}/{space}/1")
        with SqliteStore(path).lock("apply") as second:
            assert second.took_over is not None
            assert second.took_over.token == first.token


def test_lock_of_another_host_is_refused_though_its_process_id_is_unused_here(path: Path) -> None:
    store = SqliteStore(path)
    with store.lock("apply"):
        change_lock(path, "who = 'ann@elsewhere', pid = ?, since = '2026-01-01T00:00:00Z'", 2**22 + 1)
        late = SqliteStore(path, clock=lambda: datetime(2026, 1, 3, tzinfo=UTC))
        with pytest.raises(DiagnosticError, match=r"LS504 .*ann@elsewhere .*2 days ago"), late.lock("apply"):
            pass
        assert store.force_unlock() is not None


@pytest.mark.slow
def test_of_two_processes_that_race_for_the_lock_exactly_one_wins(tmp_path: Path) -> None:
    with child(RACER) as one, child(RACER) as two:
        for n in range(60):
            assert (one.hear(), two.hear()) == ("ready", "ready")
            path = tmp_path / str(n % 40) / "state.db"  # in 40 rounds the file itself is raced for
            one.tell(path)
            two.tell(path)
            assert sorted((one.hear(), two.hear())) == ["LS504", "won"]
            one.tell("go on")
            two.tell("go on")


def test_file_that_another_process_keeps_to_itself_is_a_problem_not_a_hang(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llamasync.state.sqlite_file.BUSY_TIMEOUT_S", 0.05)
    store = SqliteStore(path)
    with written(store):
        store.record(a_binding())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert len(store.load().bindings) == 1
        late = SqliteStore(path)
        with pytest.raises(DiagnosticError, match=r"LS504 .*to itself"), late.lock("apply"):
            pass
        late.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DiagnosticError, match=r"LS504 .*to itself"):
            SqliteStore(path).load()


def test_first_error_is_the_one_that_is_told_when_giving_the_lock_back_fails_too(path: Path) -> None:
    store = SqliteStore(path)

    def fail() -> None:
        with closing(sqlite3.connect(path)) as other:
            other.execute("DROP TABLE lock")
        raise KeyError

    with pytest.raises(KeyError), store.lock("apply"):
        fail()
    store.close()


def test_owner_is_user_at_host(path: Path) -> None:
    with SqliteStore(path).lock("apply") as owner:
        assert owner.who.endswith(f"@{socket.gethostname()}")
        assert owner.pid == os.getpid()

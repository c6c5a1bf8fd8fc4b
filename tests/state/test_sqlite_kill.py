"""Kill -9 at any moment: what returned is there, and nothing is half there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from llamasync.state.sqlite import SqliteStore
from llamasync.state.sqlite_file import open_to_write
from tests.state.samples import a_binding, a_file, file_address

# Four threads begin and record; each call that returned is said on stdout before the next one.
CHILD = """
import os, sys, threading
from pathlib import Path
from llamasync.state.sqlite import SqliteStore
from tests.state.samples import a_file, an_intent, file_address

store = SqliteStore(Path(sys.argv[1]))
run = sys.argv[2]

def work(worker):
    n = 0
    while True:
        n += 1
        item = f"{run}/{worker}/{n}"
        intent = store.begin(an_intent(file_address(item), digest=item))
        os.write(1, f"begun {item}\\n".encode())
        store.record(a_file(item, size_bytes=intent.number), intent)
        os.write(1, f"recorded {item}\\n".encode())

with store.lock("apply") as owner:
    os.write(1, f"took over {owner.took_over.pid if owner.took_over else None}\\n".encode())
    for worker in range(4):
        threading.Thread(target=work, args=(worker,), daemon=True).start()
    threading.Event().wait()
"""


def run_until(path: Path, lines: int, run: str) -> tuple[int, list[str]]:
    """Run the child, kill it after so many lines; return its process id and all lines that it wrote whole."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), run], stdout=subprocess.PIPE)
    assert child.stdout
    try:
        told = [child.stdout.readline() for _ in range(lines)]
    finally:
        os.kill(child.pid, signal.SIGKILL)
    told += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    return child.pid, [line.decode().strip() for line in told if line.endswith(b"\n")]


@pytest.mark.slow
def test_killed_at_many_points_nothing_that_returned_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    begun: set[str] = set()
    recorded: set[str] = set()
    previous = None
    for run, lines in enumerate((1, 2, 3, 5, 8, 13, 30, 70, 150, 400)):
        pid, told = run_until(path, lines, str(run))
        assert told[0] == f"took over {previous}"
        previous = pid
        begun |= {line.removeprefix("begun ") for line in told if line.startswith("begun ")}
        recorded |= {line.removeprefix("recorded ") for line in told if line.startswith("recorded ")}

        state = SqliteStore(path).load()
        there = {address.item for address in state.bindings}
        opened = {intent.digest for intent in state.intents}
        assert recorded <= there
        assert begun <= there | opened
        assert not there & opened, "a binding and its intent change in one step"
        assert all(binding == a_file(a.item, size_bytes=binding.size_bytes) for a, binding in state.bindings.items())
        assert len({binding.size_bytes for binding in state.bindings.values()}) == len(state.bindings)


@pytest.mark.slow
def test_killed_while_the_file_is_made_leaves_it_whole_or_absent(tmp_path: Path) -> None:
    child = "import sys; from pathlib import Path; from llamasync.state.sqlite import SqliteStore\n"
    child += "print(1, flush=True)\nwith SqliteStore(Path(sys.argv[1])).lock('x'): print(2, flush=True); input()"
    for n in range(8):
        path = tmp_path / str(n) / "state.db"
        arguments = [sys.executable, "-c", child, str(path)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(n * 0.001)
            process.kill()
        store = SqliteStore(path)
        assert store.load().bindings == {}
        with store.lock("apply"):
            store.record(a_binding())
        store.close()
        assert list(store.load().bindings) == [a_binding().address]


@pytest.mark.slow
def test_log_of_a_killed_run_that_is_cut_short_gives_an_earlier_state(tmp_path: Path) -> None:
    path, log = tmp_path / "state.db", tmp_path / "state.db-wal"
    run_until(path, 40, "run")
    main, frames = path.read_bytes(), log.read_bytes()
    assert frames
    full = SqliteStore(path).load()
    earlier = len(full.bindings)
    for size in range(len(frames), -1, -max(1, len(frames) // 60)):
        for leftover in tmp_path.iterdir():
            leftover.unlink()
        path.write_bytes(main)
        log.write_bytes(frames[:size])
        state = SqliteStore(path).load()
        assert len(state.bindings) <= earlier
        assert all(full.bindings.get(a) == b for a, b in state.bindings.items())
        earlier = len(state.bindings)
    assert earlier == 0
    assert file_address("run/0/1") in full.bindings


def test_what_is_written_is_on_the_disk_before_it_counts(tmp_path: Path) -> None:
    """A kill of the process shows nothing of this: only where the machine dies is it missed."""
    path = tmp_path / "state.db"
    with contextlib.closing(open_to_write(path, "state.db")) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

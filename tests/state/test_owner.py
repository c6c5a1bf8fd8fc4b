"""Who holds a lock, and what counts as dead."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llamasync.state.owner import is_dead, process_mark, this_owner
from llamasync.state.problems import age
from llamasync.state.store import LockOwner

HERE = f"ann@{os.uname().nodename}"
UNUSED_PID = 2**22 + 1  # above what Linux hands out


def an_owner(pid: int = UNUSED_PID, process: str = "", who: str = HERE) -> LockOwner:
    return LockOwner(who=who, pid=pid, command="apply", since="", token="", process=process)


def fake_proc(folder: Path, *, boot: str = "b1", space: str = "pid:[1]", start: str = "55", state: str = "S") -> Path:
    """A /proc that shows this process and its parent."""
    (folder / "sys/kernel/random").mkdir(parents=True)
    (folder / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
    (folder / "self/ns").mkdir(parents=True)
    (folder / "self/ns/pid").symlink_to(space)
    for pid in (os.getpid(), os.getppid()):
        (folder / str(pid)).mkdir()
        (folder / str(pid) / "stat").write_text(f"{pid} (a) b (c) {state} {' '.join(['0'] * 18)} {start} 0\n")
    return folder


def test_this_process_is_alive() -> None:
    owner = this_owner("apply", datetime(2026, 1, 1, 12, 30, 59, 999999, tzinfo=UTC))
    assert (owner.pid, owner.command, owner.since) == (os.getpid(), "apply", "2026-01-01T12:30:59Z")
    assert owner.token != this_owner("apply", datetime.now(UTC)).token
    assert not is_dead(owner)


def test_mark_is_boot_namespace_and_start(tmp_path: Path) -> None:
    assert process_mark(os.getpid(), fake_proc(tmp_path)) == "b1/pid:[1]/55"


@pytest.mark.parametrize("state", ["Z", "X"])
def test_mark_of_an_ended_process_differs_from_its_own_before(tmp_path: Path, state: str) -> None:
    assert process_mark(os.getpid(), fake_proc(tmp_path, state=state)) == "b1/pid:[1]/dead"


def test_mark_is_empty_where_proc_does_not_tell(tmp_path: Path) -> None:
    assert process_mark(os.getpid(), tmp_path) == ""
    proc = fake_proc(tmp_path / "cut")
    (proc / str(os.getpid()) / "stat").write_text("1 (python) S 0")
    assert process_mark(os.getpid(), proc) == ""


@pytest.mark.parametrize(
    ("process", "dead"),
    [
        ("b1/pid:[1]/55", False),
        ("b1/pid:[1]/54", True),  # the process id was given to another one
        ("b0/pid:[1]/55", True),  # the machine was started again
        ("b1/pid:[2]/54", False),  # another container: its process ids are not ours
    ],
)
def test_owner_with_a_living_process_id_is_told_by_its_mark(tmp_path: Path, process: str, dead: bool) -> None:
    assert is_dead(an_owner(os.getppid(), process), fake_proc(tmp_path)) is dead


def test_without_proc_only_the_process_id_counts(tmp_path: Path) -> None:
    assert is_dead(an_owner(UNUSED_PID), tmp_path)
    assert is_dead(an_owner(2**70), tmp_path)
    assert not is_dead(an_owner(os.getppid()), tmp_path)


def test_owner_elsewhere_counts_as_alive() -> None:
    assert not is_dead(an_owner(who="ann@elsewhere"))


def test_process_of_another_user_is_alive() -> None:
    program = "import os\nfrom llamasync.state.owner import _exists\n"
    program += "if os.geteuid() == 0:\n    os.setgid(65534); os.setuid(65534)\nprint(_exists(1))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "True"


@pytest.mark.parametrize(
    ("error", "dead"), [(PermissionError, False), (ProcessLookupError, True), (OverflowError, True)]
)
def test_only_a_process_that_is_missing_is_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception], dead: bool
) -> None:
    def kill(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "kill", kill)
    assert is_dead(an_owner(), tmp_path) is dead


def test_user_without_a_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert this_owner("apply", datetime.now(UTC)).who == f"{os.getuid()}@{os.uname().nodename}"


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-01-10T12:00:00Z", "less than a minute ago"),
        ("2026-01-10T11:59:00Z", "1 minute ago"),
        ("2026-01-10T11:01:00Z", "59 minutes ago"),
        ("2026-01-10T10:59:00Z", "1 hour ago"),
        ("2026-01-09T12:00:00Z", "1 day ago"),
        ("2025-12-31T12:00:00Z", "10 days ago"),
        ("2026-01-11T12:00:00Z", "less than a minute ago"),  # a clock that was set back
        ("yesterday", "since yesterday"),
        ("2026-01-10T12:00:00", "since 2026-01-10T12:00:00"),
    ],
)
def test_age_is_told_in_a_persons_words(since: str, words: str) -> None:
    assert age(since, datetime(2026, 1, 10, 12, tzinfo=UTC)) == words

"""Who runs this process, and whether the process that took a lock still lives."""

from __future__ import annotations

import getpass
import os
import uuid
from datetime import datetime
from pathlib import Path

from llamasync.state.store import LockOwner

PROC = Path("/proc")


def this_owner(command: str, now: datetime) -> LockOwner:
    """Return the owner that this process is, with a token of its own for each call."""
    return LockOwner(
        who=f"{_user()}@{os.uname().nodename}",
        pid=os.getpid(),
        command=command,
        since=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        token=str(uuid.uuid4()),
        process=process_mark(os.getpid()),
    )


def is_dead(owner: LockOwner, proc: Path = PROC) -> bool:
    """Say whether the owner's process is gone for certain: same host, and no such process, or another one with its id.

    Where that cannot be known (another host, another container of the same host) it counts as alive.
    """
    if owner.who.rpartition("@")[2] != os.uname().nodename:
        return False
    boot, space, start = _split(owner.process)
    our_boot, our_space, _ = _split(process_mark(os.getpid(), proc))
    if boot and our_boot and boot != our_boot:
        return True  # the machine was started again since
    if space != our_space:
        return False  # ids of another container say nothing about ours
    if not _exists(owner.pid):
        return True
    _, _, now_start = _split(process_mark(owner.pid, proc))
    return bool(start and now_start) and start != now_start


def process_mark(pid: int, proc: Path = PROC) -> str:
    """Return `boot/namespace/start time`, which no two processes share; empty where /proc does not tell.

    The start time is "dead" for one that has ended and was not collected by its parent yet.
    """
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text().strip()
        space = os.readlink(proc / "self/ns/pid")
        # The second field, the program's name, may itself hold spaces and brackets. Field 3 is the state, 22 the start.
        fields = (proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return f"{boot}/{space}/{'dead' if fields[0] in 'ZX' else fields[19]}"
    except (OSError, IndexError):
        return ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _split(mark: str) -> tuple[str, str, str]:
    boot, _, rest = mark.partition("/")
    space, _, start = rest.partition("/")
    return boot, space, start


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        return str(os.getuid())

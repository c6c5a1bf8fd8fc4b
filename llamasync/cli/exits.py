"""The exit codes. Scripts depend on them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the process says at its end."""

    DONE = 0
    ERROR = 1
    DIFFERENCES = 2
    PARTIAL = 3
    CHECK_FAILED = 4
    USAGE = 64
    INTERRUPTED = 130

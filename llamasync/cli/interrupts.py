"""Ctrl-C and SIGTERM while something is being changed: the first one stops in good order, the second one at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from llamasync.cli.exits import Exit

_FIRST = "\nStopping: what is in flight is finished and recorded. Again to abort.\n"
_SECOND = "\nAborted. What was in flight is in the journal; the next run looks what became of it.\n"
_SHOW_CURSOR = b"\x1b[?25h"


@contextmanager
def stop_on_signals(*, quietly: bool = False, first: str = _FIRST, second: str = _SECOND) -> Iterator[threading.Event]:
    """Yield an event that the first signal sets. The second one ends the process there and then, with 130.

    Ending so is safe: every intent is durable before its call is sent. `first` and `second` are what is said then;
    `quietly`: somebody else shows that it is stopping. In another thread than the main one no signal is seen.
    """
    stop = threading.Event()

    def stopped(_number: int, _frame: FrameType | None) -> None:
        # No buffered stream here: a handler may run in the midst of a write to it.
        if not stop.is_set():
            stop.set()
            if not quietly:
                _say(first.encode())
            return
        _say(second.encode() + (_SHOW_CURSOR if os.isatty(2) else b""))
        os._exit(Exit.INTERRUPTED)

    previous: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        previous = {number: signal.signal(number, stopped) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, action in previous.items():
            signal.signal(number, action)


def _say(text: bytes) -> None:
    try:
        os.write(2, text)
    except OSError:
        return

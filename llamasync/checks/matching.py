"""Searches texts for the patterns of assertions, in a process of its own that can be ended.

Python's `re` cannot be interrupted, and while it searches no other thread runs: one `(a+)+$` would hang everything,
Ctrl-C too. Patterns that repeat nothing and leave no choice are searched for here, for they cannot take long.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

LIMIT_S = 10.0

_GIVEN_UP = b"given up"
_CAN_TAKE_LONG = re.compile(r"[*+?{|]")
# The alarm is for the day when nobody is left to end it.
_CHILD = """\
import json, re, signal, sys
for line in sys.stdin.buffer:
    pattern, text = json.loads(line)
    signal.alarm(60)
    found = re.search(pattern, text) is not None
    signal.alarm(0)
    print(int(found), flush=True)
"""


class TakesTooLong(Exception):
    """A pattern was not found, and not found to be absent, in the time there is."""


class Patterns:
    """Searches for patterns, one at a time; safe for many threads. Close it in the end."""

    def __init__(self) -> None:
        self._limit_s = LIMIT_S
        self._lock = threading.Lock()
        self._child: Popen[bytes] | None = None

    def finds(self, pattern: str, text: str) -> bool:
        """Say whether the pattern matches somewhere in the text. Raises TakesTooLong, and re.error.

        >>> Patterns().finds("a.c", "xabc")
        True
        """
        if not _CAN_TAKE_LONG.search(pattern):
            return re.search(pattern, text) is not None
        line = json.dumps([pattern, text]).encode() + b"\n"
        with self._lock:
            # One that died of something else, such as a lack of memory, is begun anew once.
            answer = self._ask(line) or self._ask(line)
            if not answer:
                raise TakesTooLong(f"the process that searches for /{pattern}/ died twice")
        if answer == _GIVEN_UP:
            told = f"/{pattern}/ was given up after {self._limit_s:g} s in a text of {len(text):,} characters"
            raise TakesTooLong(told)
        return answer == b"1\n"

    def close(self) -> None:
        """End the process, if one was begun."""
        with self._lock:
            self._end()

    def _ask(self, line: bytes) -> bytes:
        """Return the line that answers, _GIVEN_UP when none came in time, nothing when the process died."""
        from selectors import EVENT_READ, DefaultSelector

        child = self._begun()
        assert child.stdin is not None, "piped"
        assert child.stdout is not None, "piped"
        answer = b""
        with suppress(BrokenPipeError):
            child.stdin.write(line)
            child.stdin.flush()
            with DefaultSelector() as selector:
                selector.register(child.stdout, EVENT_READ)
                answer = child.stdout.readline() if selector.select(self._limit_s) else _GIVEN_UP
        if answer in (b"", _GIVEN_UP):
            self._end()
        return answer

    def _begun(self) -> Popen[bytes]:
        from subprocess import DEVNULL, PIPE, Popen

        if self._child is None:
            # Isolated: nothing of the user's is imported. A session of its own: Ctrl-C in a terminal is not for it.
            words = [sys.executable, "-I", "-S", "-W", "ignore", "-c", _CHILD]
            self._child = Popen(words, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True)  # noqa: S603 ours
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        with suppress(BrokenPipeError), child:  # closes the pipes
            pass
        child.wait()

"""Waits for what the service does on its own: looks again and again, less and less often, until it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from llamasync.api.errors import ApiError
from llamasync.apply.tools import Progress, Tools
from llamasync.core.address import Address
from llamasync.core.codes import CODES
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source

FIRST_LOOK_S = 0.5
LONGEST_S = 10.0
GROWTH = 1.5

Result = TypeVar("Result")


class _Unfinished(ApiError):
    """What a wait came to, other than success. It tells what to do, for there is no place in a manifest that does."""

    def diagnostic(self, address: Address | None = None, source: Source | None = None) -> Diagnostic:
        told = super().diagnostic(address, source)
        return replace(told, hint=told.hint or CODES[told.code].fix)


class TimedOut(_Unfinished):
    """It was not over in time. What goes on in the service goes on; a later run finds it."""

    default_code = "LS418"


class WorkFailed(_Unfinished):
    """It is over, without success. `detail` says what the service says of it."""

    default_code = "LS420"


class StoppedWaiting(_Unfinished):
    """The user asked to end while it went on. A later run finds it."""

    default_code = "LS419"


def wait_for(
    tools: Tools, look: Callable[[], tuple[Result | None, str]], progress: Progress, *, timeout_s: float
) -> Result:
    """Call `look` until it returns a result, and return that.

    `look` returns (None, how far it is, in words) while it goes on; it may raise, which ends the wait. Raises TimedOut
    after `timeout_s` seconds, StoppedWaiting when the user asks to end.
    """
    started_s = tools.clock.monotonic()
    pause_s, told = FIRST_LOOK_S, ""
    while True:
        result, text = look()
        if result is not None:
            return result
        if text != told:
            progress.say(text)
            told = text
        left_s = timeout_s - (tools.clock.monotonic() - started_s)
        if left_s <= 0:
            raise TimedOut(f"after {timeout_s:g} s: {text}")
        if tools.stop.is_set():
            raise StoppedWaiting(text)
        tools.clock.sleep(min(pause_s, left_s))
        pause_s = min(LONGEST_S, pause_s * GROWTH)

"""The record of one request while it is being answered, and the hook that tests hang on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llamasync.emulator.options import Moment, RequestHook
from llamasync.emulator.records import RequestRecord


class Trace:
    """Collects what becomes of a request. The hook is called once before its effect and once after."""

    def __init__(self, record: RequestRecord, hook: RequestHook | None) -> None:
        self.record = record
        self._hook = hook
        self._called: set[Moment] = set()

    def note(self, **values: Any) -> None:
        self.record = replace(self.record, **values)

    def reached(self, moment: Moment) -> None:
        """Call the hook, unless it was called for this moment. Raises what the hook raises."""
        if self._hook is not None and moment not in self._called:
            self._called.add(moment)
            self._hook(self.record, moment)

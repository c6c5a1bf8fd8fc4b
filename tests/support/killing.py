"""Killing: from the n-th request on, before or after it had its effect, nothing gets out of the process any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from llamasync.core.address import Address
from llamasync.state.model import Binding, Intent, Outline, State
from llamasync.state.store import Keep, LockOwner, Store


class Killed(BaseException):
    """The process is gone: no handler of errors may see this as a failed call."""


@dataclass(slots=True)
class Killer:
    """Counts requests while it is armed. At number `at` the process dies, `when` the service has or has not done it."""

    at: int = 0
    when: str = "before"
    count: int = 0
    is_armed: bool = False
    is_dead: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, at: int, when: str) -> None:
        self.at, self.when, self.count, self.is_armed, self.is_dead = at, when, 0, True, False

    def revive(self) -> None:
        self.is_armed = self.is_dead = False

    def check(self) -> None:
        """Raise Killed when the process is dead."""
        if self.is_dead:
            raise Killed

    def wrap(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """Return the WSGI app as a process that is about to die sees it."""

        def dying(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            with self.lock:
                self.check()
                self.count += self.is_armed
                strikes = self.is_armed and self.count == self.at
                if strikes:
                    self.is_dead = True
                    if self.when == "before":
                        raise Killed
            chunks = app(environ, start_response)
            if strikes:
                b"".join(chunks)
                raise Killed
            return chunks

        return dying


class MortalStore:
    """A store whose process may be dead: then nothing is written any more."""

    def __init__(self, inner: Store, killer: Killer) -> None:
        self._inner = inner
        self._killer = killer
        self.location = inner.location

    def load(self, keep: Keep | None = None) -> State:
        return self._inner.load(keep)

    def outline(self) -> Outline:
        return self._inner.outline()

    def lock(self, command: str) -> AbstractContextManager[LockOwner]:
        return self._inner.lock(command)

    def lock_owner(self) -> LockOwner | None:
        return self._inner.lock_owner()

    def force_unlock(self) -> LockOwner | None:
        return self._inner.force_unlock()

    def claim(self, project_id: str, endpoint: str) -> None:
        self._killer.check()
        self._inner.claim(project_id, endpoint)

    def begin(self, intent: Intent) -> Intent:
        self._killer.check()
        return self._inner.begin(intent)

    def record(self, binding: Binding, intent: Intent | None = None) -> None:
        self._killer.check()
        self._inner.record(binding, intent)

    def record_later(self, binding: Binding, intent: Intent) -> None:
        self._killer.check()
        self._inner.record_later(binding, intent)

    def flush(self) -> None:
        self._killer.check()
        self._inner.flush()

    def forget(self, address: Address, intent: Intent | None = None) -> None:
        self._killer.check()
        self._inner.forget(address, intent)

    def rename(self, old: Address, new: Address) -> None:
        self._killer.check()
        self._inner.rename(old, new)

    def close_intent(self, intent: Intent) -> None:
        self._killer.check()
        self._inner.close_intent(intent)

    def close(self) -> None:
        self._inner.close()

"""The Store: what every state backend offers. Backends differ in where they keep it, not in what they promise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.state.model import Binding, Intent, Outline, State


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class LockOwner:
    """Who holds the lock: user@host, process id, command, and since when (RFC 3339).

    `process` tells this process from a later one with the same id; empty where that cannot be known. `took_over` is the
    run that died with the lock in its hands, None when there was none: its intents are still open.
    """

    who: str
    pid: int
    command: str
    since: str
    token: str
    process: str = ""
    took_over: LockOwner | None = None


Keep = Callable[[Binding], bool]


class Store(Protocol):
    """Durable state of one project. All methods may be called from several threads at once.

    Every method raises DiagnosticError (LS5xx) when the backend cannot do what is asked. From `claim` to `replace_all`
    they need the lock, held through the same Store: without it they raise RuntimeError (a bug), and once somebody has
    forced it open, LS504. A value that is no JSON, a Secret above all, raises TypeError before anything is stored.
    """

    @property
    def location(self) -> str:
        """Where the state is, for people."""

    def load(self, keep: Keep | None = None) -> State:
        """Return all that is remembered; an empty State when there is none yet. Changes nothing.

        `keep` is asked of each binding as it is read; what it refuses is left out, and takes no memory.
        """

    def outline(self) -> Outline:
        """Return the outline of what `load` returns, in a fraction of the time. Changes nothing.

        Damage that `load` tells may go unnoticed: what hangs on the outline is what is read first, nothing else.
        """

    def lock(self, command: str) -> AbstractContextManager[LockOwner]:
        """Hold the lock for the length of a `with`. Raises LS504 when another live run holds it."""

    def lock_owner(self) -> LockOwner | None:
        """Return who holds the lock, None when nobody does."""

    def force_unlock(self) -> LockOwner | None:
        """Remove the lock, whoever holds it; return who held it."""

    def claim(self, project_id: str, endpoint: str) -> None:
        """Record the project and endpoint that this state is of."""

    def begin(self, intent: Intent) -> Intent:
        """Make the intent durable before returning; the result carries its number (the argument's is ignored)."""

    def record(self, binding: Binding, intent: Intent | None = None) -> None:
        """Remember what was applied, and close the intent that led to it, in one step."""

    def record_later(self, binding: Binding, intent: Intent) -> None:
        """As `record`, but durable only when a later call returns: the next `begin` makes both durable at once.

        Until then the intent stays open, by which the object is found again. May leave it to `flush` to raise.
        """

    def flush(self) -> None:
        """Wait until everything is durable. Raises what went wrong with a `record_later`."""

    def forget(self, address: Address, intent: Intent | None = None) -> None:
        """Remove a binding (which need not exist), and close an intent, in one step."""

    def rename(self, old: Address, new: Address) -> None:
        """Give a binding another address, also in what needs it and in its intents, in one step.

        Raises LS505 for an unknown `old`, LS506 for a `new` that exists.
        """

    def close_intent(self, intent: Intent) -> None:
        """Close an intent that came to nothing."""

    def replace_all(self, state: State) -> None:
        """Put `state` in place of everything remembered, in one step, for `state push` and `state rebuild`.

        Its lineage is kept, or made up when it is ""; the serial is one above the larger of the two.
        """

    def close(self) -> None:
        """Flush and release everything."""

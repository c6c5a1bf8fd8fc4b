"""What the performers of changes work with, and the ids that are learned while they work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from threading import Event
from typing import Any, Protocol

from llamasync.api.client import Client
from llamasync.core.address import Address
from llamasync.core.clock import Clock
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.kinds.facts import Collection, Kind
from llamasync.live.content import Digests
from llamasync.state.store import Store


class Progress(Protocol):
    """Is told how a change goes on."""

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        """Note how much of an upload was sent."""

    def say(self, text: str) -> None:
        """Note, in a few words for people, what is waited for."""


class TrashBin(Protocol):
    """Keeps bytes that are about to go away."""

    def save(
        self, chunks: Iterable[bytes], *, address: Address, unique_id: str, directory: str, reason: str, at: str
    ) -> str:
        """Keep the bytes; return their SHA-256 (hex)."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything a performer needs. `trash` None: bytes that go away are not kept. `ids` grows as objects are made,
    `known_ids` are of what existed when the plan was made; `other_ids` give the second id of those that have one.
    `file_ids` are those of the bytes that were brought in, `notes` are warnings that fail nothing. `taken_out`: ids of
    what was deleted, or moved out of what it lived in.
    Without `wait` nothing is waited for that the service does on its own (syncs, runs). `stop` says that the user
    wants to end: a wait gives up then. `key` is that of the digests of secrets in the state.
    """

    client: Client
    store: Store
    kinds: Mapping[str, Kind]
    collections: Mapping[str, Collection]
    digests: Digests
    clock: Clock
    trash: TrashBin | None = None
    ids: dict[Address, str] = field(default_factory=dict)
    known_ids: dict[Reference, str] = field(default_factory=dict)
    other_ids: dict[str, str] = field(default_factory=dict)
    file_ids: dict[Address, str] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)
    taken_out: set[str] = field(default_factory=set)
    wait: bool = True
    stop: Event = field(default_factory=Event)
    key: bytes = b""

    def now(self) -> str:
        """Return the time as RFC 3339, UTC."""
        return self.clock.now().isoformat()

    def resolve(self, value: Any) -> Any:
        """Fill in ids that are known now. Secrets stay what they are: the client reveals them. Raises KeyError for a
        bug."""
        if isinstance(value, Reference):
            if value.address in self.ids:
                return self.ids[value.address]
            return value.id or self.known_ids[value]
        if isinstance(value, Mapping):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolve(item) for item in value]
        return value

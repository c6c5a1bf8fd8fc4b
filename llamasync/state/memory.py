"""State in memory, with the semantics of the durable ones: for tests and laws."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import UTC, datetime

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.state.codec import Row, binding_row, intent_row, read_bindings, read_intents
from llamasync.state.model import Binding, Intent, Outline, State
from llamasync.state.owner import this_owner
from llamasync.state.problems import known_address, lock_lost, locked, other_project, unknown_address
from llamasync.state.store import Keep, LockOwner


@lean_dataclass(slots=True)
class _Cells:
    """What is kept, as rows: nothing that a caller still holds can change it."""

    bindings: dict[Address, Row] = field(default_factory=dict)
    intents: dict[int, Row] = field(default_factory=dict)
    project_id: str = ""
    endpoint: str = ""
    lineage: str = ""
    serial: int = 0
    last_number: int = 0
    owner: LockOwner | None = None
    guard: threading.RLock = field(default_factory=threading.RLock)


class MemoryStore:
    """A Store that ends with the process. `MemoryStore(other)` is another run's handle to the same."""

    def __init__(self, other: MemoryStore | None = None) -> None:
        self._cells: _Cells = other._cells if other else _Cells()
        self._token = ""

    @property
    def location(self) -> str:
        return "memory"

    def load(self, keep: Keep | None = None) -> State:
        with self._cells.guard:
            cells = self._cells
            bindings = read_bindings([cells.bindings[address] for address in sorted(cells.bindings)])
            return State(
                bindings=bindings if keep is None else {where: one for where, one in bindings.items() if keep(one)},
                intents=read_intents([(number, *row) for number, row in sorted(cells.intents.items())]),
                project_id=cells.project_id,
                endpoint=cells.endpoint,
                lineage=cells.lineage,
                serial=cells.serial,
            )

    def outline(self) -> Outline:
        return self.load().outline

    def lock_owner(self) -> LockOwner | None:
        return self._cells.owner

    @contextmanager
    def lock(self, command: str) -> Iterator[LockOwner]:
        owner = this_owner(command, datetime.now(UTC))
        with self._cells.guard:
            if self._cells.owner is not None:
                raise locked(self.location, self._cells.owner, datetime.now(UTC))
            self._cells.owner = owner
        self._token = owner.token
        try:
            yield owner
        finally:
            self._release()

    def force_unlock(self) -> LockOwner | None:
        with self._cells.guard:
            owner, self._cells.owner = self._cells.owner, None
        return owner

    def claim(self, project_id: str, endpoint: str) -> None:
        def work(cells: _Cells) -> None:
            if cells.project_id not in {"", project_id}:
                raise other_project(self.location, cells.project_id, project_id)
            cells.project_id, cells.endpoint = project_id, endpoint

        self._write(work)

    def begin(self, intent: Intent) -> Intent:
        row = intent_row(intent)

        def work(cells: _Cells) -> None:
            cells.last_number += 1
            cells.intents[cells.last_number] = row

        return replace(intent, number=self._write(work).last_number)

    def record(self, binding: Binding, intent: Intent | None = None) -> None:
        row = binding_row(binding)

        def work(cells: _Cells) -> None:
            cells.bindings[binding.address] = row
            _close(cells, intent)

        self._write(work)

    def record_later(self, binding: Binding, intent: Intent) -> None:
        self.record(binding, intent)

    def flush(self) -> None:
        pass

    def forget(self, address: Address, intent: Intent | None = None) -> None:
        def work(cells: _Cells) -> None:
            cells.bindings.pop(address, None)
            _close(cells, intent)

        self._write(work)

    def rename(self, old: Address, new: Address) -> None:
        def renamed(address: Address) -> Address:
            return new if address == old else address

        def work(cells: _Cells) -> None:
            if old not in cells.bindings:
                raise unknown_address(old)
            if new in cells.bindings:
                raise known_address(new)
            bindings = read_bindings(list(cells.bindings.values())).values()
            cells.bindings = _binding_rows(
                [replace(b, address=renamed(b.address), needs=tuple(map(renamed, b.needs))) for b in bindings]
            )
            intents = read_intents([(number, *row) for number, row in cells.intents.items()])
            cells.intents = {i.number: intent_row(replace(i, address=renamed(i.address))) for i in intents}

        self._write(work)

    def close_intent(self, intent: Intent) -> None:
        self._write(lambda cells: _close(cells, intent))

    def replace_all(self, state: State) -> None:
        bindings = _binding_rows(list(state.bindings.values()))
        intents = {intent.number: intent_row(intent) for intent in state.intents}

        def work(cells: _Cells) -> None:
            cells.bindings, cells.intents = bindings, intents
            cells.project_id, cells.endpoint, cells.lineage = state.project_id, state.endpoint, state.lineage
            cells.serial = max(cells.serial, state.serial)
            cells.last_number = max([cells.last_number, *intents])

        self._write(work)

    def close(self) -> None:
        self._release()

    def _write(self, work: Callable[[_Cells], None]) -> _Cells:
        """Do the work under the guard and count it; return a copy of the cells as they were right after."""
        if not self._token:
            raise RuntimeError("the state was to be written without the lock")
        with self._cells.guard:
            owner = self._cells.owner
            if owner is None or owner.token != self._token:
                raise lock_lost(self.location, owner)
            work(self._cells)
            self._cells.serial += 1
            self._cells.lineage = self._cells.lineage or str(uuid.uuid4())
            return replace(self._cells)

    def _release(self) -> None:
        token, self._token = self._token, ""
        with self._cells.guard:
            if self._cells.owner is not None and self._cells.owner.token == token:
                self._cells.owner = None


def _binding_rows(bindings: Sequence[Binding]) -> dict[Address, Row]:
    return {binding.address: binding_row(binding) for binding in bindings}


def _close(cells: _Cells, intent: Intent | None) -> None:
    if intent is not None:
        cells.intents.pop(intent.number, None)

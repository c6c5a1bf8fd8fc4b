"""State in a local SQLite file: the default. For one machine: the file must not lie on a network share."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.state import statements as sql
from llamasync.state.codec import (
    Part,
    Row,
    address_parts,
    binding_row,
    intent_row,
    needs_text,
    read_bindings,
    read_intents,
)
from llamasync.state.group_commit import GroupCommit, Result, Work
from llamasync.state.model import Binding, Intent, Outline, State
from llamasync.state.owner import is_dead, this_owner
from llamasync.state.problems import (
    damaged,
    known_address,
    lock_lost,
    locked,
    other_project,
    unknown_address,
    unreadable,
)
from llamasync.state.sqlite_file import open_to_read, open_to_write, translate
from llamasync.state.store import Keep, LockOwner

_ROWS = 200


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SqliteStore:
    """A Store in one SQLite file (WAL, synchronous = FULL). Writes of many threads share their fsync (GroupCommit)."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = _utc_now) -> None:
        """`path` need not exist: the first `lock` makes it. `clock` gives the aware time that locks are dated with."""
        self._path = path
        self._clock = clock
        self._token = ""
        self._writer = GroupCommit(
            connect=lambda: open_to_write(path, self.location),
            seal=_seal,
            translate=lambda error: translate(error, self.location),
        )

    @property
    def location(self) -> str:
        """The path, relative to where the user stands when it is below."""
        with contextlib.suppress(ValueError, OSError):
            return str(self._path.absolute().relative_to(Path.cwd()))
        return str(self._path)

    def load(self, keep: Keep | None = None) -> State:
        """Return all that is remembered, as of one moment; an empty State when there is no file. Creates no state."""
        return self._read(lambda connection: _load(connection, keep), State())

    def outline(self) -> Outline:
        """Return the outline of what is remembered; an empty one when there is no file. Creates no state."""
        return self._read(_outline, Outline(), in_full=False)

    def lock_owner(self) -> LockOwner | None:
        """Return who holds the lock, None when nobody does; a dead owner's lock is still shown."""
        return self._read(_owner, None)

    @contextmanager
    def lock(self, command: str) -> Iterator[LockOwner]:
        """Hold the lock for a `with`. A dead run's is taken over (`took_over`), a live one's is LS504."""
        owner = this_owner(command, self._clock())
        took_over = self._writer.run(lambda connection: self._take(connection, owner), counts=False)
        self._token = owner.token
        try:
            yield replace(owner, took_over=took_over)
        except BaseException:
            with contextlib.suppress(DiagnosticError):  # the first error is the one that matters
                self._release()
            raise
        self._release()

    def force_unlock(self) -> LockOwner | None:
        """Remove the lock, whoever holds it; return who held it. Makes no file."""
        if self.lock_owner() is None:
            return None

        def work(connection: sqlite3.Connection) -> LockOwner | None:
            owner = _owner(connection)
            connection.execute(sql.DELETE_ANY_LOCK)
            return owner

        return self._writer.run(work, counts=False)

    def claim(self, project_id: str, endpoint: str) -> None:
        """Record whose state this is. Raises LS501 when it is another project's; another endpoint is taken down."""

        def work(connection: sqlite3.Connection) -> None:
            (known,) = connection.execute(sql.READ_PROJECT).fetchone()
            if known not in {"", project_id}:
                raise other_project(self.location, known, project_id)
            connection.execute(sql.CLAIM, (project_id, endpoint))

        self._write(work)

    def begin(self, intent: Intent) -> Intent:
        """Make the intent durable; numbers grow and are never given twice."""
        row = intent_row(intent)
        number = self._write(lambda connection: connection.execute(sql.PUT_INTENT, (None, *row)).lastrowid)
        return replace(intent, number=number or 0)

    def record(self, binding: Binding, intent: Intent | None = None) -> None:
        """Remember what was applied, and close the intent that led to it, in one step."""
        self._write(_recording(binding, intent))

    def record_later(self, binding: Binding, intent: Intent) -> None:
        """As `record`, durable when a later call returns."""
        self._writer.run_later(self._guarded(_recording(binding, intent)))

    def flush(self) -> None:
        """Wait until everything is durable. Raises what went wrong with a `record_later`."""
        self._writer.flush()

    def forget(self, address: Address, intent: Intent | None = None) -> None:
        """Remove a binding (which need not exist), and close an intent, in one step."""
        parts = address_parts(address)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sql.DELETE_BINDING, parts)
            _close_intent(connection, intent)

        self._write(work)

    def rename(self, old: Address, new: Address) -> None:
        """Give a binding another address, also in what needs it and in its intents. Raises LS505, LS506."""
        before, after = address_parts(old), address_parts(new)
        needed, instead = needs_text(old), needs_text(new)

        def work(connection: sqlite3.Connection) -> None:
            if not _knows(connection, before):
                raise unknown_address(old)
            if _knows(connection, after):
                raise known_address(new)
            connection.execute(sql.RENAME_BINDING, (*after, *before))
            connection.execute(sql.RENAME_INTENT, (*after, *before))
            connection.execute(sql.RENAME_NEEDS, (needed, instead, needed))

        self._write(work)

    def close_intent(self, intent: Intent) -> None:
        """Close an intent that came to nothing; one that is closed already is no problem."""
        self._write(lambda connection: _close_intent(connection, intent))

    def replace_all(self, state: State) -> None:
        """Put `state` in place of everything remembered, in one transaction."""
        bindings = [binding_row(binding) for binding in state.bindings.values()]
        intents = [(intent.number, *intent_row(intent)) for intent in state.intents]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sql.DELETE_BINDINGS)
            connection.execute(sql.DELETE_INTENTS)
            connection.executemany(sql.PUT_BINDING, bindings)
            connection.executemany(sql.PUT_INTENT, intents)
            connection.execute(sql.PUT_META, (state.project_id, state.endpoint, state.lineage, state.serial))

        self._write(work)

    def close(self) -> None:
        """Finish what is waiting, give back the lock if it is held, and let go of the file. May be called again."""
        with contextlib.suppress(DiagnosticError, RuntimeError):
            self._release()
        self._writer.close()

    def _read(self, look: Callable[[sqlite3.Connection], Result], otherwise: Result, *, in_full: bool = True) -> Result:
        try:
            connection = open_to_read(self._path, self.location, in_full=in_full)
            if connection is None:
                return otherwise
            with closing(connection):
                return look(connection)
        except sqlite3.Error as error:
            raise translate(error, self.location, unreadable) from None
        except (ValueError, TypeError) as error:  # rows that no llamasync wrote
            raise damaged(self.location, str(error)) from None

    def _write(self, work: Work[Result]) -> Result:
        return self._writer.run(self._guarded(work))

    def _guarded(self, work: Work[Result]) -> Work[Result]:
        """Let `work` see that the lock is still ours when its turn comes."""
        token = self._token
        if not token:
            raise RuntimeError("the state was to be written without the lock")

        def guarded(connection: sqlite3.Connection) -> Result:
            owner = connection.execute(sql.READ_TOKEN).fetchone()
            if owner != (token,):
                raise lock_lost(self.location, _owner(connection))
            return work(connection)

        return guarded

    def _take(self, connection: sqlite3.Connection, owner: LockOwner) -> LockOwner | None:
        """Write our lock; return the dead owner of the one that was there. Raises LS504 for a living one."""
        holder = _owner(connection)
        if holder is not None and not is_dead(holder):
            raise locked(self.location, holder, self._clock())
        values = (owner.token, owner.who, owner.pid, owner.process, owner.command, owner.since)
        connection.execute(sql.PUT_LOCK, values)
        return holder

    def _release(self) -> None:
        token, self._token = self._token, ""
        if token:
            self._writer.run(lambda connection: connection.execute(sql.DELETE_LOCK, (token,)), counts=False)


def _recording(binding: Binding, intent: Intent | None) -> Work[None]:
    row = binding_row(binding)

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(sql.PUT_BINDING, row)
        _close_intent(connection, intent)

    return work


def _load(connection: sqlite3.Connection, keep: Keep | None) -> State:
    project_id, endpoint, lineage, serial = _only(connection.execute(sql.READ_META).fetchall())
    rows = connection.execute(sql.READ_BINDINGS)
    bindings: dict[Address, Binding] = {}
    while some := rows.fetchmany(_ROWS):  # all at once would be slower, for the memory that it takes
        made = read_bindings(some)
        bindings |= {address: one for address, one in made.items() if keep(one)} if keep else made
    intents = connection.execute(sql.READ_INTENTS).fetchall()
    return State(
        bindings=bindings,
        intents=read_intents(intents),
        project_id=project_id,
        endpoint=endpoint,
        lineage=lineage,
        serial=serial,
    )


def _outline(connection: sqlite3.Connection) -> Outline:
    project_id, *_ = _only(connection.execute(sql.READ_META).fetchall())
    return Outline(project_id=project_id, places=frozenset(connection.execute(sql.READ_PLACES).fetchall()))


def _owner(connection: sqlite3.Connection) -> LockOwner | None:
    row = connection.execute(sql.READ_LOCK).fetchone()
    if row is None:
        return None
    token, who, pid, process, command, since = row
    return LockOwner(token=token, who=who, pid=pid, process=process, command=command, since=since)


def _only(rows: list[Row]) -> Row:
    if len(rows) != 1:
        raise ValueError(f"{len(rows)} rows in meta instead of one")
    return rows[0]


def _knows(connection: sqlite3.Connection, parts: Part) -> bool:
    return connection.execute(sql.KNOWS_BINDING, parts).fetchone() is not None


def _close_intent(connection: sqlite3.Connection, intent: Intent | None) -> None:
    if intent is not None:
        connection.execute(sql.DELETE_INTENT, (intent.number,))


def _seal(connection: sqlite3.Connection) -> None:
    """Count the commit; the first one gives the state its lineage."""
    connection.execute(sql.SEAL, (str(uuid.uuid4()),))

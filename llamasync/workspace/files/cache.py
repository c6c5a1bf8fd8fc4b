"""FileCache: what the files were found to hold, by path and stat, so that an unchanged file need not be read again.

Beside that, how long documents are, by their content: that never changes, so it is kept for good.

It is only a cache, at `.llamasync/cache.db`: whatever goes wrong with it costs time and nothing else. A damaged one
is thrown away; where it cannot be written (a read-only folder, a full disk, another process that holds it long) files
are read again.

Promise: a value is given only for the size, modification time, change time and inode under which it was found, and is
only kept when both times were at least two seconds old by then. So a write is noticed even when it restores size and
modification time, on any file system whose change times are true to two seconds. Bits that rot inside the database
are not noticed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from llamasync.workspace.files.hashing import Signature

if TYPE_CHECKING:
    import sqlite3

FOLDER = ".llamasync"
SETTLED_NS = 2_000_000_000
_VERSION = 1
_ROWS = 1000
_WAIT_S = 2.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, inode INTEGER, value TEXT
) WITHOUT ROWID
"""
_LENGTHS_SCHEMA = "CREATE TABLE IF NOT EXISTS lengths (content TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"
_COLUMNS = "size, mtime_ns, ctime_ns, inode, value"
# SQLite's codes for a database that is not what we wrote: ERROR (no such column), IOERR (cut short), CORRUPT, NOTADB.
_DAMAGED = frozenset({1, 10, 11, 26})
_MAX_INTEGER = 2**63

Row = tuple[str, int, int, int, int, str]


class FileCache:
    """The cache of one workspace. Its methods never raise; use it from one thread. Paths are relative to `root`."""

    def __init__(self, root: Path, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        self.path = root / FOLDER / "cache.db"
        self.now_ns = now_ns
        self._connection: sqlite3.Connection | None = None
        self._unusable = False

    def rows(self, folder: str) -> Iterator[Row]:
        """Iterate over what is known of the files below `folder` ("" or with a last `/`), sorted and relative to it."""
        end = folder[:-1] + "0" if folder else chr(0x10FFFF)  # "0" comes right after "/"
        query = f"SELECT substr(path, ?), {_COLUMNS} FROM files WHERE path >= ? AND path < ? ORDER BY path"  # noqa: S608
        yield from self._select(query, (len(folder) + 1, folder, end))

    def row(self, path: str) -> Row | None:
        """Return what is known of one file."""
        return next(self._select(f"SELECT path, {_COLUMNS} FROM files WHERE path = ?", (path,)), None)  # noqa: S608

    def save(self, values: Iterable[tuple[str, Signature, str]], looked_at_ns: int, gone: Iterable[str] = ()) -> None:
        """Keep the values of files that were looked at not before `looked_at_ns`, and forget those that are `gone`.

        Values of files that changed shortly before are not kept: a later change might leave no trace in their stat.
        """
        rows = [(path, *stat, value) for path, stat, value in values if _is_settled(stat, looked_at_ns)]
        removed = [(path,) for path in gone]
        if not rows and not removed:
            return
        with self._guard():
            connection = self._open()
            if connection is not None:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("DELETE FROM files WHERE path = ?", removed)
                connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)
                connection.execute("COMMIT")

    def lengths(self, contents: Iterable[str]) -> dict[str, str]:
        """Return what is known of these contents."""
        found = {}
        with self._guard():
            connection = self._open()
            if connection is not None:
                connection.execute(_LENGTHS_SCHEMA)
                for content in contents:
                    row = connection.execute("SELECT value FROM lengths WHERE content = ?", (content,)).fetchone()
                    if row is not None:
                        found[content] = str(row[0])
        return found

    def keep_lengths(self, values: Mapping[str, str]) -> None:
        """Keep what was found of contents."""
        with self._guard():
            connection = self._open()
            if connection is not None:
                connection.execute(_LENGTHS_SCHEMA)
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO lengths VALUES (?, ?)", values.items())
                connection.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with self._guard():
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def _select(self, query: str, arguments: tuple[Any, ...]) -> Iterator[Row]:
        with self._guard():
            connection = self._open()
            if connection is not None:
                found = connection.execute(query, arguments)
                while rows := found.fetchmany(_ROWS):
                    yield from rows

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Swallow errors of the database, after which the cache goes on without it."""
        import sqlite3

        try:
            yield
        except sqlite3.Error as error:
            self._give_up(error)

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is None and not self._unusable:
            import sqlite3

            with suppress(OSError):
                self.path.parent.mkdir(exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
            self._connection = connection
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != _VERSION:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("DROP TABLE IF EXISTS files")
                connection.execute(_SCHEMA)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
                connection.execute("COMMIT")
            connection.execute("PRAGMA synchronous = NORMAL")
        return self._connection

    def _give_up(self, error: sqlite3.Error) -> None:
        """Go on without the database after `error`; a damaged one is removed, and made anew when next it is needed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()
        if getattr(error, "sqlite_errorcode", 1) & 0xFF in _DAMAGED and not self._unusable:
            try:
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            except OSError:
                self._unusable = True
        else:
            self._unusable = True


def _is_settled(stat: Signature, looked_at_ns: int) -> bool:
    size, modified_ns, changed_ns, _ = stat
    latest = max(modified_ns, changed_ns)
    return latest < looked_at_ns - SETTLED_NS and modified_ns >= -_MAX_INTEGER and size < _MAX_INTEGER

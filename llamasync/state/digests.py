"""What is known of the bytes of live files: file id -> (sha256, size). A file's bytes never change, so nothing expires.

A cache: it can be thrown away at any time, so it never raises. What cannot be kept on disk is kept in memory.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

Known = tuple[str, int]

_APPLICATION_ID = 0x4C534447  # "LSDG"
_FORMAT = 1
_BATCH = 200  # a transaction for each upload is a twentieth of all the work it makes
_BUSY_TIMEOUT_S = 10.0
_SCHEMA = """
PRAGMA application_id = 1280525383;
PRAGMA user_version = 1;
CREATE TABLE IF NOT EXISTS digest (file_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL)
    WITHOUT ROWID;
"""
_GET = "SELECT sha256, size_bytes FROM digest WHERE file_id = ?"
_PUT = "INSERT OR REPLACE INTO digest (file_id, sha256, size_bytes) VALUES (?, ?, ?)"
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SHA256 = re.compile(r"[0-9a-f]{64}")


class DigestCache:
    """Digests by file id, in a SQLite file of its own. All methods may be called from several threads. Never raises."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._learned: dict[str, Known] = {}  # while this process runs, also when the file fails
        self._unsaved: dict[str, Known] = {}
        self._guard = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened = False

    def get_many(self, file_ids: Iterable[str]) -> dict[str, Known]:
        """Return sha256 (hex) and size in bytes of those that are known."""
        with self._guard:
            result = {}
            for file_id in file_ids:
                known = self._learned.get(file_id) or self._stored(file_id)
                if known is not None:
                    result[file_id] = known
            return result

    def put_many(self, known: Mapping[str, Known]) -> None:
        """Remember the digests of files that were downloaded or uploaded. What is no SHA-256 in hex is left out."""
        good = {file_id: (sha256, size) for file_id, (sha256, size) in known.items() if _SHA256.fullmatch(sha256)}
        with self._guard:
            self._learned |= good
            self._unsaved |= good
            if len(self._unsaved) >= _BATCH:
                self._save()

    def close(self) -> None:
        """Write what is not written yet, and let go of the file. May be called again."""
        with self._guard:
            self._save()
            self._drop()

    def _save(self) -> None:
        rows = [(file_id, *value) for file_id, value in self._unsaved.items()]
        self._unsaved = {}
        connection = self._open() if rows else None
        if connection is None:
            return
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_PUT, rows)
        except (sqlite3.Error, UnicodeError):
            self._drop()

    def _stored(self, file_id: str) -> Known | None:
        connection = self._open()
        if connection is None:
            return None
        try:
            row = connection.execute(_GET, (file_id,)).fetchone()
        except (sqlite3.Error, UnicodeError):
            self._drop()
            return None
        if row is None or not isinstance(row[0], str) or not _SHA256.fullmatch(row[0]) or type(row[1]) is not int:
            return None
        return row[0], row[1]

    def _open(self) -> sqlite3.Connection | None:
        """Return the connection, opened at the first call; None when the file cannot be used."""
        if not self._opened:
            self._opened = True
            self._connection = _connect(self._path)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection, self._opened = self._connection, None, True
        if connection is not None:
            connection.close()


def _connect(path: Path) -> sqlite3.Connection | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _prepared(path)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _DAMAGED:
                return None  # locked, not allowed: it may be good
        for suffix in ("", "-journal", "-wal", "-shm"):  # damaged: made anew, it only costs time
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _prepared(path)
    except (OSError, sqlite3.Error):
        return None


def _prepared(path: Path) -> sqlite3.Connection | None:
    """Open the file and see that it is ours; None when it is another application's, or of a later format."""
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and (application_id, version) != (_APPLICATION_ID, _FORMAT):
            connection.close()
            return None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        if not tables:
            connection.executescript(_SCHEMA)
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
    except BaseException:
        connection.close()
        raise
    return connection

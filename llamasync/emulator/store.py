"""The durable store: one SQLite file in WAL mode, one connection, one transaction at a time. Safe for many threads."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import uuid
from base64 import b32hexencode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llamasync.emulator.index_schema import INDEX_SCHEMA
from llamasync.emulator.schema import SCHEMA


class Store:
    """An open store. `path` None keeps it in memory. A file that exists keeps the seed it was made with."""

    def __init__(self, path: Path | None, seed: int) -> None:
        self._lock = threading.RLock()
        target = ":memory:" if path is None else str(path)
        self._db = sqlite3.connect(target, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(f"BEGIN IMMEDIATE;{SCHEMA}{INDEX_SCHEMA}COMMIT;")
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO counter VALUES (1, 0)")
            db.execute("INSERT OR IGNORE INTO settings VALUES ('seed', ?)", (str(seed),))
            self.seed = str(db.execute("SELECT value FROM settings WHERE name = 'seed'").fetchone()[0])

    @contextmanager
    def transaction(self, *, reads_only: bool = False) -> Iterator[sqlite3.Connection]:
        """Hold the store for one unit of work: committed at the end, rolled back when it raises."""
        with self._lock:
            self._db.execute("BEGIN" if reads_only else "BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._db.close()


class Identities:
    """Makes ids that look like the service's, the same ones for the same seed and the same order of calls."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def next_sequence(self, db: sqlite3.Connection) -> int:
        return int(db.execute("UPDATE counter SET value = value + 1 RETURNING value").fetchone()[0])

    def prefixed(self, prefix: str, sequence: int) -> str:
        return f"{prefix}-{b32hexencode(self._digest(prefix, sequence)).decode().lower()[:26]}"

    def uuid(self, kind: str, sequence: int) -> str:
        return str(uuid.UUID(bytes=self._digest(kind, sequence), version=4))

    def _digest(self, kind: str, sequence: int) -> bytes:
        return hashlib.sha256(f"{self._seed}:{kind}:{sequence}".encode()).digest()[:16]

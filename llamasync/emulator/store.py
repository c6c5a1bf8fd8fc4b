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

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (only INTEGER PRIMARY KEY CHECK (only = 1), value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS projects (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, organization_id TEXT NOT NULL,
  organization_name TEXT NOT NULL, is_default INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS directories (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
  type TEXT NOT NULL, connector_subscription_id TEXT, system_metadata TEXT, expires_at TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS directories_name ON directories (project_id, name);
CREATE TABLE IF NOT EXISTS files (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, name TEXT NOT NULL, external_file_id TEXT,
  file_type TEXT, purpose TEXT, sha256 TEXT NOT NULL, size INTEGER NOT NULL, content_type TEXT,
  created_at TEXT NOT NULL, expires_at TEXT, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS files_name ON files (project_id, name);
CREATE INDEX IF NOT EXISTS files_external ON files (project_id, external_file_id);
CREATE TABLE IF NOT EXISTS directory_files (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, directory_id TEXT NOT NULL,
  unique_id TEXT NOT NULL, display_name TEXT NOT NULL, file_id TEXT, user_metadata TEXT NOT NULL,
  system_metadata TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS directory_files_order ON directory_files (directory_id, seq);
CREATE INDEX IF NOT EXISTS directory_files_unique ON directory_files (directory_id, unique_id);
CREATE INDEX IF NOT EXISTS directory_files_display ON directory_files (directory_id, display_name);
CREATE INDEX IF NOT EXISTS directory_files_file ON directory_files (file_id);
CREATE TABLE IF NOT EXISTS configurations (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, name TEXT NOT NULL,
  product_type TEXT NOT NULL, version INTEGER NOT NULL, parameters TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS configurations_name ON configurations (project_id, product_type, name);
"""


class Store:
    """An open store. `path` None keeps it in memory. A file that exists keeps the seed it was made with."""

    def __init__(self, path: Path | None, seed: int) -> None:
        self._lock = threading.RLock()
        target = ":memory:" if path is None else str(path)
        self._db = sqlite3.connect(target, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(f"BEGIN IMMEDIATE;{SCHEMA}COMMIT;")
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

"""The state's SQLite file: how it is made, opened and distrusted. A file that is not ours is left untouched."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path

from llamasync.core.diagnostic import DiagnosticError
from llamasync.state.problems import busy, damaged, newer, unreadable, unwritable
from llamasync.state.publish import publish
from llamasync.state.statements import APPLICATION_ID, FORMAT, SCHEMA

BUSY_TIMEOUT_S = 10.0
READ_CACHE_KIB = 100  # each page is read once: a cache of them all would only be memory to ask for, 500 pages of it

_MAGIC = b"SQLite format 3\0"


def open_to_read(path: Path, location: str, *, in_full: bool = True) -> sqlite3.Connection | None:
    """Open the state for one consistent look; None when there is none. Raises LS502, LS503, LS510, sqlite3.Error.

    Unless `in_full` its pages are not all looked at, so that some damage goes unnoticed.
    """
    if not _check_outside(path, location):
        return None
    try:
        return _look(path, location, "mode=ro", in_full=in_full)
    except sqlite3.OperationalError as error:
        if _primary_code(error) not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} or _has_wal(path):
            raise
        # A folder that may not be written: SQLite cannot make its shared memory there. Nobody else can write either.
        return _look(path, location, "mode=ro&immutable=1", in_full=in_full)


def open_to_write(path: Path, location: str) -> sqlite3.Connection:
    """Open the state to change it, made when there is none. Raises LS502, LS503, LS507, LS510, sqlite3.Error."""
    if not _check_outside(path, location):
        _create(path, location)
    connection = _connect(path, "mode=rw")
    try:
        connection.execute("PRAGMA synchronous = FULL")
        _check_inside(connection, location)
    except BaseException:
        connection.close()
        raise
    return connection


def translate(
    error: sqlite3.Error, location: str, otherwise: Callable[[str, str], DiagnosticError] = unwritable
) -> Exception:
    """Return what an error of SQLite means to the user; the error itself when it can only be a bug.

    `otherwise` makes the problem of an error that is neither damage nor somebody else's use of the file.
    """
    code = _primary_code(error)
    if code is None:  # from the module, not from SQLite: "Could not decode to UTF-8" is damage, anything else a bug
        return damaged(location, str(error)) if isinstance(error, sqlite3.OperationalError) else error
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}:
        return damaged(location, str(error))
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return busy(location)
    return otherwise(location, str(error))


def _check_outside(path: Path, location: str) -> bool:
    """Check what can be seen without SQLite; say whether there is a file at all."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
            size_bytes = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        if _has_wal(path):
            raise damaged(location, f"it is gone, while its log {path.name}-wal is still there") from None
        return False
    except IsADirectoryError:
        raise damaged(location, "it is a folder") from None
    except OSError as error:
        raise unreadable(location, error.strerror or str(error)) from None
    if len(header) < 100 and _MAGIC.startswith(header[:16]):
        raise damaged(location, f"it is cut short, to {size_bytes} bytes")
    if not header.startswith(_MAGIC):
        raise damaged(location, "it is not a SQLite file")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise damaged(location, "it is a SQLite file of another application")
    page_size = int.from_bytes(header[16:18], "big")
    expected = page_size * int.from_bytes(header[28:32], "big")
    if size_bytes < expected and not _has_wal(path):
        raise damaged(location, f"it is cut short, to {size_bytes} of {expected} bytes")
    return True


def _check_inside(connection: sqlite3.Connection, location: str, *, in_full: bool = True) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise newer(location, version, FORMAT)
    if not in_full:
        return
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(location, verdict)


def _look(path: Path, location: str, mode: str, *, in_full: bool) -> sqlite3.Connection:
    connection = _connect(path, mode)
    try:
        connection.execute(f"PRAGMA cache_size = -{READ_CACHE_KIB}")
        connection.execute("BEGIN")
        _check_inside(connection, location, in_full=in_full)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


def _create(path: Path, location: str) -> None:
    """Make an empty state beside its place, then move it there whole: a kill leaves the file complete or absent."""
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(SCHEMA)
        publish(unfinished, path)  # False: another process was first, and its file is as good
    except sqlite3.Error as error:
        raise translate(error, location) from None
    except OSError as error:
        raise unwritable(location, error.strerror or str(error)) from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _has_wal(path: Path) -> bool:
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except OSError:
        return False


def _primary_code(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF

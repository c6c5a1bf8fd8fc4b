"""The beginning of a sync: what the directory holds at that moment is written down, the work comes later."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from llamasync.emulator.calls import Call
from llamasync.emulator.rows import insert
from llamasync.emulator.times import format_time

FILES = """SELECT directory_files.*, files.sha256, files.name AS stored_name FROM directory_files LEFT JOIN files
    ON files.id = file_id AND files.deleted_at IS NULL
    WHERE directory_id = ? AND directory_files.deleted_at IS NULL ORDER BY directory_files.seq"""
PARSED = """SELECT parsed_seq, parsed_id FROM index_files JOIN index_syncs ON index_syncs.seq = sync_seq
    WHERE index_seq = ? AND source_id = ? ORDER BY index_files.seq DESC LIMIT 1"""


def start_sync(call: Call, index: Mapping[str, Any] | sqlite3.Row) -> None:
    """Begin a sync. It ends when the clock has moved by its duration and somebody looks."""
    directory = index["source_directory_id"]
    gone = call.one("SELECT 1 FROM directories WHERE id = ? AND deleted_at IS NOT NULL", directory)
    duration = timedelta(milliseconds=call.switches.sync_duration_ms)
    sequence = call.new_sequence()
    sync = {
        "seq": sequence,
        "index_seq": index["seq"],
        "started_at": call.now,
        "working_at": format_time(call.moment + duration / 4),
        "ends_at": format_time(call.moment + duration),
        "status": "running",
        "doomed": f"Source directory {directory} not found" if gone else take_failure(call, "sync", directory),
        "error": None,
    }
    insert(call.db, "index_syncs", sync)
    for file in call.db.execute(FILES, (directory,)).fetchall():
        _write_down(call, index["seq"], sequence, file)


def take_failure(call: Call, area: str, target: str) -> str | None:
    """Use up the next failure that a test has planned for a target; None when there is none."""
    sql = "SELECT * FROM planned_failures WHERE area = ? AND target IN (?, '') ORDER BY seq LIMIT 1"
    row = call.one(sql, area, target)
    if row is None:
        return None
    call.db.execute("DELETE FROM planned_failures WHERE seq = ?", (row["seq"],))
    return str(row["message"])


def _write_down(call: Call, index_seq: int, sync_seq: int, file: sqlite3.Row) -> None:
    sequence = call.new_sequence()
    before = call.one(PARSED, index_seq, file["id"])
    row = {
        "seq": sequence,
        "sync_seq": sync_seq,
        "source_id": file["id"],
        "unique_id": file["unique_id"],
        "parsed_seq": before["parsed_seq"] if before else sequence,
        "parsed_id": before["parsed_id"] if before else call.services.identities.prefixed("dfl", sequence),
        "file_id": file["file_id"],
        "file_name": file["display_name"],
        "stored_name": file["stored_name"],
        "sha256": file["sha256"],
        "metadata": file["user_metadata"],
        "status": "waiting",
        "error": None,
        "text": None,
    }
    insert(call.db, "index_files", row)

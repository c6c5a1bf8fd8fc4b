"""The work of batches: every file of a directory, or of a list, one after the other, each with an end of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from llamasync.emulator.calls import Call
from llamasync.emulator.errors import not_found
from llamasync.emulator.extraction import extracted_blob, format_of
from llamasync.emulator.jobs.records import Outcome, phase_of
from llamasync.emulator.rows import insert
from llamasync.emulator.times import format_time

SOURCES = """SELECT directory_files.id, directory_files.display_name, files.id AS file_id, files.name, files.sha256
    FROM directory_files LEFT JOIN files ON files.id = directory_files.file_id AND files.deleted_at IS NULL
    WHERE directory_files.deleted_at IS NULL AND directory_files.project_id = ?"""


def files_of_directory(call: Call, directory_id: str) -> list[sqlite3.Row]:
    """Return what a directory holds now, in the order it came."""
    sql = f"{SOURCES} AND directory_id = ? ORDER BY directory_files.seq"
    return call.db.execute(sql, (call.project_id, directory_id)).fetchall()


def files_of_ids(call: Call, identities: Sequence[str]) -> list[sqlite3.Row]:
    """Return directory files by their ids, each once. Raises Refusal 404 for the first that is not there."""
    found = []
    for identity in dict.fromkeys(identities):
        row = call.one(f"{SOURCES} AND directory_files.id = ?", call.project_id, identity)
        if row is None:
            raise not_found("Item", identity)
        found.append(row)
    return found


def add_items(call: Call, job: Mapping[str, Any], files: Sequence[sqlite3.Row], prefix: str) -> None:
    """Work on each file and record what came of it; the time of the job is shared out among them."""
    starts, ends = (datetime.fromisoformat(job[name]) for name in ("starts_at", "ends_at"))
    share = (ends - starts) / max(1, len(files))
    for position, file in enumerate(files):
        outcome = Outcome("failed", None, job["error"]) if job["outcome"] == "failed" else _work(call, file)
        sequence = call.new_sequence()
        done = outcome.word == "completed"
        row = {
            "seq": sequence,
            "job_seq": job["seq"],
            "item_id": file["id"],
            "name": file["display_name"],
            "file_id": file["file_id"],
            "reference": call.services.identities.prefixed(prefix, sequence) if done else None,
            "outcome": outcome.word,
            "error": outcome.error,
            "starts_at": format_time(starts + share * position),
            "ends_at": format_time(starts + share * (position + 1)),
        }
        insert(call.db, "job_items", row)


def _work(call: Call, file: sqlite3.Row) -> Outcome:
    """Read one file: completed, failed when it is damaged, skipped when its type has no text."""
    if file["file_id"] is None:
        return Outcome("failed", None, "the file was deleted")
    found, content = extracted_blob(call.db, call.services.blobs, file["name"], file["sha256"])
    if not format_of(file["name"], content):
        return Outcome("skipped", None, f"{file['name']}: unsupported file type")
    return Outcome("failed", None, f"{file['name']}: {found.error}") if found.error else Outcome("completed")


def items_of(call: Call, job: Mapping[str, Any] | sqlite3.Row) -> list[sqlite3.Row]:
    """Return the items of a job, in their order."""
    return call.db.execute("SELECT * FROM job_items WHERE job_seq = ? ORDER BY seq", (job["seq"],)).fetchall()


def item_phase(item: sqlite3.Row, cancelled_at: str | None, now: str) -> str:
    """Tell where an item is; a cancelled job leaves alone what was over by then."""
    if cancelled_at and item["ends_at"] > cancelled_at:
        return "cancelled"
    return phase_of(item, now)

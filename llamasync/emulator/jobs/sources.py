"""What jobs work on: stored files, their bytes and their pages."""

from __future__ import annotations

import sqlite3

from llamasync.emulator.calls import Call
from llamasync.emulator.extraction import Extracted, extracted_blob
from llamasync.emulator.resources.files import find_file

PARSE_JOB = "pjb-"


def find_input(call: Call, identity: str) -> sqlite3.Row:
    """Find the file that a file id, or the id of a parse job, stands for. Raises Refusal 404."""
    if identity.startswith(PARSE_JOB):
        sql = """SELECT file_id FROM job_items JOIN jobs ON jobs.seq = job_seq
            WHERE reference = ? AND project_id = ? AND job_items.outcome = 'completed'"""
        row = call.one(sql, identity, call.project_id)
        if row is not None and row["file_id"]:
            return find_file(call, str(row["file_id"]))
    return find_file(call, identity)


def pages_of(call: Call, file: sqlite3.Row) -> Extracted:
    """Read the pages of a stored file, or why there are none. Never raises for what the bytes are."""
    return extracted_blob(call.db, call.services.blobs, str(file["name"]), str(file["sha256"]))[0]

"""What an index serves at the moment: the files of the last sync that went well."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.calls import Call
from llamasync.emulator.errors import conflict, not_found
from llamasync.emulator.indexing.lookup import find_index

Keep = Callable[[str, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file that can be found; `seq` is that of its row, `metadata` the user's layer."""

    seq: int
    parsed_id: str
    file_name: str
    metadata: Mapping[str, Any]


def find_served_sync(call: Call, identity: str) -> int:
    """Find the sync that an index serves; -1, which has no files, where none was ready yet.

    Raises Refusal 404, or 409 where the switch says so.
    """
    index = find_index(call, identity)
    if index["served_sync"] is not None:
        return int(index["served_sync"])
    if call.switches.retrieve_before_ready == "conflict":
        raise conflict(f"Index {identity} is not ready")
    return -1


def has_vectors(call: Call, sync_seq: int) -> bool:
    """Tell whether the index that serves a sync was made with vectors, or for full text alone."""
    row = call.one("SELECT hidden FROM indexes WHERE served_sync = ?", sync_seq)
    return row is None or json.loads(row["hidden"]).get("vector_target") != "DISABLED"


def find_served_file(call: Call, sync_seq: int, file_id: str) -> sqlite3.Row:
    """Find a file by the id of its parsed form, of its directory file, or of its upload. Raises Refusal 404."""
    sql = """SELECT * FROM index_files WHERE sync_seq = ? AND status = 'done' AND ? IN (parsed_id, source_id, file_id)
        ORDER BY seq LIMIT 1"""
    row = call.one(sql, sync_seq, file_id)
    if row is None:
        raise not_found("File", file_id)
    return row


def served_files(call: Call, sync_seq: int, keep: Keep) -> dict[int, ServedFile]:
    """Read the files whose parsed id and metadata are to be kept, by their seq."""
    sql = "SELECT seq, parsed_id, file_name, metadata FROM index_files WHERE sync_seq = ? AND status = 'done'"
    files = (
        ServedFile(row["seq"], row["parsed_id"], row["file_name"], json.loads(row["metadata"]))
        for row in call.db.execute(sql, (sync_seq,))
    )
    return {file.seq: file for file in files if keep(file.parsed_id, file.metadata)}

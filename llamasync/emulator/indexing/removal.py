"""The end of an index: its own, or with the directory that it was made of."""

from __future__ import annotations

import sqlite3

from llamasync.emulator.calls import Call
from llamasync.emulator.errors import conflict
from llamasync.emulator.indexing.settling import forget
from llamasync.emulator.rows import delete_directory_files


def remove_index(call: Call, index: sqlite3.Row) -> None:
    """Mark an index as deleted, and its output too where the switch says so."""
    call.db.execute("UPDATE indexes SET deleted_at = ? WHERE seq = ?", (call.now, index["seq"]))
    call.db.execute(
        "UPDATE index_syncs SET status = 'cancelled' WHERE index_seq = ? AND status = 'running'", (index["seq"],)
    )
    if index["served_sync"] is not None:
        forget(call, index["served_sync"])
    if call.switches.index_delete_output == "delete":
        output = index["output_directory_id"]
        delete_directory_files(call, "directory_id = ?", output)
        gone = "UPDATE directories SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL"
        call.db.execute(gone, (call.now, output))


def remove_indexes_on(call: Call, directory_id: str) -> None:
    """Deal with the indexes on a directory that is being deleted. Raises Refusal 409 where the switch says so."""
    setting = call.switches.directory_delete_indexes
    if setting == "keep":
        return
    on_it = "SELECT * FROM indexes WHERE source_directory_id = ? AND deleted_at IS NULL"
    for index in call.db.execute(on_it, (directory_id,)).fetchall():
        if setting == "conflict":
            raise conflict(f"Directory {directory_id} is the source of index {index['id']}")
        remove_index(call, index)

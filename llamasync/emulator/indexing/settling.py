"""The rest of a sync: once the clock says that it is over, whoever looks first finds the work done.

Nothing runs in the background, so that tests decide with the clock alone what is seen when. One look works for a
bounded time; what is left is done by the next ones, and the sync runs on until then.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Sequence

from llamasync.emulator.calls import Call, to_json
from llamasync.emulator.extraction import extracted_blob
from llamasync.emulator.indexing.attachments import attach, kinds_wanted
from llamasync.emulator.indexing.chunks import PAGE_BREAK, cut_pages
from llamasync.emulator.rows import delete_directory_files, insert, write_directory_file

LOOK_S = 2.0
RUNNING = "SELECT * FROM index_syncs WHERE status = 'running' AND ends_at <= ?"


def settle(call: Call, index_seq: int) -> bool:
    """Bring the sync of an index up to date; tell whether something happened."""
    sync = call.one(f"{RUNNING} AND index_seq = ?", call.now, index_seq)
    if sync is not None:
        _work(call, sync)
    return sync is not None


def settle_all(call: Call) -> None:
    """Bring all syncs up to date."""
    for sync in call.db.execute(RUNNING, (call.now,)).fetchall():
        _work(call, sync)


def forget(call: Call, sync_seq: int) -> None:
    """Remove what a sync made for retrieval; nobody asks for it any more."""
    chunks = "SELECT seq FROM index_chunks WHERE sync_seq = ?"
    call.db.execute(f"DELETE FROM chunk_words WHERE rowid IN ({chunks})", (sync_seq,))  # noqa: S608 - of constants
    call.db.execute("DELETE FROM index_chunks WHERE sync_seq = ?", (sync_seq,))
    call.db.execute("DELETE FROM index_attachments WHERE sync_seq = ?", (sync_seq,))
    call.db.execute("UPDATE index_files SET text = NULL WHERE sync_seq = ?", (sync_seq,))


def _work(call: Call, sync: sqlite3.Row) -> None:
    if sync["doomed"]:
        _end(call, sync, sync["doomed"])
        return
    until, kinds = time.monotonic() + LOOK_S, kinds_wanted(call, sync["index_seq"])
    waiting = "SELECT * FROM index_files WHERE sync_seq = ? AND status = 'waiting' ORDER BY seq"
    for file in call.db.execute(waiting, (sync["seq"],)).fetchall():
        if time.monotonic() > until:
            return
        _read(call, file, kinds)
    failed = "SELECT count(*) AS failed FROM index_files WHERE sync_seq = ? AND status = 'failed'"
    count = call.db.execute(failed, (sync["seq"],)).fetchone()["failed"]
    broken = count and call.switches.sync_file_failure == "failed"
    _end(call, sync, f"{count} file{'s' if count > 1 else ''} could not be read" if broken else None)


def _read(call: Call, file: sqlite3.Row, kinds: Sequence[str]) -> None:
    """Read one file and cut it, or note why that cannot be done; add the attachments of these kinds."""
    if file["sha256"] is None:
        _note(call, file, None, "the uploaded file is gone")
        return
    found, content = extracted_blob(call.db, call.services.blobs, file["stored_name"], file["sha256"])
    if found.error:
        _note(call, file, None, found.error)
        return
    text = PAGE_BREAK.join(found.pages)
    _note(call, file, text, None)
    for i, chunk in enumerate(cut_pages(found.pages)):
        values = (file["sync_seq"], file["seq"], i, chunk.start, chunk.end, chunk.first_page, chunk.last_page)
        made = call.db.execute("INSERT INTO index_chunks VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values).lastrowid
        words = (made, text[chunk.start : chunk.end])
        call.db.execute("INSERT INTO chunk_words (rowid, content) VALUES (?, ?)", words)
    if kinds:
        attach(call, file, content, found.pages, kinds)


def _note(call: Call, file: sqlite3.Row, text: str | None, error: str | None) -> None:
    status = "failed" if error else "done"
    sql = "UPDATE index_files SET status = ?, text = ?, error = ? WHERE seq = ?"
    call.db.execute(sql, (status, text, error, file["seq"]))


def _end(call: Call, sync: sqlite3.Row, error: str | None) -> None:
    """End a sync: one that went well is served from now on, after one that failed the last good one still is."""
    status = "failed" if error else "ready"
    call.db.execute("UPDATE index_syncs SET status = ?, error = ? WHERE seq = ?", (status, error, sync["seq"]))
    index = call.one("SELECT * FROM indexes WHERE seq = ?", sync["index_seq"])
    assert index is not None
    if error:
        forget(call, sync["seq"])
        call.db.execute("UPDATE indexes SET updated_at = ? WHERE seq = ?", (sync["ends_at"], index["seq"]))
        return
    if index["served_sync"] is not None:
        forget(call, index["served_sync"])
    call.db.execute(
        """UPDATE indexes SET served_sync = ?, last_synced_at = ?, last_exported_at = ?, updated_at = ?
        WHERE seq = ?""",
        (sync["seq"], sync["ends_at"], sync["ends_at"], sync["ends_at"], index["seq"]),
    )
    _fill_output(call, index, sync)


def _fill_output(call: Call, index: sqlite3.Row, sync: sqlite3.Row) -> None:
    """Make the output directory hold the parsed text of each file that was read, and nothing else."""
    here = index["output_directory_id"]
    done = "SELECT * FROM index_files WHERE sync_seq = ? AND status = 'done' ORDER BY seq"
    files = call.db.execute(done, (sync["seq"],)).fetchall()
    kept = to_json([file["parsed_id"] for file in files])
    delete_directory_files(call, "directory_id = ? AND id NOT IN (SELECT value FROM json_each(?))", here, kept)
    for file in files:
        before = call.one("SELECT created_at FROM directory_files WHERE seq = ?", file["parsed_seq"])
        name = f"{file['file_name']}.md"
        row = {
            "seq": file["parsed_seq"],
            "id": file["parsed_id"],
            "project_id": index["project_id"],
            "directory_id": here,
            "unique_id": file["unique_id"],
            "display_name": name,
            "file_id": _store_text(call, index["project_id"], file, name, sync["ends_at"]),
            "user_metadata": file["metadata"],
            "system_metadata": to_json({"source_directory_file_id": file["source_id"]}),
            "created_at": before["created_at"] if before else sync["ends_at"],
            "updated_at": sync["ends_at"],
            "deleted_at": None,
        }
        write_directory_file(call.db, row)


def _store_text(call: Call, project_id: str, file: sqlite3.Row, name: str, now: str) -> str:
    """Store the text of a file as a file of its own, once for as long as it does not change."""
    content = (file["text"] or "\n").encode()
    digest = hashlib.sha256(content).hexdigest()
    same = """SELECT files.id FROM directory_files JOIN files ON files.id = file_id
        WHERE directory_files.seq = ? AND sha256 = ? AND files.deleted_at IS NULL"""
    before = call.one(same, file["parsed_seq"], digest)
    if before is not None:
        return str(before["id"])
    call.services.blobs.adopt(call.services.blobs.put(content))
    row = {
        "seq": file["seq"],
        "id": call.services.identities.uuid("file", file["seq"]),
        "project_id": project_id,
        "name": name,
        "external_file_id": None,
        "file_type": "md",
        "purpose": None,
        "sha256": digest,
        "size": len(content),
        "content_type": "text/markdown",
        "created_at": now,
        "expires_at": None,
        "deleted_at": None,
    }
    insert(call.db, "files", row)
    return str(row["id"])

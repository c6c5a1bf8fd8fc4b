"""The attachments of a sync's files: made once for the same bytes, kept with the sync, found by any id of the file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from llamasync.emulator.attaching import make_attachments
from llamasync.emulator.attaching.making import LABELS
from llamasync.emulator.calls import Call
from llamasync.emulator.extraction import Unreadable, format_of
from llamasync.emulator.paging import Listing
from llamasync.emulator.rows import insert

# The files that an index serves at the moment, by the source's or the output's directory file or uploaded file.
HOLDERS = """SELECT index_files.seq FROM index_files
    JOIN indexes ON indexes.served_sync = index_files.sync_seq AND indexes.deleted_at IS NULL
    LEFT JOIN directory_files AS parsed ON parsed.seq = index_files.parsed_seq AND parsed.deleted_at IS NULL
    WHERE indexes.project_id = ? AND index_files.status = 'done'
    AND ? IN (index_files.parsed_id, index_files.source_id, index_files.file_id, parsed.file_id)"""


def kinds_wanted(call: Call, index_seq: int) -> list[str]:
    """Return the kinds of attachments that an index was made with, in a fixed order."""
    row = call.one("SELECT hidden FROM indexes WHERE seq = ?", index_seq)
    assert row is not None
    return sorted(set(json.loads(row["hidden"]).get("store_attachments") or ()))


def attach(call: Call, file: sqlite3.Row, content: bytes, pages: Sequence[str], kinds: Sequence[str]) -> None:
    """Give a file its attachments. A document that has none to give stays without."""
    origin = f"{hashlib.sha256(content).hexdigest()}.{format_of(file['stored_name'], content)}"
    for kind in kinds:
        known = "SELECT sync_seq, file_seq FROM index_attachments WHERE origin = ? AND kind = ? LIMIT 1"
        before = call.one(known, origin, kind)
        if before is None:
            made = _made(call, file["stored_name"], content, pages, kind)
        else:
            same = "SELECT page, name, sha256, size FROM index_attachments WHERE file_seq = ? AND kind = ? ORDER BY seq"
            made = [dict(row) for row in call.db.execute(same, (before["file_seq"], kind))]
        fixed = {"seq": None, "sync_seq": file["sync_seq"], "file_seq": file["seq"], "origin": origin, "kind": kind}
        for each in made:
            insert(call.db, "index_attachments", {**fixed, **each, "made_at": call.now})


def attachments_of(call: Call, source_id: str) -> Listing:
    """Describe the attachments of the file that an id stands for; several indexes on it share their names."""
    first = f"SELECT min(seq) FROM index_attachments WHERE file_seq IN ({HOLDERS}) GROUP BY name"  # noqa: S608 - of constants
    identity = source_id if source_id.startswith("dfl-") else source_id.lower()
    return Listing("index_attachments", (f"seq IN ({first})",), (call.project_id, identity))


def is_source(call: Call, source_id: str) -> bool:
    """Tell whether an id is one of a file or a directory file that is there."""
    for table in ("files", "directory_files"):
        sql = f"SELECT 1 FROM {table} WHERE project_id = ? AND deleted_at IS NULL AND id IN (?, ?)"  # noqa: S608 - of constants
        if call.one(sql, call.project_id, source_id, source_id.lower()) is not None:
            return True
    return False


def references(call: Call, chunk: sqlite3.Row, parsed_id: str) -> list[dict[str, Any]]:
    """Return how a chunk refers to the attachments of its pages."""
    sql = "SELECT kind, name FROM index_attachments WHERE file_seq = ? AND page BETWEEN ? AND ? ORDER BY seq"
    rows = call.db.execute(sql, (chunk["file_seq"], chunk["first_page"], chunk["last_page"]))
    return [{"type": LABELS[row["kind"]], "attachment_name": row["name"], "source_id": parsed_id} for row in rows]


def _made(call: Call, name: str, content: bytes, pages: Sequence[str], kind: str) -> list[Mapping[str, Any]]:
    blobs = call.services.blobs
    try:
        found = make_attachments(name, content, pages, [kind])
    except Unreadable:
        return []
    made: list[Mapping[str, Any]] = []
    for each in found:
        pending = blobs.put(each.content)
        blobs.adopt(pending)
        made.append({"page": each.page, "name": each.name, "sha256": pending.sha256, "size": pending.size})
    return made

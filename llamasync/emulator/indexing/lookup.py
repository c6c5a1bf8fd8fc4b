"""Finding an index by the ids that the switch accepts, and the sync that it was last given."""

from __future__ import annotations

import sqlite3

from llamasync.emulator.calls import Call
from llamasync.emulator.errors import not_found
from llamasync.emulator.indexing.settling import settle

CONDITIONS = {
    "either": "(id = :id OR export_config_id = :id)",
    "id": "id = :id",
    "export_config_id": "export_config_id = :id",
}


def find_index(call: Call, identity: str, *, gone_is_fine: bool = False) -> sqlite3.Row:
    """Find an index of the call's project, its sync brought up to date. Raises Refusal 404."""
    condition = CONDITIONS[call.switches.index_id_accepted]
    sql = f"SELECT * FROM indexes WHERE {condition} AND project_id = :project"  # noqa: S608 - of constants
    values = {"id": identity, "project": call.project_id}
    row: sqlite3.Row | None = call.db.execute(sql, values).fetchone()
    if row is not None and not row["deleted_at"]:
        if settle(call, row["seq"]):
            row = call.db.execute(sql, values).fetchone()
        assert row is not None
        return row
    if row is None or not (gone_is_fine and call.switches.deleted_again == "no_content"):
        raise not_found("Index", identity)
    return row


def last_sync(call: Call, index_seq: int) -> sqlite3.Row:
    """Return the newest sync: every index has one, from the moment that it is made."""
    row = call.one("SELECT * FROM index_syncs WHERE index_seq = ? ORDER BY seq DESC LIMIT 1", index_seq)
    assert row is not None
    return row

"""The state of a project as plain values, for tests to compare."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import json
import sqlite3
from typing import Any

from llamasync.emulator.record_snapshots import take_record_snapshot


def take_snapshot(db: sqlite3.Connection, project_id: str, *, ids: bool) -> dict[str, Any]:
    """Describe what is not deleted: directories with their files, loose files, configurations."""
    directories = [
        {
            **_columns(row, ("id", "created_at", "updated_at") if ids else ()),
            **_columns(row, ("name", "description", "type", "connector_subscription_id")),
            "files": _files(db, row["id"], ids),
        }
        for row in _live(db, "directories", project_id)
    ]
    configurations = [
        {
            **_columns(row, ("id", "version", "created_at", "updated_at") if ids else ()),
            **_columns(row, ("name", "product_type")),
            "parameters": json.loads(row["parameters"]),
        }
        for row in _live(db, "configurations", project_id)
    ]
    linked = {row[0] for row in db.execute("SELECT file_id FROM directory_files WHERE deleted_at IS NULL")}
    loose = [
        {
            **_columns(row, ("id", "created_at") if ids else ()),
            **_columns(row, ("name", "external_file_id", "purpose", "sha256", "size")),
        }
        for row in _live(db, "files", project_id)
        if row["id"] not in linked
    ]
    indexes = [_index(db, row, ids) for row in _live(db, "indexes", project_id)]
    chats = [
        {
            **_columns(row, ("id", "created_at", "updated_at") if ids else ()),
            **_columns(row, ("title", "turns")),
            "indexes": [_index_name(db, each) for each in json.loads(row["index_ids"] or "[]")],
        }
        for row in _live(db, "chats", project_id)
    ]
    return {
        "directories": _sorted(directories),
        "files": _sorted(loose),
        "configurations": _sorted(configurations),
        # Only where there are any: most snapshots are of a world without.
        **({"indexes": _sorted(indexes)} if indexes else {}),
        **({"chats": _sorted(chats)} if chats else {}),
        **take_record_snapshot(db, project_id, ids=ids),
    }


def _files(db: sqlite3.Connection, directory_id: str, ids: bool) -> list[dict[str, Any]]:
    rows = db.execute(
        """SELECT directory_files.*, files.sha256, files.size FROM directory_files LEFT JOIN files
        ON files.id = file_id AND files.deleted_at IS NULL
        WHERE directory_id = ? AND directory_files.deleted_at IS NULL""",
        (directory_id,),
    )
    return _sorted(
        [
            {
                **_columns(row, ("id", "file_id", "created_at", "updated_at") if ids else ()),
                **_columns(row, ("unique_id", "display_name", "sha256", "size")),
                "metadata": {**json.loads(row["system_metadata"]), **json.loads(row["user_metadata"])},
            }
            for row in rows
        ]
    )


def _index(db: sqlite3.Connection, row: sqlite3.Row, ids: bool) -> dict[str, Any]:
    """Describe an index, what was sent write-only included, by the files that it serves and the newest sync."""
    source = db.execute("SELECT name FROM directories WHERE id = ?", (row["source_directory_id"],)).fetchone()
    newest = "SELECT status FROM index_syncs WHERE index_seq = ? ORDER BY seq DESC LIMIT 1"
    served = "SELECT unique_id FROM index_files WHERE sync_seq = ? AND status = 'done' ORDER BY unique_id"
    return {
        **_columns(row, ("id", "export_config_id", "created_at", "updated_at", "last_synced_at") if ids else ()),
        **_columns(row, ("name", "description")),
        **json.loads(row["hidden"]),
        "source_directory": source["name"],
        "last_sync": db.execute(newest, (row["seq"],)).fetchone()["status"],
        "files": [each["unique_id"] for each in db.execute(served, (row["served_sync"],))],
    }


def _index_name(db: sqlite3.Connection, index_id: str) -> str:
    return str(db.execute("SELECT name FROM indexes WHERE id = ?", (index_id,)).fetchone()["name"])


def _live(db: sqlite3.Connection, table: str, project_id: str) -> list[sqlite3.Row]:
    sql = f"SELECT * FROM {table} WHERE project_id = ? AND deleted_at IS NULL ORDER BY seq"
    return db.execute(sql, (project_id,)).fetchall()


def _columns(row: sqlite3.Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _sorted(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort by what the items say, so that ids and times do not decide the order."""
    names = ("name", "unique_id", "product_type")
    return sorted(items, key=lambda item: (*(str(item.get(name)) for name in names), json.dumps(item, sort_keys=True)))

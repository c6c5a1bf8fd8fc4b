"""Directory files as rows: the text of the answer is stored with the row, so that a long page costs next to nothing."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from llamasync.emulator.calls import Call, to_json

COLUMNS = [
    "id",
    "project_id",
    "directory_id",
    "unique_id",
    "display_name",
    "file_id",
    "created_at",
    "updated_at",
    "deleted_at",
]


def directory_file_text(row: Mapping[str, Any]) -> str:
    """Write the stored part of an answer: no closing brace, so that download_url can follow."""
    merged = {**json.loads(row["system_metadata"]), **json.loads(row["user_metadata"])}
    shown = {name: row[name] for name in COLUMNS}
    return to_json({**shown, "metadata": merged})[:-1]


def write_directory_file(db: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """Insert or replace a directory file by its seq."""
    values = {**row, "body": directory_file_text(row)}
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    db.execute(f"INSERT OR REPLACE INTO directory_files ({names}) VALUES ({marks})", values)


def insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Insert a row by its column names."""
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", dict(row))


def delete_directory_files(call: Call, condition: str, *values: Any) -> None:
    """Mark directory files as deleted, and what they point to where the switch says so."""
    rows = call.db.execute(f"SELECT * FROM directory_files WHERE deleted_at IS NULL AND {condition}", values).fetchall()
    for row in rows:
        write_directory_file(call.db, {**row_values(row), "deleted_at": call.now})
        if call.switches.directory_file_delete_file == "delete":
            call.db.execute(
                "UPDATE files SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (call.now, row["file_id"])
            )


def row_values(row: sqlite3.Row) -> dict[str, Any]:
    """Copy a row to a dict, without the stored text."""
    return {name: row[name] for name in row.keys() if name != "body"}  # noqa: SIM118 - a Row iterates over values

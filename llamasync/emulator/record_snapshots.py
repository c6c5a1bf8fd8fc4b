"""Agent data, webhook configurations and jobs of a project as plain values, for tests to compare."""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from typing import Any


def take_record_snapshot(db: sqlite3.Connection, project_id: str, *, ids: bool) -> dict[str, Any]:
    """Describe what is not deleted; a kind of which there is nothing has no key. Webhooks show their secrets."""
    found = {
        "agent_data": _collections(db, project_id, ids=ids),
        "webhook_configs": _webhooks(db, project_id, ids=ids),
        "jobs": _jobs(db, project_id, ids=ids),
    }
    return {name: each for name, each in found.items() if each}


def _collections(db: sqlite3.Connection, project_id: str, *, ids: bool) -> list[dict[str, Any]]:
    sql = """SELECT * FROM agent_data WHERE project_id = ? AND deleted_at IS NULL
        ORDER BY deployment_name, collection, seq"""
    grouped = groupby(db.execute(sql, (project_id,)), key=lambda row: (row["deployment_name"], row["collection"]))
    return [
        {
            "deployment_name": deployment,
            "collection": collection,
            "items": _sorted(
                [
                    {**_times(row, "id", "created_at", "updated_at", on=ids), "data": json.loads(row["data"])}
                    for row in rows
                ]
            ),
        }
        for (deployment, collection), rows in grouped
    ]


def _webhooks(db: sqlite3.Connection, project_id: str, *, ids: bool) -> list[dict[str, Any]]:
    sql = "SELECT * FROM webhook_configs WHERE project_id = ? AND deleted_at IS NULL"
    return _sorted(
        [
            {
                **_times(row, "id", "created_at", "updated_at", on=ids),
                **{name: row[name] for name in ("url", "secret", "output_format")},
                **{name: json.loads(row[name]) for name in ("headers", "events")},
            }
            for row in db.execute(sql, (project_id,))
        ]
    )


def _jobs(db: sqlite3.Connection, project_id: str, *, ids: bool) -> list[dict[str, Any]]:
    sql = "SELECT * FROM jobs WHERE project_id = ? AND deleted_at IS NULL"
    return _sorted(
        [
            {
                **_times(row, "id", "source_id", "created_at", "starts_at", "ends_at", "cancelled_at", on=ids),
                **{name: row[name] for name in ("kind", "outcome", "error")},
                "is_cancelled": row["cancelled_at"] is not None,
                "request": json.loads(row["request"]),
            }
            for row in db.execute(sql, (project_id,))
        ]
    )


def _times(row: sqlite3.Row, *names: str, on: bool) -> dict[str, Any]:
    """Return what differs from run to run, where it is wanted."""
    return {name: row[name] for name in names} if on else {}


def _sorted(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))

"""What exists before the first request: the projects of the options."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from llamasync.emulator.options import Project
from llamasync.emulator.rows import insert
from llamasync.emulator.store import Identities


def seed_projects(db: sqlite3.Connection, identities: Identities, projects: Iterable[Project], now: str) -> str:
    """Add the projects that the store does not have yet, and return the id of the first one: the default."""
    chosen = list(projects)
    for project in chosen:
        if db.execute("SELECT 1 FROM projects WHERE id = ?", (project.identity,)).fetchone() is None:
            row = {
                "seq": identities.next_sequence(db),
                "id": project.identity,
                "name": project.name,
                "organization_id": project.organization_id,
                "organization_name": project.organization,
                "is_default": 0,
                "created_at": now,
                "updated_at": now,
            }
            insert(db, "projects", row)
    default = chosen[0].identity
    db.execute("UPDATE projects SET is_default = (id = ?)", (default,))
    return default

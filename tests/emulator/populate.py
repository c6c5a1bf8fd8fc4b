"""A world with one object of each kind, for tests that fill the paths of the contract."""

from __future__ import annotations

from typing import Any

from tests.emulator.documents import pdf
from tests.emulator.populate_runs import populate_runs
from tests.emulator.support import PARSE, World, make_world


def populated(dialect: str, switches: dict[str, Any] | None = None) -> tuple[World, dict[str, str]]:
    """Make it, and the values of the paths' parameters."""
    world = make_world(switches, dialect=dialect)
    directory = world.directory()
    file = world.uploaded(directory, "a.pdf", pdf("An invoice", "A contract"))
    configuration = world.ok("POST", "/api/v1/beta/configurations", json={"name": "n", "parameters": PARSE})
    more = {"store_attachments": ["screenshots", "items"]} if dialect == "current" else {}
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory, **more})
    world.emulator.control.finish_syncs()
    named = "export_config_id" if world.emulator.switches.index_id_accepted == "export_config_id" else "id"
    session = world.ok("POST", "/api/v1/chat", json={"index_ids": [index[named]]})
    (project,) = world.ok("GET", "/api/v1/projects")
    values = {
        "directory_id": directory,
        "directory_file_id": file["id"],
        "file_id": file["file_id"],
        "config_id": configuration["id"],
        "index_id": index[named],
        "session_id": session["session_id"],
        "project_id": project["id"],
        "organization_id": project["organization_id"],
        "attachment_name": "screenshots/page_1.jpg",
        **populate_runs(world),
    }
    if dialect == "current":
        hook = world.ok("POST", "/api/v1/beta/webhook-configs", json={"webhook_url": "https://example.com/"})
        values["webhook_id"] = hook["id"]
    return world, values

"""Directories: create, list, get, patch, delete."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.errors import conflict, not_found
from llamasync.emulator.indexing.removal import remove_indexes_on
from llamasync.emulator.paging import Listing, default_descending, reply_page
from llamasync.emulator.rows import delete_directory_files, insert, row_values
from llamasync.emulator.times import format_time

COLLECTION = "/api/v1/beta/directories"
ONE = COLLECTION + "/{directory_id}"
EPHEMERAL_FOR = timedelta(days=1)


@endpoint("POST", COLLECTION)
def create_directory(call: Call) -> Reply:
    """Make a directory, or refuse its name, as the switch says."""
    body = call.body
    _check_name(call, body["name"])
    kind = body.get("type", "user") if "type" in call.operation.body_fields else "user"
    system = body.get("system_metadata") if "system_metadata" in call.operation.body_fields else None
    return call.reply(
        add_directory(
            call,
            name=body["name"],
            description=_description(call, body.get("description")),
            type=kind,
            connector_subscription_id=body.get("connector_subscription_id"),
            system_metadata=system,
        )
    )


def add_directory(call: Call, *, system_metadata: dict[str, Any] | None, **values: Any) -> dict[str, Any]:
    """Insert a directory and return it as it is answered."""
    sequence = call.new_sequence()
    row = {
        "seq": sequence,
        "id": call.services.identities.prefixed("dir", sequence),
        "project_id": call.project_id,
        **values,
        "system_metadata": None if system_metadata is None else to_json(system_metadata),
        "expires_at": format_time(call.moment + EPHEMERAL_FOR) if values["type"] == "ephemeral" else None,
        "created_at": call.now,
        "updated_at": call.now,
        "deleted_at": None,
    }
    insert(call.db, "directories", row)
    return {**row, "system_metadata": system_metadata}


@endpoint("GET", COLLECTION)
def list_directories(call: Call) -> Reply:
    """List by name and type; deleted ones on request."""
    asked = call.parameters
    where, values = ["project_id = ?"], [call.project_id]
    types = [*(asked.get("types") or ()), *([asked["type"]] if asked.get("type") else ())]
    if asked.get("name") is not None:
        where.append("name = ?")
        values.append(asked["name"])
    if types:
        where.append(f"type IN ({', '.join('?' * len(types))})")
        values.extend(types)
    if not asked.get("include_deleted"):
        where.append("deleted_at IS NULL")
    listing = Listing("directories", tuple(where), tuple(values), descending=default_descending(call))
    return reply_page(call, listing, lambda row: call.object_text(_shown(row)))


@endpoint("GET", ONE)
def get_directory(call: Call) -> Reply:
    """Answer one directory."""
    return call.reply(_shown(find_directory(call, visible_when_deleted=True)))


@endpoint("PATCH", ONE)
def patch_directory(call: Call) -> Reply:
    """Change name and description."""
    row = find_directory(call)
    name = call.body.get("name") or row["name"]
    description = row["description"]
    if call.body.get("description") is not None:
        description = _description(call, call.body["description"])
    elif "description" in call.body and call.switches.patch_null_description == "clear":
        description = None
    if name != row["name"]:
        _check_name(call, name)
    changed = (name, description) != (row["name"], row["description"])
    updated_at = patched_at(call, row["updated_at"], changed=changed)
    call.db.execute(
        "UPDATE directories SET name = ?, description = ?, updated_at = ? WHERE seq = ?",
        (name, description, updated_at, row["seq"]),
    )
    return call.reply({**_shown(row), "name": name, "description": description, "updated_at": updated_at})


@endpoint("DELETE", ONE)
def delete_directory(call: Call) -> Reply:
    """Mark as deleted, and deal with the files inside as the switch says."""
    row = find_directory(call, gone_is_fine=True)
    if row["deleted_at"]:
        return Reply(204)
    setting = call.switches.directory_delete_files
    inside = "SELECT 1 FROM directory_files WHERE directory_id = ? AND deleted_at IS NULL LIMIT 1"
    if setting == "conflict" and call.one(inside, row["id"]):
        raise conflict(f"Directory {row['id']} is not empty")
    remove_indexes_on(call, row["id"])
    if setting == "cascade":
        delete_directory_files(call, "directory_id = ?", row["id"])
    call.db.execute("UPDATE directories SET deleted_at = ? WHERE seq = ?", (call.now, row["seq"]))
    return Reply(204)


def find_directory(
    call: Call, identity: str | None = None, *, visible_when_deleted: bool = False, gone_is_fine: bool = False
) -> sqlite3.Row:
    """Find a directory of the call's project, by default the one in the path. Raises Refusal 404."""
    wanted = call.parameters["directory_id"] if identity is None else identity
    row = call.one("SELECT * FROM directories WHERE id = ? AND project_id = ?", wanted, call.project_id)
    if row is not None and not row["deleted_at"]:
        return row
    shown = visible_when_deleted and call.switches.deleted_get == "visible"
    again = gone_is_fine and call.switches.deleted_again == "no_content"
    if row is None or not (shown or again):
        raise not_found("Directory", wanted)
    return row


def patched_at(call: Call, before: str, *, changed: bool) -> str:
    """Decide updated_at after a PATCH."""
    setting = call.switches.updated_at_on_patch
    return call.now if setting == "always" or (setting == "on_change" and changed) else before


def _check_name(call: Call, name: str) -> None:
    same = "SELECT 1 FROM directories WHERE project_id = ? AND name = ? AND deleted_at IS NULL"
    if call.switches.directory_name_uniqueness == "conflict" and call.one(same, call.project_id, name):
        raise conflict(f"Directory with name {name!r} already exists")


def _description(call: Call, text: str | None) -> str | None:
    return None if text == "" and call.switches.empty_description == "null" else text


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    system = row["system_metadata"]
    return {**row_values(row), "system_metadata": None if system is None else json.loads(system)}

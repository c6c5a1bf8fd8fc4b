"""Indexes: create, list, get, delete, sync. How a sync goes on is in the package indexing."""

from __future__ import annotations

import sqlite3
from typing import Any

from llamasync.emulator.attaching import KINDS
from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.errors import Refusal, conflict, invalid, not_found
from llamasync.emulator.indexing.lookup import find_index, last_sync
from llamasync.emulator.indexing.removal import remove_index
from llamasync.emulator.indexing.settling import forget, settle_all
from llamasync.emulator.indexing.starting import start_sync
from llamasync.emulator.paging import Listing, default_descending, reply_page
from llamasync.emulator.resources.configurations import BUILTIN
from llamasync.emulator.resources.directories import add_directory, find_directory
from llamasync.emulator.rows import insert, row_values

COLLECTION = "/api/v1/indexes"
ONE = COLLECTION + "/{index_id}"
FREQUENCIES = ("manual", "daily", "on_source_change")
WRITE_ONLY = ("products", "sync_frequency", "store_attachments", "vector_target")


@endpoint("POST", COLLECTION)
def create_index(call: Call) -> Reply:
    """Make an index and its output directory, and begin the first sync."""
    body = {name: value for name, value in call.body.items() if name in call.operation.body_fields}
    directory = find_directory(call, body["source_directory_id"])
    _check(call, body)
    twin = "SELECT id FROM indexes WHERE source_directory_id = ? AND deleted_at IS NULL"
    existing = call.one(twin, directory["id"])
    if existing is not None and call.switches.index_per_directory == "enforced":
        raise conflict(f"Directory {directory['id']} already has the index {existing['id']}")
    sequence, named = call.new_sequence(), call.services.identities.prefixed
    name = body.get("name") or directory["name"]
    output = add_directory(
        call,
        name=f"{name} (index output)",
        description=None,
        type="index",
        connector_subscription_id=None,
        system_metadata=None,
    )
    row = {
        "seq": sequence,
        "id": named("idx", sequence),
        "project_id": call.project_id,
        "name": name,
        "description": body.get("description"),
        "source_directory_id": directory["id"],
        "output_directory_id": output["id"],
        "sync_config_id": named("syc", sequence),
        "export_config_id": named("exp", sequence),
        "hidden": to_json({each: body[each] for each in WRITE_ONLY if each in body}),
        "served_sync": None,
        "last_synced_at": None,
        "last_exported_at": None,
        "created_at": call.now,
        "updated_at": call.now,
        "deleted_at": None,
    }
    insert(call.db, "indexes", row)
    start_sync(call, row)
    return call.reply({**row, "metadata": build_state(call, sequence)})


@endpoint("GET", COLLECTION)
def list_indexes(call: Call) -> Reply:
    """List by source directory."""
    settle_all(call)
    where, values = ["project_id = ?", "deleted_at IS NULL"], [call.project_id]
    if call.parameters.get("source_directory_id") is not None:
        where.append("source_directory_id = ?")
        values.append(call.parameters["source_directory_id"])
    listing = Listing("indexes", tuple(where), tuple(values), descending=default_descending(call))
    return reply_page(call, listing, lambda row: call.object_text(_shown(call, row)))


@endpoint("GET", ONE)
def get_index(call: Call) -> Reply:
    """Answer one index."""
    shown = _shown(call, find_index(call, call.parameters["index_id"]))
    if "sync_in_progress" in (call.parameters.get("expand") or ()) and call.switches.newer_calls == "served":
        shown["sync_in_progress"] = shown["metadata"]["status"] in ("pending", "syncing")
    return call.reply(shown)


@endpoint("DELETE", ONE)
def delete_index(call: Call) -> Reply:
    """Mark as deleted; a sync that runs is given up."""
    index = find_index(call, call.parameters["index_id"], gone_is_fine=True)
    if not index["deleted_at"]:
        remove_index(call, index)
    return Reply(204)


@endpoint("POST", ONE + "/sync")
def sync_index(call: Call) -> Reply:
    """Begin a sync, unless one runs."""
    index = find_index(call, call.parameters["index_id"])
    if last_sync(call, index["seq"])["status"] == "running":
        detail = f"A sync of index {index['id']} is already in progress"
        raise Refusal(409 if call.switches.sync_in_progress == "conflict" else 429, detail)
    start_sync(call, index)
    return Reply(call.operation.status, "{}")


@endpoint("POST", ONE + "/sync/cancel")
def cancel_sync(call: Call) -> Reply:
    """Give up the sync that runs; what was served before it still is."""
    index = find_index(call, call.parameters["index_id"])
    sync = last_sync(call, index["seq"])
    if sync["status"] != "running":
        raise conflict(f"No sync of index {index['id']} is running")
    call.db.execute("UPDATE index_syncs SET status = 'cancelled' WHERE seq = ?", (sync["seq"],))
    call.db.execute("UPDATE indexes SET updated_at = ? WHERE seq = ?", (call.now, index["seq"]))
    forget(call, sync["seq"])
    return Reply(call.operation.status, "{}")


def build_state(call: Call, index_seq: int) -> dict[str, Any]:
    """Describe where the newest sync is, and what went wrong in it: the index's metadata."""
    sync = last_sync(call, index_seq)
    status = sync["status"]
    if status == "running":
        status = "syncing" if call.now >= sync["working_at"] else "pending"
    counted = "SELECT status, count(*) AS files FROM index_files WHERE sync_seq = ? GROUP BY status"
    counts = {row["status"]: row["files"] for row in call.db.execute(counted, (sync["seq"],))}
    failed = "SELECT * FROM index_files WHERE sync_seq = ? AND status = 'failed' ORDER BY seq LIMIT 100"
    return {
        "status": status,
        "error": sync["error"],
        "total_files": sum(counts.values()),
        "indexed_files": counts.get("done", 0),
        "failed_files": [
            {"directory_file_id": row["source_id"], "file_name": row["file_name"], "error": row["error"]}
            for row in call.db.execute(failed, (sync["seq"],))
        ],
    }


def _shown(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    return {**row_values(row), "metadata": build_state(call, row["seq"])}


def _check(call: Call, body: dict[str, Any]) -> None:
    """Check what the contract file leaves to the text of the documentation. Raises Refusal 404 or 422."""
    if body.get("sync_frequency") not in (None, *FREQUENCIES):
        raise invalid(["body", "sync_frequency"], f"Input should be one of {', '.join(FREQUENCIES)}", "enum")
    for i, kind in enumerate(body.get("store_attachments") or ()):
        if kind not in KINDS:
            raise invalid(["body", "store_attachments", i], f"Input should be one of {', '.join(KINDS)}", "enum")
    for product in body.get("products") or ():
        wanted = product["product_config_id"]
        known = "SELECT 1 FROM configurations WHERE id = ? AND project_id = ? AND deleted_at IS NULL"
        if wanted not in BUILTIN and call.one(known, wanted, call.project_id) is None:
            raise not_found("Configuration", wanted)

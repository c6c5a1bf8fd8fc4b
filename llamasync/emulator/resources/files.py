"""Files: upload, list, query, get, delete, link to the content."""

from __future__ import annotations

import sqlite3
from pathlib import PurePosixPath
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint
from llamasync.emulator.errors import conflict, invalid, not_found
from llamasync.emulator.paging import Listing, RenderRow, reply_page, reply_page_of_body
from llamasync.emulator.rows import delete_directory_files, insert, row_values
from llamasync.emulator.uploads import FilePart

COLLECTION = "/api/v1/beta/files"
ONE = COLLECTION + "/{file_id}"
ORDERS = {"name": ("name", False), "id": ("id", False), "created_at": ("seq", True)}
MAX_LINK_S = 7 * 24 * 3600
PURPOSES = ("user_data", "parse", "extract", "split", "classify", "sheet", "agent_app")


@endpoint("POST", COLLECTION)
def upload_file(call: Call) -> Reply:
    """Take an upload that is in no directory yet."""
    form = call.upload
    assert form is not None
    purpose = form.text("purpose")
    if purpose not in PURPOSES:
        raise invalid(["body", "purpose"], f"Input should be one of {', '.join(PURPOSES)}", "enum")
    row = store_file(call, form.files["file"], external_file_id=form.text("external_file_id"), purpose=purpose)
    return call.reply(_shown(row))


def store_file(call: Call, part: FilePart, *, external_file_id: str | None, purpose: str | None) -> dict[str, Any]:
    """Record an uploaded part as a file; whoever calls adopts its bytes once all has gone well.

    Raises Refusal 422 when it is empty or has no usable name.
    """
    if part.blob.size == 0:
        raise invalid(["body", "file"], "Uploaded file is empty")
    if not 1 <= len(part.filename) <= 3000:
        raise invalid(["body", "file"], "File name should have from 1 to 3000 characters", "string_too_short")
    sequence = call.new_sequence()
    row = {
        "seq": sequence,
        "id": call.services.identities.uuid("file", sequence),
        "project_id": call.project_id,
        "name": part.filename,
        "external_file_id": external_file_id,
        "file_type": PurePosixPath(part.filename).suffix[1:].lower() or None,
        "purpose": purpose,
        "sha256": part.blob.sha256,
        "size": part.blob.size,
        "content_type": part.content_type,
        "created_at": call.now,
        "expires_at": None,
        "deleted_at": None,
    }
    insert(call.db, "files", row)
    return row


@endpoint("GET", COLLECTION)
def list_files(call: Call) -> Reply:
    """List by name, ids and external id."""
    listing = _listing(call, call.parameters, call.parameters.get("order_by"), "query")
    return reply_page(call, listing, _render(call))


@endpoint("POST", COLLECTION + "/query")
def query_files(call: Call) -> Reply:
    """List as the body asks; the older form of the list."""
    filters = call.body.get("filter") or {}
    listing = _listing(call, filters, call.body.get("order_by"), "body")
    return reply_page_of_body(call, listing, _render(call))


@endpoint("GET", ONE)
def get_file(call: Call) -> Reply:
    """Answer one file."""
    row = find_file(call, call.parameters["file_id"])
    return Reply(call.operation.status, _render(call)(row))


@endpoint("DELETE", ONE)
def delete_file(call: Call) -> Reply:
    """Mark as deleted, and deal with its directory files as the switch says."""
    wanted = call.parameters["file_id"]
    if call.switches.deleted_again == "no_content" and call.one(
        "SELECT 1 FROM files WHERE id = ? AND project_id = ? AND deleted_at IS NOT NULL", wanted, call.project_id
    ):
        return Reply(204)
    row = find_file(call, wanted)
    setting = call.switches.file_delete_of_linked
    linked = "SELECT 1 FROM directory_files WHERE file_id = ? AND deleted_at IS NULL"
    if setting == "conflict" and call.one(linked, row["id"]):
        raise conflict(f"File {row['id']} is used by a directory")
    if setting == "cascade":
        delete_directory_files(call, "file_id = ?", row["id"])
    call.db.execute("UPDATE files SET deleted_at = ? WHERE seq = ?", (call.now, row["seq"]))
    return Reply(204)


@endpoint("GET", ONE + "/content")
def link_to_content(call: Call) -> Reply:
    """Answer a presigned link to the bytes."""
    row = find_file(call, call.parameters["file_id"])
    for_s = call.parameters.get("expires_at_seconds")
    if for_s is not None and not 1 <= for_s <= MAX_LINK_S:
        raise invalid(["query", "expires_at_seconds"], f"Input should be from 1 to {MAX_LINK_S}", "value_error")
    return call.reply(call.presigner(for_s)(row["id"]))


def find_file(call: Call, file_id: str) -> sqlite3.Row:
    """Find a file of the call's project that is not deleted. Raises Refusal 404."""
    sql = "SELECT * FROM files WHERE id = ? AND project_id = ? AND deleted_at IS NULL"
    row = call.one(sql, file_id.lower(), call.project_id)
    if row is None:
        raise not_found("File", file_id)
    return row


def _listing(call: Call, filters: Any, order_by: str | None, place: str) -> Listing:
    if order_by and order_by not in ORDERS:
        raise invalid([place, "order_by"], f"Input should be one of {', '.join(ORDERS)}", "value_error")
    key, descending = ORDERS[order_by or "created_at"]
    where = ["project_id = ?", "deleted_at IS NULL"]
    values = [call.project_id]
    for name, column in (("file_name", "name"), ("external_file_id", "external_file_id"), ("project_id", "project_id")):
        if filters.get(name) is not None and (name, place) != ("project_id", "query"):
            where.append(f"{column} = ?")
            values.append(filters[name])
    if filters.get("data_source_id") is not None:
        where.append("0")
    if filters.get("file_ids") is not None:
        where.append(f"id IN ({', '.join('?' * len(filters['file_ids']))})")
        values.extend(each.lower() for each in filters["file_ids"])
    return Listing("files", tuple(where), tuple(values), key=key, descending=descending)


def _render(call: Call) -> RenderRow:
    """Return what writes a file's row as it is answered, with a link where one was asked for."""
    expands = "download_url" in (call.parameters.get("expand") or ()) and call.switches.download_url == "available"
    presign = call.presigner() if expands else None

    def render(row: sqlite3.Row) -> str:
        link = presign(row["id"]) if presign else None
        return call.object_text(_shown(row_values(row), link))

    return render


def _shown(row: dict[str, Any], link: dict[str, Any] | None = None) -> dict[str, Any]:
    return {**row, "last_modified_at": row["created_at"], "download_url": link}

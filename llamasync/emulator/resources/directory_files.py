"""Directory files: list, get, patch, delete. How they come to be is in directory_uploads."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import sqlite3
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.errors import conflict, invalid, not_found
from llamasync.emulator.paging import Listing, RenderRow, default_descending, reply_page
from llamasync.emulator.resources.directories import find_directory, patched_at
from llamasync.emulator.rows import delete_directory_files, directory_file_text, row_values, write_directory_file
from llamasync.emulator.times import parse_time

COLLECTION = "/api/v1/beta/directories/{directory_id}/files"
ONE = COLLECTION + "/{directory_file_id}"
HAS_BYTES = "(SELECT 1 FROM files WHERE files.id = directory_files.file_id AND files.deleted_at IS NULL) AS has_bytes"
# Query name -> condition. Times are normalised first.
FILTERS = {
    "display_name": "display_name = ?",
    "display_name_contains": "instr(lower(display_name), lower(?)) > 0",
    "unique_id": "unique_id = ?",
    "file_id": "file_id = ?",
    "updated_at_on_or_after": "updated_at >= ?",
    "updated_at_on_or_before": "updated_at <= ?",
}


@endpoint("GET", COLLECTION)
def list_directory_files(call: Call) -> Reply:
    """List one directory, by every filter of the contract."""
    directory_id = _readable_directory(call)
    where, values = ["directory_id = ?"], [directory_id]
    for name, condition in FILTERS.items():
        asked = call.parameters.get(name)
        if asked is not None:
            where.append(condition)
            values.append(parse_time(asked) if name.startswith("updated_at") else asked)
    if not call.parameters.get("include_deleted"):
        where.append("deleted_at IS NULL")
    columns = f"seq, body, file_id, {HAS_BYTES}" if _expands(call) else "seq, body"
    listing = Listing("directory_files", tuple(where), tuple(values), columns, descending=default_descending(call))
    return reply_page(call, listing, _render(call))


@endpoint("GET", ONE)
def get_directory_file(call: Call) -> Reply:
    """Answer one directory file, on request with a link to its bytes."""
    row = find_directory_file(call, visible_when_deleted=True)
    return Reply(call.operation.status, _render(call)(row))


@endpoint("PATCH", ONE)
def patch_directory_file(call: Call) -> Reply:
    """Rename, move, or replace the user layer of the metadata."""
    before = row_values(find_directory_file(call))
    after = {**before, **_changes(call, before)}
    del before["has_bytes"], after["has_bytes"]
    if (after["directory_id"], after["unique_id"]) != (before["directory_id"], before["unique_id"]):
        _resolve_conflict(call, after)
    after["updated_at"] = patched_at(call, before["updated_at"], changed=after != before)
    write_directory_file(call.db, after)
    return Reply(call.operation.status, directory_file_text(after) + ',"download_url":null}')


@endpoint("DELETE", ONE)
def delete_directory_file(call: Call) -> Reply:
    """Mark as deleted."""
    row = find_directory_file(call, gone_is_fine=True)
    delete_directory_files(call, "id = ?", row["id"])
    return Reply(204)


@endpoint("POST", COLLECTION + "/bulk-delete")
def bulk_delete_directory_files(call: Call) -> Reply:
    """Mark up to 100 as deleted."""
    directory = find_directory(call)
    wanted = call.body["directory_file_ids"]
    marks = ", ".join("?" * len(wanted))
    if call.switches.bulk_delete_unknown == "not_found":
        here = f"directory_id = ? AND deleted_at IS NULL AND id IN ({marks})"
        found = call.db.execute(f"SELECT id FROM directory_files WHERE {here}", (directory["id"], *wanted)).fetchall()
        missing = sorted(set(wanted) - {row["id"] for row in found})
        if missing:
            raise not_found("Directory file", ", ".join(missing))
    delete_directory_files(call, f"directory_id = ? AND id IN ({marks})", directory["id"], *wanted)
    return Reply(204)


def find_directory_file(call: Call, *, visible_when_deleted: bool = False, gone_is_fine: bool = False) -> sqlite3.Row:
    """Find the directory file of the path, in the directory of the path. Raises Refusal 404."""
    directory_id = _readable_directory(call)
    wanted = call.parameters["directory_file_id"]
    sql = f"SELECT *, {HAS_BYTES} FROM directory_files WHERE id = ? AND directory_id = ?"
    row = call.one(sql, wanted, directory_id)
    if row is not None and not row["deleted_at"]:
        return row
    shown = visible_when_deleted and call.switches.deleted_get == "visible"
    again = gone_is_fine and call.switches.deleted_again == "no_content"
    if row is None or not (shown or again):
        raise not_found("Directory file", wanted)
    return row


def _readable_directory(call: Call) -> str:
    """Find the directory of the path. A deleted one still gives access to its files where they were kept."""
    wanted: str = call.parameters["directory_id"]
    row = call.one("SELECT deleted_at FROM directories WHERE id = ? AND project_id = ?", wanted, call.project_id)
    open_anyway = call.switches.directory_delete_files == "keep" or call.switches.deleted_get == "visible"
    if row is None or (row["deleted_at"] and not open_anyway):
        raise not_found("Directory", wanted)
    return wanted


def _changes(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    body = call.body
    changes = {name: body[name] for name in ("unique_id", "display_name") if body.get(name) is not None}
    if changes.get("display_name") == "":
        raise invalid(["body", "display_name"], "String should have at least 1 character", "string_too_short")
    if body.get("metadata") is not None:
        changes["user_metadata"] = to_json(body["metadata"])
    elif "metadata" in body and call.switches.patch_null_metadata == "clear":
        changes["user_metadata"] = "{}"
    move = "target_directory_id" if "target_directory_id" in call.operation.body_fields else "directory_id"
    if body.get(move) and body[move] != before["directory_id"]:
        changes["directory_id"] = find_directory(call, body[move])["id"]
    return changes


def _resolve_conflict(call: Call, after: dict[str, Any]) -> None:
    same = "directory_id = ? AND unique_id = ? AND seq != ?"
    values = (after["directory_id"], after["unique_id"], after["seq"])
    other = call.one(f"SELECT 1 FROM directory_files WHERE deleted_at IS NULL AND {same}", *values)
    if other is None or call.switches.unique_id_conflict_on_patch == "duplicate":
        return
    if call.switches.unique_id_conflict_on_patch == "conflict":
        raise conflict(f"Directory file with unique_id {after['unique_id']!r} already exists")
    delete_directory_files(call, same, *values)


def _expands(call: Call) -> bool:
    asked = "download_url" in (call.parameters.get("expand") or ())
    return asked and call.switches.download_url == "available"


def _render(call: Call) -> RenderRow:
    """Return what writes a directory file's row as it is answered, with a link where one was asked for."""
    if not _expands(call):
        return _plain
    presign = call.presigner()

    def render(row: sqlite3.Row) -> str:
        if not row["has_bytes"]:
            return _plain(row)
        return f'{row["body"]},"download_url":{to_json(presign(row["file_id"]))}}}'

    return render


def _plain(row: sqlite3.Row) -> str:
    return f'{row["body"]},"download_url":null}}'

"""New directory files: by reference to an uploaded file, or with the upload in the same call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.errors import conflict, invalid
from llamasync.emulator.resources.directories import find_directory
from llamasync.emulator.resources.files import find_file, store_file
from llamasync.emulator.rows import directory_file_text, row_values, write_directory_file
from llamasync.emulator.validation import property_validator

COLLECTION = "/api/v1/beta/directories/{directory_id}/files"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a new directory file says of itself."""

    directory_id: str
    file_id: str
    unique_id: str
    display_name: str
    metadata: dict[str, Any]


@endpoint("POST", COLLECTION)
def add_directory_file(call: Call) -> Reply:
    """Put a file that was uploaded before into a directory."""
    directory = find_directory(call)
    body = call.body
    file = find_file(call, body["file_id"])
    entry = Entry(
        directory_id=directory["id"],
        file_id=file["id"],
        unique_id=body.get("unique_id") or file["external_file_id"] or file["name"],
        display_name=body.get("display_name") or file["name"],
        metadata=body.get("metadata") or {},
    )
    return _reply(call, place(call, entry))


@endpoint("POST", COLLECTION + "/upload")
def upload_directory_file(call: Call) -> Reply:
    """Take an upload and put it into a directory."""
    directory = find_directory(call)
    form = call.upload
    assert form is not None
    metadata = _metadata(call, form.text("metadata"))
    part = form.files["upload_file"]
    unique_id = form.text("unique_id") or form.text("external_file_id") or part.filename
    default = unique_id if call.switches.display_name_default == "unique_id" else part.filename
    file = store_file(call, part, external_file_id=form.text("external_file_id"), purpose="user_data")
    entry = Entry(directory["id"], file["id"], unique_id, form.text("display_name") or default, metadata)
    return _reply(call, place(call, entry))


def place(call: Call, entry: Entry) -> dict[str, Any]:
    """Put an entry into its directory, as the switch says where its unique_id exists. Raises Refusal 409."""
    same = "SELECT * FROM directory_files WHERE directory_id = ? AND unique_id = ? AND deleted_at IS NULL ORDER BY seq"
    existing = call.one(same, entry.directory_id, entry.unique_id)
    setting = call.switches.unique_id_conflict
    if existing is not None and setting == "conflict":
        raise conflict(f"Directory file with unique_id {entry.unique_id!r} already exists")
    if existing is not None and setting == "upsert":
        row = row_values(existing)
    else:
        sequence = call.new_sequence()
        row = {
            "seq": sequence,
            "id": call.services.identities.prefixed("dfl", sequence),
            "project_id": call.project_id,
            "directory_id": entry.directory_id,
            "unique_id": entry.unique_id,
            "system_metadata": "{}",
            "created_at": call.now,
            "deleted_at": None,
        }
    row["file_id"], row["display_name"] = entry.file_id, entry.display_name
    row["user_metadata"], row["updated_at"] = to_json(entry.metadata), call.now
    write_directory_file(call.db, row)
    return row


def _reply(call: Call, row: dict[str, Any]) -> Reply:
    return Reply(call.operation.status, directory_file_text(row) + ',"download_url":null}')


def _metadata(call: Call, text: str | None) -> dict[str, Any]:
    """Read the metadata field of a form: a JSON object as text. Raises Refusal 422."""
    loc = ["body", "metadata"]
    try:
        value = json.loads(text or "{}", parse_constant=_refuse_constant)
        to_json(value).encode()
    except (ValueError, RecursionError) as broken:
        raise invalid(loc, f"Invalid JSON: {broken}", "json_invalid") from None
    property_validator(call.services.contract.dialect, "DirectoryFileCreateRequest", "metadata").check(value, loc)
    return dict(value or {})


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")

"""Attachments: what an index stored beside the text of a file, listed and linked to."""

from __future__ import annotations

import sqlite3
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint
from llamasync.emulator.errors import not_found
from llamasync.emulator.indexing.attachments import attachments_of, is_source
from llamasync.emulator.indexing.settling import settle_all
from llamasync.emulator.paging import reply_page
from llamasync.emulator.resources.downloads import attachment_path

COLLECTION = "/api/v1/beta/attachments"


@endpoint("GET", COLLECTION)
def list_attachments(call: Call) -> Reply:
    """List those of one file, in the order of its pages."""
    source_id = call.parameters["source_id"]
    settle_all(call)
    if not is_source(call, source_id):
        raise not_found("File", source_id)
    return reply_page(call, attachments_of(call, source_id), lambda row: call.object_text(_shown(row)))


@endpoint("GET", COLLECTION + "/{attachment_name}")
def link_to_attachment(call: Call) -> Reply:
    """Answer a presigned link to the bytes of one."""
    settle_all(call)
    listing, wanted = attachments_of(call, call.parameters["source_id"]), call.parameters["attachment_name"]
    sql = f"SELECT * FROM {listing.table} WHERE {listing.where[0]} AND name = ?"  # noqa: S608 - of constants
    row = call.one(sql, *listing.values, wanted)
    if row is None:
        raise not_found("Attachment", wanted)
    return call.reply(call.presigner()(attachment_path(row["sha256"], row["name"])))


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {"name": row["name"], "size": row["size"], "last_modified": row["made_at"]}

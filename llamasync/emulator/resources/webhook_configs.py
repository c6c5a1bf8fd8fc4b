"""Webhook configurations: create, list, get, put, delete. What is secret is never answered; nothing is delivered."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.errors import invalid, not_found
from llamasync.emulator.masks import Mask, kept_headers, kept_url, mask_all, mask_most, masked_headers, masked_url
from llamasync.emulator.paging import Listing, default_descending, reply_page
from llamasync.emulator.rows import insert

COLLECTION = "/api/v1/beta/webhook-configs"
ONE = COLLECTION + "/{config_id}"
MASKS: dict[str, Mask] = {"stars": mask_all, "partial": mask_most}


@endpoint("POST", COLLECTION)
def create_webhook_config(call: Call) -> Reply:
    """Make a configuration; nothing about it has to be unique."""
    sequence = call.new_sequence()
    row = {
        "seq": sequence,
        "id": call.services.identities.prefixed("whc", sequence),
        "project_id": call.project_id,
        "created_at": call.now,
        "updated_at": call.now,
        "deleted_at": None,
        "url": _url(call.body["webhook_url"]),
        "secret": call.body.get("webhook_signing_secret") or None,
        "headers": to_json(call.body.get("webhook_headers")),
        "events": to_json(_events(call)),
        "output_format": call.body.get("webhook_output_format"),
    }
    insert(call.db, "webhook_configs", row)
    return call.reply(_shown(call, row))


@endpoint("GET", COLLECTION)
def list_webhook_configs(call: Call) -> Reply:
    """List all of a project, as a bare array."""
    order = "DESC" if default_descending(call) else "ASC"
    sql = f"SELECT * FROM webhook_configs WHERE project_id = ? AND deleted_at IS NULL ORDER BY seq {order}"
    rows = call.db.execute(sql, (call.project_id,)).fetchall()
    return Reply(call.operation.status, f"[{','.join(call.object_text(_shown(call, row)) for row in rows)}]")


@endpoint("GET", "/api/v2/webhook-configs")
def list_pages_of_webhook_configs(call: Call) -> Reply:
    """List those of a project page by page, newest first."""
    where, counted = ("project_id = ?", "deleted_at IS NULL"), bool(call.parameters.get("include_total"))
    listing = Listing("webhook_configs", where, (call.project_id,), descending=True, counted=counted)
    return reply_page(call, listing, lambda row: call.object_text(_shown(call, row)))


@endpoint("GET", ONE)
def get_webhook_config(call: Call) -> Reply:
    """Answer one configuration."""
    return call.reply(_shown(call, find_webhook_config(call, call.parameters["config_id"])))


@endpoint("PUT", ONE)
def put_webhook_config(call: Call) -> Reply:
    """Change what is given; a mask that was answered keeps what it stands for."""
    row = dict(find_webhook_config(call, call.parameters["config_id"]))
    mask, body = _mask(call), call.body
    if body.get("webhook_url") is not None:
        row["url"] = kept_url(_url(body["webhook_url"]), row["url"], mask)
    if _given(call, "webhook_headers"):
        sent, stored = body["webhook_headers"], json.loads(row["headers"]) or {}
        row["headers"] = to_json(None if sent is None else kept_headers(sent, stored, mask))
    if _given(call, "webhook_events"):
        row["events"] = to_json(_events(call))
    if _given(call, "webhook_signing_secret"):
        row["secret"] = body["webhook_signing_secret"] or None
    if _given(call, "webhook_output_format"):
        row["output_format"] = body["webhook_output_format"]
    row["updated_at"] = call.now
    names = ", ".join(f"{column} = :{column}" for column in row)
    call.db.execute(f"UPDATE webhook_configs SET {names} WHERE seq = :seq", row)
    return call.reply(_shown(call, row))


@endpoint("DELETE", ONE)
def delete_webhook_config(call: Call) -> Reply:
    """Mark as deleted."""
    row = find_webhook_config(call, call.parameters["config_id"], gone_is_fine=True)
    call.db.execute("UPDATE webhook_configs SET deleted_at = ? WHERE seq = ?", (call.now, row["seq"]))
    return Reply(204)


def find_webhook_config(call: Call, identity: str, *, gone_is_fine: bool = False) -> sqlite3.Row:
    """Find a configuration of the call's project. Raises Refusal 404."""
    row = call.one("SELECT * FROM webhook_configs WHERE id = ? AND project_id = ?", identity, call.project_id)
    if row is not None and not row["deleted_at"]:
        return row
    if row is None or not (gone_is_fine and call.switches.deleted_again == "no_content"):
        raise not_found("Webhook configuration", identity)
    return row


def _given(call: Call, name: str) -> bool:
    """Tell whether a field is to be changed: null counts where the switch says so."""
    return name in call.body and (call.body[name] is not None or call.switches.webhook_put_null == "clear")


def _url(url: str) -> str:
    """Check a URL. Raises Refusal 422."""
    try:
        usable = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        usable = False
    if not usable:
        raise invalid(["body", "webhook_url"], "Input should be a valid URL", "url_parsing")
    return url


def _events(call: Call) -> list[str] | None:
    """Read the events. Raises Refusal 422 for none at all, which nobody means."""
    events: list[str] | None = call.body.get("webhook_events")
    if events == []:
        raise invalid(["body", "webhook_events"], "List should have at least 1 item", "too_short")
    return events


def _mask(call: Call) -> Mask:
    return MASKS[call.switches.webhook_mask]


def _shown(call: Call, row: Mapping[str, Any] | sqlite3.Row) -> dict[str, Any]:
    mask, headers = _mask(call), json.loads(row["headers"])
    return {
        "id": row["id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "tenant_type": "project",
        "tenant_id": row["project_id"],
        "webhook_url": masked_url(row["url"], mask),
        "has_secret": row["secret"] is not None,
        "webhook_headers": None if headers is None else masked_headers(headers, mask),
        "webhook_events": json.loads(row["events"]),
        "webhook_output_format": row["output_format"],
    }

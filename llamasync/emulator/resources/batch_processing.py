"""Batch processing, v1: parse or classify a directory or a list of items, item by item."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.errors import invalid, not_found
from llamasync.emulator.jobs.batching import add_items, files_of_directory, files_of_ids, item_phase, items_of
from llamasync.emulator.jobs.records import Outcome, add_job, cancel_job, find_job, is_over, phase_of, updated_at
from llamasync.emulator.paging import default_descending
from llamasync.emulator.resources.directories import find_directory

COLLECTION = "/api/v1/beta/batch-processing"
ONE = COLLECTION + "/{job_id}"
ITEM_STATUS = {"running": "processing"}
CLASSIFY_FIELDS = ("rules", "status", "user_id")


@endpoint("POST", COLLECTION)
def create_batch_job(call: Call) -> Reply:
    """Start a job over a directory, or over directory files by their ids."""
    body = call.body
    directory_id, item_ids = body.get("directory_id"), body.get("item_ids")
    if (directory_id is None) == (item_ids is None):
        raise invalid(["body"], "Provide either directory_id or item_ids")
    if directory_id is not None:
        files = files_of_directory(call, find_directory(call, directory_id)["id"])
    else:
        files = files_of_ids(call, item_ids)
    config = body["job_config"]
    kind = "classify" if all(name in config for name in CLASSIFY_FIELDS) else "parse"
    request = {"job_type": kind, "job_config": config}
    row = add_job(call, "batch_job", "bpj", Outcome("completed"), source_id=directory_id, request=request)
    add_items(call, row, files, "pjb" if kind == "parse" else "clj")
    return call.reply(_shown(call, row))


@endpoint("GET", COLLECTION)
def list_batch_jobs(call: Call) -> Reply:
    """List by directory, type and status; pages by limit and offset."""
    asked, order = call.parameters, "DESC" if default_descending(call) else "ASC"
    sql = f"SELECT * FROM jobs WHERE project_id = ? AND kind = 'batch_job' ORDER BY seq {order}"
    found = [
        row
        for row in call.db.execute(sql, (call.project_id,)).fetchall()
        if asked.get("directory_id") in (None, row["source_id"])
        and asked.get("job_type") in (None, json.loads(row["request"])["job_type"])
        and asked.get("status") in (None, _status(call, row))
    ]
    return _page(call, [_shown(call, row) for row in _window(call, found)], len(found))


@endpoint("GET", ONE)
def get_batch_job(call: Call) -> Reply:
    """Answer one job and how far it is."""
    shown = _shown(call, find_job(call, "batch_job", call.parameters["job_id"]))
    total = shown["total_items"]
    done = shown["status"] in ("completed", "failed") if total == 0 else shown["processed_items"] / total
    return call.reply({"job": shown, "progress_percentage": round(100.0 * done, 2)})


@endpoint("GET", ONE + "/items")
def list_batch_job_items(call: Call) -> Reply:
    """List the items of a job by status; pages by limit and offset."""
    row, asked = find_job(call, "batch_job", call.parameters["job_id"]), call.parameters.get("status")
    found = [_item(call, item, row["cancelled_at"]) for item in items_of(call, row)]
    chosen = [each for each in found if asked in (None, each["status"])]
    return _page(call, _window(call, chosen), len(chosen))


@endpoint("POST", ONE + "/cancel")
def cancel_batch_job(call: Call) -> Reply:
    """Stop a job; items that are not over are cancelled with it."""
    row = cancel_job(call, "batch_job", call.parameters["job_id"])
    shown, reason = _shown(call, row), (call.body or {}).get("reason")
    message = f"Job {row['id']} is {shown['status']}" + (f": {reason}" if reason else "")
    answer = {name: shown[name] for name in ("status", "processed_items")}
    return call.reply({"job_id": row["id"], "message": message, **answer})


@endpoint("GET", COLLECTION + "/items/{item_id}/processing-results")
def list_processing_results(call: Call) -> Reply:
    """Answer what was made of an item by all jobs, the newest first. Raises Refusal 404 when none had it."""
    wanted, kind = call.parameters["item_id"], call.parameters.get("job_type")
    sql = """SELECT job_items.*, jobs.id AS job_id, jobs.project_id, jobs.request, jobs.cancelled_at AS stopped_at
        FROM job_items JOIN jobs ON jobs.seq = job_seq WHERE item_id = ?
        AND jobs.project_id = ? AND jobs.kind = 'batch_job'
        ORDER BY job_items.seq DESC"""
    rows = call.db.execute(sql, (wanted, call.project_id)).fetchall()
    if not rows:
        raise not_found("Item", wanted)
    done = [row for row in rows if item_phase(row, row["stopped_at"], call.now) == "completed"]
    results = [_result(call, row) for row in done]
    chosen = [each for each in results if kind in (None, each["job_type"])]
    return call.reply({"item_id": wanted, "item_name": rows[0]["name"], "processing_results": chosen})


def _status(call: Call, row: Mapping[str, Any] | sqlite3.Row) -> str:
    phase = phase_of(row, call.now)
    return call.switches.batch_job_running if phase == "running" else phase


def _shown(call: Call, row: Mapping[str, Any] | sqlite3.Row) -> dict[str, Any]:
    items, phase, now = items_of(call, row), phase_of(row, call.now), call.now
    counts = Counter(item_phase(item, row["cancelled_at"], now) for item in items)
    changed = updated_at(row, now)
    return {
        "status": _status(call, row),
        "effective_at": changed,
        "job_record_id": None,
        "error_message": row["error"] if phase == "failed" else None,
        "id": row["id"],
        "created_at": row["created_at"],
        "updated_at": changed,
        "project_id": row["project_id"],
        "directory_id": row["source_id"],
        "job_type": json.loads(row["request"])["job_type"],
        "total_items": len(items),
        "processed_items": sum(counts[each] for each in ("completed", "failed", "skipped")),
        "failed_items": counts["failed"],
        "skipped_items": counts["skipped"],
        "workflow_id": f"workflow-{row['id']}",
        "started_at": row["starts_at"] if row["starts_at"] <= changed else None,
        "completed_at": changed if is_over(phase) else None,
    }


def _item(call: Call, item: sqlite3.Row, cancelled_at: str | None) -> dict[str, Any]:
    phase = item_phase(item, cancelled_at, call.now)
    over = phase in ("completed", "failed", "skipped")
    until = min(cancelled_at or call.now, call.now)
    return {
        "status": ITEM_STATUS.get(phase, phase),
        "effective_at": item["ends_at"] if over else until,
        "job_record_id": None,
        "error_message": item["error"] if phase == "failed" else None,
        "item_id": item["item_id"],
        "item_name": item["name"],
        "job_id": item["reference"] if over else None,
        "skip_reason": item["error"] if phase == "skipped" else None,
        "started_at": item["starts_at"] if item["starts_at"] <= until else None,
        "completed_at": item["ends_at"] if over else None,
    }


def _result(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    request = json.loads(row["request"])
    return {
        "result_id": call.services.identities.uuid("result", row["seq"]),
        "item_id": row["item_id"],
        "job_type": request["job_type"],
        "job_config": request["job_config"],
        "parameters_hash": hashlib.sha256(to_json(request["job_config"]).encode()).hexdigest(),
        "output_s3_path": f"s3://emulator/{row['project_id']}/{row['job_id']}/{row['item_id']}.json",
        "output_metadata": None,
        "processed_at": row["ends_at"],
    }


def _window(call: Call, found: Sequence[Any]) -> list[Any]:
    offset: int = call.parameters["offset"]
    return list(found[offset : offset + call.parameters["limit"]])


def _page(call: Call, items: list[dict[str, Any]], total: int) -> Reply:
    """Answer a page by limit and offset: no token, and a total where the switch says so."""
    counted = None if call.switches.total_size == "null" else total
    return Reply(call.operation.status, to_json({"items": items, "next_page_token": None, "total_size": counted}))

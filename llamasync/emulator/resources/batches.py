"""Batches, v2: one product job for each file of a directory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint
from llamasync.emulator.errors import invalid
from llamasync.emulator.jobs.batching import add_items, files_of_directory, items_of
from llamasync.emulator.jobs.records import Outcome, add_job, cancel_job, find_job, list_jobs, phase_of, updated_at
from llamasync.emulator.jobs.settings import check_webhooks, saved_parameters
from llamasync.emulator.paging import reply_page
from llamasync.emulator.resources.directories import find_directory

COLLECTION = "/api/v2/batches"
ONE = COLLECTION + "/{batch_id}"
MAX_FILES = 1000
PREFIXES = {"parse_v2": "pjb", "extract_v2": "exj"}


@endpoint("POST", COLLECTION)
def create_batch(call: Call) -> Reply:
    """Start a job for each file that the directory holds now."""
    body, job = call.body, call.body["config"]["job"]
    directory = find_directory(call, body["source_directory_id"])
    saved_parameters(call, job["configuration_id"], job["type"])
    check_webhooks(call)
    files = files_of_directory(call, directory["id"])
    if len(files) > MAX_FILES:
        message = f"A batch takes at most {MAX_FILES} source files; the directory has {len(files)}"
        raise invalid(["body", "source_directory_id"], message, "too_long")
    row = add_job(
        call,
        "batch",
        "bat",
        Outcome("completed"),
        source_id=directory["id"],
        request={"config": body["config"]},
        configuration_id=job["configuration_id"],
    )
    add_items(call, row, files, PREFIXES[job["type"]])
    return call.reply(_shown(call, row))


@endpoint("GET", COLLECTION)
def list_batches(call: Call) -> Reply:
    """List by status, directory and times."""
    status = call.parameters.get("status")
    phases = None if status is None else tuple(phase for phase, word in _words(call).items() if word == status)
    return reply_page(call, list_jobs(call, "batch", phases), lambda row: call.object_text(_shown(call, row)))


@endpoint("GET", ONE)
def get_batch(call: Call) -> Reply:
    """Answer one batch, with a result for each file when that is asked for and it is completed."""
    row = find_job(call, "batch", call.parameters["batch_id"])
    return call.reply(_shown(call, row, results="results" in (call.parameters.get("expand") or ())))


@endpoint("POST", ONE + "/cancel")
def cancel_batch(call: Call) -> Reply:
    """Stop a batch."""
    return call.reply(_shown(call, cancel_job(call, "batch", call.parameters["batch_id"])))


def _words(call: Call) -> dict[str, str]:
    """Map phases to what this service calls them."""
    waiting = "THROTTLED" if call.switches.batch_waiting == "throttled" else "PENDING"
    words = {name: name.upper() for name in ("running", "completed", "failed", "cancelled")}
    return {"pending": waiting, **words}


def _shown(call: Call, row: Mapping[str, Any] | sqlite3.Row, *, results: bool = False) -> dict[str, Any]:
    phase, config = phase_of(row, call.now), json.loads(row["request"])["config"]
    found = None
    if results and phase == "completed":
        found = [_result(item, config["job"]["type"]) for item in items_of(call, row)]
    return {
        "id": row["id"],
        "created_at": row["created_at"],
        "updated_at": updated_at(row, call.now),
        "project_id": row["project_id"],
        "source_directory_id": row["source_id"],
        "config": config,
        "status": _words(call)[phase],
        "results": found,
    }


def _result(item: sqlite3.Row, product: str) -> dict[str, Any]:
    reference = {"type": product, "id": item["reference"]} if item["reference"] else None
    return {
        "source_directory_file_id": item["item_id"],
        "job_reference": reference,
        "error_message": item["error"],
    }

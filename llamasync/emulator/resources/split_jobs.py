"""Split jobs, beta and v1: two views of the same jobs, the second with delete and cancel."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint
from llamasync.emulator.errors import invalid
from llamasync.emulator.jobs.records import (
    Outcome,
    add_job,
    cancel_job,
    delete_job,
    find_job,
    is_over,
    list_jobs,
    phase_of,
    updated_at,
)
from llamasync.emulator.jobs.settings import check_webhooks, chosen_settings
from llamasync.emulator.jobs.sources import PARSE_JOB, find_input, pages_of
from llamasync.emulator.jobs.splitting import split_pages
from llamasync.emulator.options import stable_uuid
from llamasync.emulator.paging import reply_page

BETA = "/api/v1/beta/split/jobs"
V1 = "/api/v1/split/jobs"
ONE = "/{split_job_id}"
STATUS = {"running": "processing"}
USER_ID = stable_uuid("user")


@endpoint("POST", BETA)
def create_split_job_beta(call: Call) -> Reply:
    """Split the file of `document_input`."""
    document = call.body["document_input"]
    if document["type"] != "file_id":
        raise invalid(["body", "document_input", "type"], "Valid values are: file_id", "enum")
    return _create(call, document["value"])


@endpoint("POST", V1)
def create_split_job(call: Call) -> Reply:
    """Split a file, or the document of a parse job; a transaction id that was used answers the job it made."""
    transaction = call.body.get("transaction_id")
    if transaction is not None:
        made = call.one(
            "SELECT * FROM jobs WHERE project_id = ? AND kind = 'split' AND transaction_id = ?",
            call.project_id, transaction,
        )  # fmt: skip
        if made is not None:
            return call.reply(_shown(call, made))
    return _create(call, call.body["file_input"])


def _create(call: Call, identity: str) -> Reply:
    settings = chosen_settings(call, "SplitConfiguration", "split_v1", "configuration")
    if settings is None:
        raise invalid(["body", "configuration"], "Give either configuration or configuration_id", "missing")
    check_webhooks(call)
    file = find_input(call, identity)
    found = pages_of(call, file)
    if found.error is None:
        allow = (settings.get("splitting_strategy") or {}).get("allow_uncategorized", "include")
        outcome = Outcome("completed", {"segments": split_pages(found.pages, settings["categories"], allow)})
    else:
        outcome = Outcome("failed", None, f"{file['name']}: {found.error}")
    request = {"settings": settings, "transaction_id": call.body.get("transaction_id")}
    saved = call.body.get("configuration_id")
    row = add_job(call, "split", "spl", outcome, source_id=identity, request=request, configuration_id=saved)
    return call.reply(_shown(call, row))


@endpoint("GET", BETA)
@endpoint("GET", V1)
def list_split_jobs(call: Call) -> Reply:
    """List by status, ids and times."""
    status = call.parameters.get("status")
    phases = None if status is None else ("running" if status == "processing" else status,)
    return reply_page(call, list_jobs(call, "split", phases), lambda row: call.object_text(_shown(call, row)))


@endpoint("GET", BETA + ONE)
@endpoint("GET", V1 + ONE)
def get_split_job(call: Call) -> Reply:
    """Answer one job, with its segments when it is completed."""
    return call.reply(_shown(call, find_job(call, "split", call.parameters["split_job_id"])))


@endpoint("DELETE", V1 + ONE)
def delete_split_job(call: Call) -> Reply:
    """Delete a job, whatever it is doing."""
    delete_job(call, "split", call.parameters["split_job_id"])
    return Reply(call.operation.status, "{}")


@endpoint("POST", V1 + ONE + "/cancel")
def cancel_split_job(call: Call) -> Reply:
    """Stop a job."""
    return call.reply(_shown(call, cancel_job(call, "split", call.parameters["split_job_id"])))


def _shown(call: Call, row: Mapping[str, Any] | sqlite3.Row) -> dict[str, Any]:
    phase, request = phase_of(row, call.now), json.loads(row["request"])
    over = is_over(phase) and phase != "cancelled"
    kind = "parse_job_id" if row["source_id"].startswith(PARSE_JOB) else "file_id"
    return {
        "id": row["id"],
        "created_at": row["created_at"],
        "updated_at": updated_at(row, call.now),
        "transaction_id": row["transaction_id"],
        "file_input": row["source_id"],
        "document_input_type": kind,
        "document_input": {"type": kind, "value": row["source_id"]},
        "project_id": row["project_id"],
        "user_id": USER_ID,
        "configuration_id": row["configuration_id"],
        "categories": request["settings"]["categories"],
        "splitting_strategy": request["settings"].get("splitting_strategy") or {"allow_uncategorized": "include"},
        "status": STATUS.get(phase, phase),
        "result": json.loads(row["result"]) if over else None,
        "error_message": row["error"] if over else None,
    }

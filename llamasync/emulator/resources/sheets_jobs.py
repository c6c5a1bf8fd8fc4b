"""Sheets jobs, beta and v1: create, list, get, delete, and links to what was found in each region."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint
from llamasync.emulator.errors import invalid, not_found
from llamasync.emulator.jobs.records import add_job, delete_job, find_job, is_over, list_jobs, phase_of, updated_at
from llamasync.emulator.jobs.regions import parse_range
from llamasync.emulator.jobs.settings import check_webhooks, chosen_settings
from llamasync.emulator.jobs.sheets import extract_regions
from llamasync.emulator.options import stable_uuid
from llamasync.emulator.paging import reply_page
from llamasync.emulator.resources.configurations import fill_defaults
from llamasync.emulator.resources.files import MAX_LINK_S, find_file

BETA = "/api/v1/beta/sheets/jobs"
V1 = "/api/v1/sheets/jobs"
ONE = "/{spreadsheet_job_id}"
RESULT = ONE + "/regions/{region_id}/result/{region_type}"
SETTINGS = "SpreadsheetParsingConfig"
PHASES = {
    "PENDING": ("pending", "running"),
    "SUCCESS": ("completed",),
    "PARTIAL_SUCCESS": ("partial",),
    "ERROR": ("failed",),
    "CANCELLED": ("cancelled",),
}
STATUS = {phase: status for status, phases in PHASES.items() for phase in phases}


@endpoint("POST", BETA)
@endpoint("POST", V1)
def create_sheets_job(call: Call) -> Reply:
    """Find the regions of a spreadsheet."""
    settings = chosen_settings(call, SETTINGS, "spreadsheet_v1", "configuration", "config")
    if settings is None:
        schema = {"$ref": f"#/components/schemas/{SETTINGS}"}
        settings = dict(fill_defaults(call.services.contract, schema, {}))
    if settings.get("extraction_range"):
        try:
            parse_range(settings["extraction_range"])
        except ValueError as wrong:
            raise invalid(["body", "configuration", "extraction_range"], str(wrong)) from wrong
    check_webhooks(call)
    file = find_file(call, call.body["file_id"])
    row = add_job(
        call,
        "sheets",
        "sht",
        extract_regions(call, file, settings),
        source_id=file["id"],
        request={"settings": settings},
        configuration_id=call.body.get("configuration_id"),
    )
    return call.reply(_shown(call, row, results=True))


@endpoint("GET", BETA)
@endpoint("GET", V1)
def list_sheets_jobs(call: Call) -> Reply:
    """List by status, ids, configuration and times; with results on request."""
    status, results = call.parameters.get("status"), bool(call.parameters.get("include_results"))
    listing = list_jobs(call, "sheets", None if status is None else PHASES[status])
    return reply_page(call, listing, lambda row: call.object_text(_shown(call, row, results=results)))


@endpoint("GET", BETA + ONE)
@endpoint("GET", V1 + ONE)
def get_sheets_job(call: Call) -> Reply:
    """Answer one job, with results unless asked not to."""
    row = find_job(call, "sheets", call.parameters["spreadsheet_job_id"])
    return call.reply(_shown(call, row, results=call.parameters["include_results"]))


@endpoint("DELETE", BETA + ONE)
@endpoint("DELETE", V1 + ONE)
def delete_sheets_job(call: Call) -> Reply:
    """Delete a job, and the files that it made."""
    row = find_job(call, "sheets", call.parameters["spreadsheet_job_id"])
    for region in (json.loads(row["result"]) or {}).get("regions", ()):
        for file_id in region["files"].values():
            call.db.execute("UPDATE files SET deleted_at = ? WHERE id = ?", (call.now, file_id))
    delete_job(call, "sheets", row["id"])
    return Reply(call.operation.status, "{}")


@endpoint("GET", BETA + RESULT)
@endpoint("GET", V1 + RESULT)
def link_to_region(call: Call) -> Reply:
    """Answer a presigned link to a region's table, extra or cell metadata."""
    for_s = call.parameters.get("expires_at_seconds")
    if for_s is not None and not 1 <= for_s <= MAX_LINK_S:
        raise invalid(["query", "expires_at_seconds"], f"Input should be from 1 to {MAX_LINK_S}")
    row = find_job(call, "sheets", call.parameters["spreadsheet_job_id"])
    wanted, kind = call.parameters["region_id"], call.parameters["region_type"]
    found = json.loads(row["result"]) if is_over(phase_of(row, call.now)) else None
    for region in (found or {}).get("regions", ()):
        if region["region_id"] == wanted and kind in region["files"]:
            return call.reply(call.presigner(for_s)(region["files"][kind]))
    raise not_found(f"Result {kind} of region", wanted)


def _shown(call: Call, row: Mapping[str, Any] | sqlite3.Row, *, results: bool) -> dict[str, Any]:
    phase, settings = phase_of(row, call.now), json.loads(row["request"])["settings"]
    over = is_over(phase)
    result = (json.loads(row["result"]) if over else None) or {}
    regions = result.get("regions", ()) if results else ()
    errors = result.get("errors") or ([row["error"]] if over and row["error"] else [])
    return {
        "id": row["id"],
        "user_id": stable_uuid("user"),
        "project_id": row["project_id"],
        "configuration": settings,
        "config": settings,
        "configuration_id": row["configuration_id"],
        "parameters": {},
        "status": STATUS[phase],
        "created_at": row["created_at"],
        "updated_at": updated_at(row, call.now),
        "success": phase in ("completed", "partial") if over else None,
        "regions": [{name: each for name, each in region.items() if name != "files"} for region in regions],
        "worksheet_metadata": result.get("worksheets", []) if results else [],
        "errors": errors,
        "file_id": row["source_id"],
        "file": _file(call, row["source_id"]),
    }


def _file(call: Call, identity: str) -> dict[str, Any] | None:
    """Describe the spreadsheet; None when it was deleted meanwhile."""
    row = call.one("SELECT * FROM files WHERE id = ? AND deleted_at IS NULL", identity)
    if row is None:
        return None
    names = ("id", "name", "project_id", "external_file_id", "file_type", "created_at", "purpose")
    return {**{name: row[name] for name in names}, "file_size": row["size"]}

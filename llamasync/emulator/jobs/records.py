"""Jobs as rows: made with their outcome, pending, then running, then what the outcome says, or cancelled before."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from llamasync.emulator.calls import Call, to_json
from llamasync.emulator.errors import conflict, not_found
from llamasync.emulator.paging import Listing, default_descending
from llamasync.emulator.rows import insert
from llamasync.emulator.times import format_time, parse_time

KINDS = ("split", "sheets", "batch", "batch_job")
PHASE = """CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled' WHEN starts_at > ? THEN 'pending'
    WHEN ends_at > ? THEN 'running' ELSE outcome END"""
TIMES = {"created_at_on_or_after": "created_at >= ?", "created_at_on_or_before": "created_at <= ?"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job will have come to. `word` is completed, partial or failed."""

    word: str
    result: Any = None
    error: str | None = None


def add_job(
    call: Call,
    kind: str,
    prefix: str,
    outcome: Outcome,
    *,
    source_id: str | None,
    request: Mapping[str, Any],
    configuration_id: str | None = None,
) -> dict[str, Any]:
    """Insert a job and return its row; a failure or a delay that was ordered is used up by it."""
    failure, delay_ms = _take_orders(call, kind)
    if failure is not None:
        outcome = Outcome("failed", None, failure)
    sequence = call.new_sequence()
    starts = call.moment + timedelta(milliseconds=call.switches.job_wait_ms)
    ends = starts + timedelta(milliseconds=call.switches.job_duration_ms + delay_ms)
    row = {
        "seq": sequence,
        "id": call.services.identities.prefixed(prefix, sequence),
        "project_id": call.project_id,
        "kind": kind,
        "source_id": source_id,
        "configuration_id": configuration_id,
        "transaction_id": request.get("transaction_id"),
        "request": to_json(request),
        "result": to_json(outcome.result),
        "outcome": outcome.word,
        "error": outcome.error,
        "starts_at": format_time(starts),
        "ends_at": format_time(ends),
        "cancelled_at": None,
        "created_at": call.now,
        "deleted_at": None,
    }
    insert(call.db, "jobs", row)
    return row


def _take_orders(call: Call, kind: str) -> tuple[str | None, int]:
    """Use up the oldest failure and the oldest delay that were ordered for a kind."""
    failure, delay_ms = None, 0
    for condition in ("failure IS NOT NULL", "failure IS NULL"):
        row = call.one(f"SELECT * FROM job_orders WHERE kind = ? AND {condition} ORDER BY seq", kind)
        if row is not None:
            call.db.execute("DELETE FROM job_orders WHERE seq = ?", (row["seq"],))
            failure, delay_ms = row["failure"] or failure, delay_ms + row["delay_ms"]
    return failure, delay_ms


def find_job(call: Call, kind: str, identity: str) -> sqlite3.Row:
    """Find a job of the call's project. Raises Refusal 404."""
    sql = "SELECT * FROM jobs WHERE id = ? AND project_id = ? AND kind = ? AND deleted_at IS NULL"
    row = call.one(sql, identity, call.project_id, kind)
    if row is None:
        raise not_found("Job", identity)
    return row


def phase_of(row: Mapping[str, Any] | sqlite3.Row, now: str) -> str:
    """Tell where a job, or an item of one, is: pending, running, cancelled, or its outcome."""
    if "cancelled_at" in row.keys() and row["cancelled_at"]:  # noqa: SIM118 - a Row iterates over values
        return "cancelled"
    if row["starts_at"] > now:
        return "pending"
    return "running" if row["ends_at"] > now else str(row["outcome"])


def is_over(phase: str) -> bool:
    """Tell whether a phase is a last one."""
    return phase not in ("pending", "running")


def updated_at(row: Mapping[str, Any] | sqlite3.Row, now: str) -> str:
    """Tell when a job last went on."""
    if row["cancelled_at"]:
        return str(row["cancelled_at"])
    return max(str(each) for each in (row["created_at"], row["starts_at"], row["ends_at"]) if each <= now)


def cancel_job(call: Call, kind: str, identity: str) -> sqlite3.Row:
    """Stop a job and return it. One that is over is refused with 409, or stays as it is, as the switch says."""
    row = find_job(call, kind, identity)
    phase = phase_of(row, call.now)
    if not is_over(phase):
        call.db.execute("UPDATE jobs SET cancelled_at = ? WHERE seq = ?", (call.now, row["seq"]))
    elif call.switches.cancel_finished == "conflict":
        raise conflict(f"Job {identity} is {phase} and cannot be cancelled")
    return find_job(call, kind, identity)


def delete_job(call: Call, kind: str, identity: str) -> None:
    """Mark as deleted. Raises Refusal 404."""
    row = find_job(call, kind, identity)
    call.db.execute("UPDATE jobs SET deleted_at = ? WHERE seq = ?", (call.now, row["seq"]))


def list_jobs(call: Call, kind: str, phases: tuple[str, ...] | None) -> Listing:
    """Describe the list that the query asks for; `phases` are those that the asked status stands for."""
    asked = call.parameters
    where, values = ["project_id = ?", "kind = ?", "deleted_at IS NULL"], [call.project_id, kind]
    if phases is not None:
        where.append(f"phase IN ({', '.join('?' * len(phases))})")
        values.extend(phases)
    if asked.get("job_ids") is not None:
        where.append(f"id IN ({', '.join('?' * len(asked['job_ids']))})")
        values.extend(asked["job_ids"])
    for name, column in (("configuration_id", "configuration_id"), ("source_directory_id", "source_id")):
        if asked.get(name) is not None:
            where.append(f"{column} = ?")
            values.append(asked[name])
    for name, condition in TIMES.items():
        if asked.get(name) is not None:
            where.append(condition)
            values.append(parse_time(asked[name]))
    return Listing(
        f"(SELECT *, {PHASE} AS phase FROM jobs)",
        tuple(where),
        (call.now, call.now, *values),
        descending=default_descending(call),
        fleeting=2,
    )

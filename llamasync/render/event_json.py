"""Events as JSON, one object a line, for programs that follow an apply."""

from __future__ import annotations

import json
from typing import Any

from llamasync.apply.events import Event, EventType
from llamasync.render.plan_json import problem_value

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make one for every event


def event_value(event: Event) -> dict[str, Any]:
    """Return an event as plain JSON values: type, address, action, at, elapsed_s, and the rest where it has any."""
    value: dict[str, Any] = {
        "type": str(event.type),
        "address": str(event.address) if event.address else None,
        "action": str(event.action) if event.action else None,
        "at": event.at,
        "elapsed_s": round(event.elapsed_s, 3),
    }
    if event.id:
        value["id"] = event.id
    if event.detail:
        value["detail"] = event.detail
    if event.diagnostic:
        value["diagnostic"] = problem_value(event.diagnostic)
    if event.because_of:
        value["because_of"] = str(event.because_of)
    if event.goes_on:
        value["goes_on"] = True
    if event.outcome:
        value["outcome"] = event.outcome
    if event.type is EventType.PROGRESS:
        value |= {"bytes_done": event.bytes_done, "bytes_total": event.bytes_total}
    if event.type is EventType.PLAN:
        value["total"] = event.total
    if event.type is EventType.SUMMARY:
        counts = {"total": event.total, "done": event.done, "failed": event.failed, "skipped": event.skipped}
        value |= counts
    return value


def render_event_json(event: Event) -> str:
    """Return one line of JSON, with its line end."""
    return _encode(event_value(event)) + "\n"

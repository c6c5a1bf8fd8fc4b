"""Where runs and syncs are, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from llamasync.plan.model import Standing
from llamasync.plan.runs import progress_of
from llamasync.render.table import render_table
from llamasync.render.units import human_time
from llamasync.render.values import safe_text

FORMAT_VERSION = "1.0"

_HEAD = ["ADDRESS", "STATE", "HOW FAR", "SINCE", "ID"]


def render_standings_text(standings: Iterable[Standing]) -> str:
    """Return a line for each, below it what failed, and why it is to run again; say so when there is none."""
    listed = list(standings)
    if not listed:
        return "There are no runs and no syncs.\n"
    rows = [[str(one.address), state_of(one), _how_far(one), human_time(one.since), one.id] for one in listed]
    lines = render_table(_HEAD, rows).splitlines()
    text = [lines[0]]
    for line, one in zip(lines[1:], listed, strict=True):
        text.append(line)
        text += [f"    failed: {safe_text(failure)}" for failure in _failures(one)]
        if one.reason and one.status:
            text.append(f"    the next apply runs it again: {safe_text(one.reason)}")
    return "\n".join(text) + "\n"


def render_standings_json(standings: Iterable[Standing]) -> str:
    """Return the same as indented JSON with a line end."""
    value = {"format_version": FORMAT_VERSION, "standings": [_value(one) for one in standings]}
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def state_of(standing: Standing) -> str:
    """Return the word for where it is: `never ran` and `gone` beside those of the service's statuses."""
    if standing.status:
        return str(standing.status)
    if standing.run is None:
        return "not there"
    return "gone" if standing.binding is not None else "never ran"


def _how_far(standing: Standing) -> str:
    shown = standing.run.shown if standing.run else None
    return progress_of(shown) if shown else ""


def _failures(standing: Standing) -> tuple[str, ...]:
    shown = standing.run.shown if standing.run else None
    if shown is None or standing.run is None:
        return ()
    return shown.with_names(standing.run.names).failures


def _value(standing: Standing) -> dict[str, Any]:
    shown = standing.run.shown if standing.run else None
    counts = {name: getattr(shown, name) for name in ("total", "done", "failed", "skipped")} if shown else None
    return {
        "address": str(standing.address),
        "kind": standing.address.kind,
        "id": standing.id or None,
        "state": state_of(standing),
        "files": counts,
        "since": standing.since or None,
        "runs_again_because": standing.reason or None,
        "failures": list(_failures(standing)),
    }

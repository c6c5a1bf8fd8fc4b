"""The work of a sheets job: the regions of the sheets that were asked for, their tables stored as files."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llamasync.emulator.calls import Call
from llamasync.emulator.extraction import Unreadable
from llamasync.emulator.jobs.records import Outcome
from llamasync.emulator.jobs.regions import Bounds, cell_metadata_csv, find_regions, parse_range, table_csv
from llamasync.emulator.jobs.sources import pages_of
from llamasync.emulator.jobs.workbooks import Cell, Sheet, read_sheets
from llamasync.emulator.resources.files import store_file
from llamasync.emulator.uploads import FilePart


def extract_regions(call: Call, file: sqlite3.Row, settings: Mapping[str, Any]) -> Outcome:
    """Do the job: partial when a sheet that was named is not there, failed when nothing can be read."""
    # First, because it refuses archives that unpack to too much.
    damage = pages_of(call, file).error
    if damage is not None:
        return Outcome("failed", {"errors": [f"{file['name']}: {damage}"]}, damage)
    try:
        sheets = read_sheets(file["name"], call.services.blobs.read(file["sha256"]))
    except Unreadable as why:
        return Outcome("failed", {"errors": [f"{file['name']}: {why}"]}, str(why))
    wanted = settings.get("sheet_names") or [each.name for each in sheets]
    known = {each.name: each for each in sheets}
    errors = [f"{file['name']} has no sheet {name!r}" for name in wanted if name not in known]
    chosen = [known[name] for name in dict.fromkeys(wanted) if name in known]
    if not settings["include_hidden_cells"]:
        chosen = [each for each in chosen if not each.hidden]
    result = {
        "regions": [region for each in chosen for region in _regions(call, each, settings)],
        "worksheets": [_described(each, settings) for each in chosen],
        "errors": errors,
    }
    if errors and not chosen:
        return Outcome("failed", result, errors[0])
    return Outcome("partial" if errors else "completed", result)


def _described(sheet: Sheet, settings: Mapping[str, Any]) -> dict[str, Any]:
    if not settings["generate_additional_metadata"]:
        return {"sheet_name": sheet.name, "title": None, "description": None}
    return {"sheet_name": sheet.name, "title": sheet.name, "description": f"{len(sheet.cells)} cells"}


def _regions(call: Call, sheet: Sheet, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    visible = {p: c for p, c in sheet.cells.items() if settings["include_hidden_cells"] or not c.hidden}
    asked = settings.get("extraction_range")
    if asked:
        limits = parse_range(asked)
        inside = {place: cell for place, cell in visible.items() if limits.holds(place)}
        bounds = [_around(inside)] if inside else []
    else:
        bounds = find_regions(visible, strong=settings["table_merge_sensitivity"] == "strong")
    return [
        _region(call, sheet.name, visible, each, described=settings["generate_additional_metadata"]) for each in bounds
    ]


def _around(cells: Mapping[tuple[int, int], Cell]) -> Bounds:
    rows, columns = [place[0] for place in cells], [place[1] for place in cells]
    return Bounds(min(rows), min(columns), max(rows), max(columns))


def _region(
    call: Call, sheet_name: str, cells: Mapping[tuple[int, int], Cell], bounds: Bounds, *, described: bool
) -> dict[str, Any]:
    kind = "table" if bounds.is_table else "extra"
    identity = call.services.identities.uuid("region", call.new_sequence())
    heads = [cells.get((bounds.top, column)) for column in range(bounds.left, bounds.right + 1)]
    names = ", ".join(each.value for each in heads if each)
    contents = {kind: table_csv(cells, bounds), "cell_metadata": cell_metadata_csv(cells, bounds)}
    return {
        "region_id": identity,
        "sheet_name": sheet_name,
        "location": bounds.text(),
        "region_type": kind,
        "title": f"{sheet_name} {bounds.text()}" if described else None,
        "description": f"Begins with: {names}" if described else None,
        "files": {name: _stored(call, f"{identity}-{name}.csv", content) for name, content in contents.items()},
    }


def _stored(call: Call, name: str, content: bytes) -> str:
    """Keep a result as a file of no project, so that only links reach it."""
    pending = call.services.blobs.put(content)
    nobody = replace(call, project_id="")
    file = store_file(nobody, FilePart(name, "text/csv", pending), external_file_id=None, purpose="sheet")
    call.services.blobs.adopt(pending)
    return str(file["id"])

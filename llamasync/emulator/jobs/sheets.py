"""The work of a sheets job: the regions of the sheets that were asked for, their tables stored as files."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
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

# Beyond these a job fails: nobody has use for the tables, and writing them takes for ever.
MAX_REGIONS = 2_000
MAX_REGION_CELLS = 5_000_000


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
    try:
        found = [(each, _visible(each, settings), bounds) for each in chosen for bounds in _bounds(each, settings)]
        _check_size([bounds for _, _, bounds in found])
    except Unreadable as why:
        return Outcome("failed", {"errors": [f"{file['name']}: {why}"]}, str(why))
    described = settings["generate_additional_metadata"]
    result = {
        "regions": [_region(call, each.name, cells, bounds, described=described) for each, cells, bounds in found],
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


def _visible(sheet: Sheet, settings: Mapping[str, Any]) -> Mapping[tuple[int, int], Cell]:
    if settings["include_hidden_cells"]:
        return sheet.cells
    return {place: cell for place, cell in sheet.cells.items() if not cell.hidden}


def _bounds(sheet: Sheet, settings: Mapping[str, Any]) -> list[Bounds]:
    visible, asked = _visible(sheet, settings), settings.get("extraction_range")
    if not asked:
        return find_regions(visible, strong=settings["table_merge_sensitivity"] == "strong")
    limits = parse_range(asked)
    inside = {place: cell for place, cell in visible.items() if limits.holds(place)}
    return [_around(inside)] if inside else []


def _check_size(found: Sequence[Bounds]) -> None:
    if len(found) > MAX_REGIONS:
        raise Unreadable(f"more than {MAX_REGIONS} regions")
    for bounds in found:
        if bounds.area > MAX_REGION_CELLS:
            raise Unreadable(f"the region {bounds.text()} has more than {MAX_REGION_CELLS} cells")


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

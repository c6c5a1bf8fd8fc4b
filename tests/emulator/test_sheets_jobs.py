from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from tests.emulator.job_documents import stored, workbook
from tests.emulator.support import CONFIGURATIONS, PARSE, World, check_against_contract

Worlds = Callable[..., World]
BETA = "/api/v1/beta/sheets/jobs"
V1 = "/api/v1/sheets/jobs"
ROWS = [["name", "age"], ["Ada", 36], ["Bob", 4.5], [], ["note: all of them"]]
BOOK = workbook({"People": ROWS, "Empty": [], "Flags": [["on", "x"], [True, None]]})


def post(world: World, path: str, **body: Any) -> Any:
    answer = world.client.post(path, json=body)
    check_against_contract(world.emulator.options.dialect, "POST", path, answer)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(world: World, identity: str, path: str = V1, **query: Any) -> Any:
    answer = world.client.get(f"{path}/{identity}", params=query)
    check_against_contract(world.emulator.options.dialect, "GET", f"{path}/{identity}", answer)
    return answer.json()


def run(world: World, content: bytes = BOOK, name: str = "book.xlsx", **settings: Any) -> Any:
    job = post(world, V1, file_id=stored(world, name, content), configuration=settings)
    world.clock.move(seconds=10)
    return read(world, job["id"])


def places(job: Any) -> list[str]:
    return [f"{each['sheet_name']}!{each['location']} {each['region_type']}" for each in job["regions"]]


def download(world: World, job: Any, region: Any, kind: str, **query: Any) -> list[list[str]]:
    path = f"{V1}/{job['id']}/regions/{region['region_id']}/result/{kind}"
    answer = world.client.get(path, params=query)
    check_against_contract("current", "GET", path, answer)
    got = world.client.get(answer.json()["url"])
    assert got.status_code == 200
    assert got.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(got.text)))


def test_regions_are_found_and_download_as_tables(world: World) -> None:
    job = run(world)
    assert (job["status"], job["success"], job["errors"]) == ("SUCCESS", True, [])
    assert places(job) == ["People!A1:B3 table", "People!A5:A5 extra", "Flags!A1:B2 table"]
    assert [each["sheet_name"] for each in job["worksheet_metadata"]] == ["People", "Empty", "Flags"]
    table, extra, flags = job["regions"]
    assert download(world, job, table, "table") == [["name", "age"], ["Ada", "36"], ["Bob", "4.5"]]
    assert download(world, job, extra, "extra") == [["note: all of them"]]
    assert download(world, job, flags, "table") == [["on", "x"], ["true", ""]]
    cells = download(world, job, table, "cell_metadata", expires_at_seconds=60)
    assert cells[0][:4] == ["cell", "row", "column", "type"]
    assert cells[4][:4] == ["B2", "2", "2", "number"]


def test_times_come_as_iso_text(world: World) -> None:
    job = run(world, workbook({"a": [["at", "on"], [datetime(2026, 5, 4, 3, 2), date(2026, 1, 2)]]}))
    assert download(world, job, job["regions"][0], "table")[1] == ["2026-05-04T03:02:00", "2026-01-02T00:00:00"]
    assert download(world, job, job["regions"][0], "cell_metadata")[3][3] == "time"


def test_a_spreadsheet_that_was_deleted_is_no_longer_described(world: World) -> None:
    job = run(world)
    world.ok("DELETE", f"/api/v1/beta/files/{job['file_id']}")
    assert read(world, job["id"])["file"] is None


def test_results_are_no_files_of_the_project(world: World) -> None:
    job = run(world)
    assert [each["name"] for each in world.items("/api/v1/beta/files")] == ["book.xlsx"]
    assert job["file"]["name"] == "book.xlsx"


def test_both_paths_and_dialects_have_the_job(worlds: Worlds) -> None:
    for dialect, key in (("reference", "config"), ("current", "config"), ("current", "configuration")):
        world = worlds(dialect=dialect)
        body = {"file_id": stored(world, "a.csv", b"a,b\n1,2\n"), key: {"generate_additional_metadata": False}}
        job = post(world, BETA, **body)
        assert (job["status"], job["regions"], job["success"]) == ("PENDING", [], None)
        world.clock.move(seconds=10)
        done = read(world, job["id"], BETA)
        assert (done["status"], places(done)) == ("SUCCESS", ["a!A1:B2 table"])
        assert done["config"]["generate_additional_metadata"] is False
        assert done["regions"][0]["title"] is None
        if dialect == "current":
            assert read(world, job["id"]) == done


def test_a_job_waits_for_its_time(worlds: Worlds) -> None:
    world = worlds({"job_wait_ms": 1000, "job_duration_ms": 3000})
    job = post(world, V1, file_id=stored(world, "a.csv", b"a,b\n1,2\n"))
    world.clock.move(seconds=2)
    assert read(world, job["id"])["status"] == "PENDING"
    assert world.items(V1, status="PENDING")
    world.clock.move(seconds=3)
    assert read(world, job["id"])["regions"]
    assert read(world, job["id"], include_results=False)["regions"] == []


def test_sheets_cells_and_ranges_are_chosen(world: World) -> None:
    assert places(run(world, sheet_names=["Flags"])) == ["Flags!A1:B2 table"]
    assert places(run(world, sheet_names=["People"], extraction_range="A2:B9")) == ["People!A2:B5 table"]
    assert places(run(world, sheet_names=["People"], extraction_range="X1:Z9")) == []
    book = openpyxl.load_workbook(io.BytesIO(BOOK))
    book["People"].row_dimensions[5].hidden = True
    book["People"].column_dimensions["B"].hidden = True
    book["Flags"].sheet_state = "hidden"
    written = io.BytesIO()
    book.save(written)
    assert places(run(world, written.getvalue(), include_hidden_cells=False)) == ["People!A1:A3 extra"]
    assert len(run(world, written.getvalue())["regions"]) == 3


@pytest.mark.parametrize(("sensitivity", "expected"), [("strong", ["a!A1:B5 table"]), ("weak", 2)])
def test_blocks_are_merged_as_asked(world: World, sensitivity: str, expected: Any) -> None:
    job = run(world, b"a,b\n1,2\n\na,b\n3,4\n", "a.csv", table_merge_sensitivity=sensitivity)
    assert (places(job) if sensitivity == "strong" else len(job["regions"])) == expected


def test_a_sheet_that_is_not_there_makes_it_partial_and_none_at_all_an_error(world: World) -> None:
    partial = run(world, sheet_names=["Flags", "Nope"])
    assert (partial["status"], partial["success"], len(partial["regions"])) == ("PARTIAL_SUCCESS", True, 1)
    assert partial["errors"] == ["book.xlsx has no sheet 'Nope'"]
    failed = run(world, sheet_names=["Nope"])
    assert (failed["status"], failed["success"], failed["regions"]) == ("ERROR", False, [])


@pytest.mark.parametrize(
    ("name", "content"), [("a.xlsx", b"PK broken"), ("a.png", b"png"), ("a.csv", b"\0\0"), ("none", b"x")]
)
def test_what_is_no_spreadsheet_ends_in_an_error_that_names_it(world: World, name: str, content: bytes) -> None:
    job = run(world, content, name)
    assert (job["status"], job["success"]) == ("ERROR", False)
    assert name in job["errors"][0]


def far_workbook(*cells: str) -> bytes:
    book = openpyxl.Workbook()
    for cell in cells:
        book.active[cell] = "x"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.timeout(60)
def test_two_cells_at_the_ends_of_a_sheet_are_two_regions_and_no_table_of_billions(world: World) -> None:
    content = far_workbook("A1", "XFD1048576")
    assert places(run(world, content)) == ["Sheet!A1:A1 extra", "Sheet!XFD1048576:XFD1048576 extra"]
    job = run(world, content, extraction_range="A1:XFD1048576")
    assert (job["status"], job["regions"]) == ("ERROR", [])
    assert job["errors"] == ["book.xlsx: the region A1:XFD1048576 has more than 5000000 cells"]


@pytest.mark.timeout(60)
def test_a_sheet_of_thousands_of_regions_is_refused(world: World) -> None:
    content = "\n\n".join(["a,,b,,c"] * 1000).encode()
    job = run(world, content, "book.csv")
    assert job["errors"] == ["book.csv: more than 2000 regions"]


def test_a_cell_that_the_library_refuses_is_an_error_of_the_job(world: World) -> None:
    job = run(world, b"a," + b"x" * 200_000, "book.csv")
    assert job["status"] == "ERROR"
    assert "damaged spreadsheet" in job["errors"][0]


def test_a_saved_configuration_does_as_well(world: World) -> None:
    parameters = {"product_type": "spreadsheet_v1", "sheet_names": ["Flags"]}
    saved = world.ok("POST", CONFIGURATIONS, json={"name": "s", "parameters": parameters})["id"]
    job = post(world, V1, file_id=stored(world, "book.xlsx", BOOK), configuration_id=saved)
    assert job["configuration"]["sheet_names"] == ["Flags"]
    world.clock.move(seconds=10)
    assert [each["id"] for each in world.items(V1, configuration_id=saved, status="SUCCESS")] == [job["id"]]


def test_a_job_fails_on_demand(world: World) -> None:
    world.emulator.control.jobs.fail_next("sheets", "no luck")
    assert (run(world)["errors"], run(world)["status"]) == (["no luck"], "SUCCESS")
    assert [each["regions"] for each in world.items(V1, status="ERROR")] == [[]]
    assert [len(each["regions"]) for each in world.items(V1, status="SUCCESS", include_results=True)] == [3]


def test_a_deleted_job_takes_its_results_along(world: World) -> None:
    job = run(world)
    path = f"{V1}/{job['id']}"
    result = f"{path}/regions/{job['regions'][0]['region_id']}/result/table"
    link = world.ok("GET", result)["url"]
    assert world.ok("DELETE", path) == {}
    assert [world.status("GET", each) for each in (path, result, link)] == [404, 404, 404]


def test_what_cannot_be_is_refused(world: World) -> None:
    identity = stored(world, "book.xlsx", BOOK)
    parse = world.ok("POST", CONFIGURATIONS, json={"name": "p", "parameters": PARSE})["id"]
    for change, status in (
        ({"file_id": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"file_id": "x"}, 422),
        ({"configuration": {"extraction_range": "nonsense"}}, 422),
        ({"configuration": {"tier": "none"}}, 422),
        ({"configuration": {}, "configuration_id": parse}, 422),
        ({"configuration_id": parse}, 400),
        ({"webhook_configuration_ids": ["whc-unknown"]}, 404),
    ):
        assert world.status("POST", V1, json={"file_id": identity, **change}) == status, change
    job = post(world, V1, file_id=identity)
    region = f"{V1}/{job['id']}/regions/unknown/result"
    for place, status in (("table", 404), ("nonsense", 422), ("table?expires_at_seconds=0", 422)):
        assert world.status("GET", f"{region}/{place}") == status
    world.clock.move(seconds=10)
    known = read(world, job["id"])["regions"][0]["region_id"]
    assert world.status("GET", f"{V1}/{job['id']}/regions/{known}/result/extra") == 404

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.support import World, check_against_contract
from tests.emulator.test_batches import SLOW, filled

Worlds = Callable[..., World]
JOBS = "/api/v1/beta/batch-processing"
PARSE_CONFIG: dict[str, Any] = {"parameters": {"languages": ["en"]}}
CLASSIFY_CONFIG = {
    "id": "00000000-0000-4000-8000-000000000001",
    "project_id": "00000000-0000-4000-8000-000000000002",
    "user_id": "me",
    "status": "PENDING",
    "rules": [{"type": "invoice", "description": "asks for money to be paid"}],
}


def start(world: World, **body: Any) -> Any:
    headers = {"temporal-namespace": "default"}
    answer = world.client.post(JOBS, json={"job_config": PARSE_CONFIG, **body}, headers=headers)
    check_against_contract(world.emulator.options.dialect, "POST", JOBS, answer)
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(world: World, path: str, **query: Any) -> Any:
    answer = world.client.get(f"{JOBS}{path}", params=query)
    check_against_contract(world.emulator.options.dialect, "GET", f"{JOBS}{path}", answer)
    return answer.json()


def counts(job: Any) -> list[int]:
    return [job[f"{name}_items"] for name in ("total", "processed", "failed", "skipped")]


@pytest.mark.parametrize("dialect", ["reference", "current"])
def test_a_job_goes_through_its_items_by_the_clock(worlds: Worlds, dialect: str) -> None:
    world = worlds(SLOW, dialect=dialect)
    directory, _ = filled(world)
    job = start(world, directory_id=directory, continue_as_new_threshold=5, page_size=10)
    assert (job["status"], job["job_type"], counts(job)) == ("pending", "parse", [3, 0, 0, 0])
    assert job["started_at"] is None
    world.clock.move(seconds=2.5)
    half = read(world, f"/{job['id']}")
    assert (half["job"]["status"], half["progress_percentage"]) == ("running", 33.33)
    items = read(world, f"/{job['id']}/items")["items"]
    assert [each["status"] for each in items] == ["completed", "processing", "pending"]
    world.clock.move(seconds=3)
    done = read(world, f"/{job['id']}")
    assert (done["job"]["status"], done["progress_percentage"]) == ("completed", 100.0)
    assert counts(done["job"]) == [3, 3, 1, 1]
    assert done["job"]["completed_at"] == done["job"]["updated_at"]


def test_items_say_why_they_failed_or_were_skipped(world: World) -> None:
    directory, identities = filled(world)
    job = start(world, directory_id=directory)
    world.clock.move(seconds=10)
    good, bad, picture = read(world, f"/{job['id']}/items")["items"]
    assert [each["item_id"] for each in (good, bad, picture)] == identities
    assert (good["status"], good["error_message"], good["item_name"]) == ("completed", None, "good.pdf")
    assert "damaged pdf" in bad["error_message"]
    assert (picture["status"], picture["error_message"]) == ("skipped", None)
    assert "unsupported" in picture["skip_reason"]
    failed = read(world, f"/{job['id']}/items", status="failed")["items"]
    assert [each["item_id"] for each in failed] == [bad["item_id"]]
    page = read(world, f"/{job['id']}/items", limit=1, offset=1)
    assert ([each["item_id"] for each in page["items"]], page["next_page_token"]) == ([bad["item_id"]], None)


def test_results_of_an_item_are_those_of_all_its_jobs(world: World) -> None:
    directory, (good, bad, _) = filled(world)
    start(world, directory_id=directory)
    second = start(world, item_ids=[good, good], job_config=CLASSIFY_CONFIG)
    assert (second["total_items"], second["job_type"], second["directory_id"]) == (1, "classify", None)
    assert read(world, f"/items/{good}/processing-results")["processing_results"] == []
    world.clock.move(seconds=10)
    found = read(world, f"/items/{good}/processing-results")
    assert (found["item_id"], found["item_name"]) == (good, "good.pdf")
    assert [each["job_type"] for each in found["processing_results"]] == ["classify", "parse"]
    assert found["processing_results"][1]["job_config"] == PARSE_CONFIG
    only = read(world, f"/items/{good}/processing-results", job_type="parse")["processing_results"]
    assert len(only) == 1
    assert read(world, f"/items/{bad}/processing-results")["processing_results"] == []
    assert world.status("GET", f"{JOBS}/items/unknown/processing-results") == 404


def test_cancel_leaves_alone_what_is_done(worlds: Worlds) -> None:
    world = worlds(SLOW)
    directory, identities = filled(world)
    job = start(world, directory_id=directory)
    world.clock.move(seconds=2.5)
    path = f"{JOBS}/{job['id']}/cancel"
    answer = world.client.post(path, json={"reason": "enough"}, headers={"temporal-namespace": "default"})
    check_against_contract("current", "POST", path, answer)
    assert (answer.json()["status"], answer.json()["processed_items"]) == ("cancelled", 1)
    assert "enough" in answer.json()["message"]
    world.clock.move(seconds=10)
    items = read(world, f"/{job['id']}/items")["items"]
    assert [each["status"] for each in items] == ["completed", "cancelled", "cancelled"]
    assert len(read(world, f"/items/{identities[0]}/processing-results")["processing_results"]) == 1
    assert world.status("POST", path, json={}) == 409
    assert worlds({"cancel_finished": "unchanged"}).status("POST", path, json={}) == 404


@pytest.mark.parametrize("word", ["running", "dispatched"])
def test_a_job_that_runs_may_say_dispatched(worlds: Worlds, word: str) -> None:
    world = worlds({**SLOW, "batch_job_running": word})
    job = start(world, directory_id=filled(world)[0])
    world.clock.move(seconds=2)
    assert read(world, f"/{job['id']}")["job"]["status"] == word
    assert [each["id"] for each in read(world, "", status=word)["items"]] == [job["id"]]


def test_a_job_fails_on_demand_with_all_its_items(world: World) -> None:
    world.emulator.control.jobs.fail_next("batch_job", "no luck")
    job = start(world, directory_id=filled(world)[0])
    world.clock.move(seconds=10)
    failed = read(world, f"/{job['id']}")["job"]
    assert (failed["status"], failed["error_message"], counts(failed)) == ("failed", "no luck", [3, 3, 3, 0])


def test_jobs_are_listed_by_limit_and_offset(worlds: Worlds) -> None:
    world = worlds({"total_size": "exact"})
    first, second = world.directory("a"), world.directory("b")
    jobs = [start(world, directory_id=each)["id"] for each in (first, second, second)]
    assert [each["id"] for each in read(world, "", limit=2)["items"]] == [jobs[2], jobs[1]]
    page = read(world, "", limit=2, offset=2)
    assert ([each["id"] for each in page["items"]], page["total_size"]) == (jobs[:1], 3)
    assert [each["id"] for each in read(world, "", directory_id=first)["items"]] == jobs[:1]
    assert read(world, "", job_type="classify")["items"] == []
    assert read(world, f"/{jobs[0]}")["progress_percentage"] == 0
    world.clock.move(seconds=10)
    assert read(world, f"/{jobs[0]}")["progress_percentage"] == 100
    assert worlds().ok("GET", JOBS)["total_size"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"directory_id": "dir-unknown", "item_ids": ["x"]}, 422),
        ({"directory_id": "dir-unknown"}, 404),
        ({"item_ids": ["unknown"]}, 404),
        ({"item_ids": [], "page_size": 0}, 422),
        ({"item_ids": [], "job_config": 5}, 422),
    ],
)
def test_what_cannot_be_is_refused(world: World, body: dict[str, Any], status: int) -> None:
    assert world.status("POST", JOBS, json={"job_config": PARSE_CONFIG, **body}) == status
    assert world.status("GET", JOBS, params={"limit": 1001}) == 422
    assert world.status("GET", f"{JOBS}/unknown/items") == 404


def test_files_that_are_gone_fail(world: World) -> None:
    directory, (good, *_) = filled(world)
    file_id = world.ok("GET", f"/api/v1/beta/directories/{directory}/files/{good}")["file_id"]
    world.ok("DELETE", f"/api/v1/beta/files/{file_id}")
    job = start(world, item_ids=[good])
    world.clock.move(seconds=10)
    assert read(world, f"/{job['id']}/items")["items"][0]["error_message"] == "the file was deleted"

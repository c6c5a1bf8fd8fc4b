from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.job_documents import pdf
from tests.emulator.support import CONFIGURATIONS, PARSE, World, check_against_contract

Worlds = Callable[..., World]
BATCHES = "/api/v2/batches"
PARSED: dict[str, Any] = {"job": {"type": "parse_v2", "configuration_id": "cfg-PARSE_AGENTIC"}}
SLOW = {"job_wait_ms": 1000, "job_duration_ms": 3000}


def filled(world: World) -> tuple[str, list[str]]:
    """Make a directory with a good and a damaged document, and one that has no text."""
    directory = world.directory()
    files = {"good.pdf": pdf(), "bad.pdf": b"%PDF-1.7 no more", "picture.png": b"png"}
    return directory, [world.uploaded(directory, name, content)["id"] for name, content in files.items()]


def start(world: World, directory: str, **body: Any) -> Any:
    answer = world.client.post(BATCHES, json={"source_directory_id": directory, "config": PARSED, **body})
    check_against_contract(world.emulator.options.dialect, "POST", BATCHES, answer)
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(world: World, batch: Any, *expand: str) -> Any:
    path = f"{BATCHES}/{batch['id']}"
    answer = world.client.get(path, params={"expand": expand})
    check_against_contract(world.emulator.options.dialect, "GET", path, answer)
    return answer.json()


@pytest.mark.parametrize("dialect", ["reference", "current"])
def test_the_clock_drives_a_batch(worlds: Worlds, dialect: str) -> None:
    world = worlds(SLOW, dialect=dialect)
    batch = start(world, filled(world)[0])
    assert (batch["status"], batch["config"], batch["results"]) == ("PENDING", PARSED, None)
    world.clock.move(seconds=2)
    running = read(world, batch, "results")
    assert (running["status"], running["results"]) == ("RUNNING", None)
    world.clock.move(seconds=3)
    assert read(world, batch)["results"] is None
    assert (read(world, batch)["status"], len(read(world, batch, "results")["results"])) == ("COMPLETED", 3)


def test_a_completed_batch_says_which_files_failed(world: World) -> None:
    directory, (good, bad, picture) = filled(world)
    batch = start(world, directory)
    world.uploaded(directory, "late.txt")
    world.clock.move(seconds=10)
    results = {each["source_directory_file_id"]: each for each in read(world, batch, "results")["results"]}
    assert [*results] == [good, bad, picture]
    assert results[good]["error_message"] is None
    assert results[good]["job_reference"]["type"] == "parse_v2"
    assert results[bad]["job_reference"] is None
    assert "bad.pdf" in results[bad]["error_message"]
    assert "unsupported" in results[picture]["error_message"]


@pytest.mark.parametrize("dialect", ["reference", "current"])
def test_a_batch_of_which_every_file_failed_is_completed_all_the_same(worlds: Worlds, dialect: str) -> None:
    # The contract keeps FAILED for a batch that cannot say what became of each file.
    world = worlds(dialect=dialect)
    directory = world.directory()
    bad = [world.uploaded(directory, name, b"%PDF-1.7 no more")["id"] for name in ("a.pdf", "b.pdf")]
    batch = start(world, directory)
    world.clock.move(seconds=10)
    over = read(world, batch, "results")
    assert over["status"] == "COMPLETED"
    assert [each["source_directory_file_id"] for each in over["results"] if each["error_message"]] == bad


def test_the_parse_job_of_a_batch_can_be_split(world: World) -> None:
    directory, _ = filled(world)
    batch = start(world, directory)
    world.clock.move(seconds=10)
    parse_job = read(world, batch, "results")["results"][0]["job_reference"]["id"]
    body = {"file_input": parse_job, "configuration": {"categories": [{"name": "invoice"}]}}
    split = world.ok("POST", "/api/v1/split/jobs", json=body)
    assert split["document_input_type"] == "parse_job_id"


@pytest.mark.parametrize(("setting", "word"), [("pending", "PENDING"), ("throttled", "THROTTLED")])
def test_a_batch_that_waits_may_say_throttled(worlds: Worlds, setting: str, word: str) -> None:
    world = worlds({**SLOW, "batch_waiting": setting})
    batch = start(world, world.directory())
    assert batch["status"] == word
    assert [each["id"] for each in world.items(BATCHES, status=word)] == [batch["id"]]
    assert world.items(BATCHES, status="THROTTLED" if word == "PENDING" else "PENDING") == []


def test_a_batch_fails_on_demand_and_has_no_results_then(world: World) -> None:
    world.emulator.control.jobs.fail_next("batch")
    batch = start(world, filled(world)[0])
    world.clock.move(seconds=10)
    failed = read(world, batch, "results")
    assert (failed["status"], failed["results"]) == ("FAILED", None)


def test_a_batch_is_cancelled_in_the_current_dialect_only(worlds: Worlds) -> None:
    world = worlds()
    batch = start(world, filled(world)[0])
    path = f"{BATCHES}/{batch['id']}/cancel"
    answer = world.client.post(path)
    check_against_contract("current", "POST", path, answer)
    assert answer.json()["status"] == "CANCELLED"
    world.clock.move(seconds=10)
    assert read(world, batch, "results")["results"] is None
    assert world.status("POST", path) == 409
    assert worlds(dialect="reference").status("POST", path) == 404


def test_batches_are_listed_by_directory_and_status(world: World) -> None:
    first, second = world.directory("a"), world.directory("b")
    batches = [start(world, each)["id"] for each in (first, second)]
    assert [each["id"] for each in world.items(BATCHES, page_size=1)] == batches[::-1]
    assert [each["id"] for each in world.items(BATCHES, source_directory_id=first)] == batches[:1]
    world.clock.move(seconds=10)
    assert len(world.items(BATCHES, status="COMPLETED")) == 2


def test_what_cannot_be_is_refused(world: World) -> None:
    directory = world.directory()
    split = {"product_type": "split_v1", "categories": [{"name": "x"}]}
    other = world.ok("POST", CONFIGURATIONS, json={"name": "s", "parameters": split})["id"]
    mine = world.ok("POST", CONFIGURATIONS, json={"name": "p", "parameters": PARSE})["id"]
    for change, status in (
        ({}, 201),
        ({"config": {"job": {"type": "parse_v2", "configuration_id": mine}}}, 201),
        ({"source_directory_id": "dir-unknown"}, 404),
        ({"config": {"job": {"type": "parse_v2", "configuration_id": "cfg-unknown"}}}, 404),
        ({"config": {"job": {"type": "parse_v2", "configuration_id": other}}}, 400),
        ({"config": {"job": {"type": "extract_v2", "configuration_id": "cfg-PARSE_AGENTIC"}}}, 400),
        ({"config": {"job": {"type": "classify", "configuration_id": mine}}}, 422),
        ({"webhook_configuration_ids": ["whc-unknown"]}, 404),
    ):
        body = {"source_directory_id": directory, "config": PARSED, **change}
        assert world.status("POST", BATCHES, json=body) == status, change
    assert world.status("GET", f"{BATCHES}/bat-unknown") == 404


@pytest.mark.slow
def test_a_batch_takes_a_thousand_files_and_no_more(world: World) -> None:
    control, directory = world.emulator.control, world.directory()
    for i in range(1000):
        control.add_file(directory, f"{i}.txt", content=b"same")
    batch = start(world, directory)
    world.clock.move(seconds=10)
    assert len(read(world, batch, "results")["results"]) == 1000
    control.add_file(directory, "one too many.txt")
    answer = world.client.post(BATCHES, json={"source_directory_id": directory, "config": PARSED})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "source_directory_id"]

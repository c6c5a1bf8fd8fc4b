"""What tests over a port can do past the contract: time that passes, failures and damage on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.job_documents import stored
from tests.emulator.populate_runs import populate_runs
from tests.emulator.support import World

Worlds = Callable[..., World]
INDEXES = "/api/v1/indexes"


def index_of(world: World, name: str = "docs") -> dict[str, Any]:
    directory = world.directory(name)
    world.uploaded(directory)
    made: dict[str, Any] = world.ok("POST", INDEXES, json={"source_directory_id": directory})
    return made


def status(world: World, index: dict[str, Any]) -> str:
    return str(world.ok("GET", f"{INDEXES}/{index['id']}")["metadata"]["status"])


def test_time_passes_on_demand(world: World) -> None:
    index = index_of(world)
    assert status(world, index) == "pending"
    before = world.clock.now
    now = world.ok("POST", "/emulator/clock", json={"seconds": 3600})["now"]
    assert status(world, index) == "ready"
    assert now.startswith("2026-09-01T13:00")
    assert world.clock.now.hour == before.hour


@pytest.mark.parametrize("target", ["this", ""])
def test_the_next_sync_fails_on_demand(world: World, target: str) -> None:
    index = index_of(world)
    world.ok("POST", "/emulator/finish")
    order = {"next": "sync", "target": index["source_directory_id"] if target else "", "message": "no disk"}
    world.ok("POST", "/emulator/fail", json=order)
    for expected in (("failed", "no disk"), ("ready", None)):
        world.ok("POST", f"{INDEXES}/{index['id']}/sync")
        world.ok("POST", "/emulator/finish")
        metadata = world.ok("GET", f"{INDEXES}/{index['id']}")["metadata"]
        assert (metadata["status"], metadata["error"]) == expected


@pytest.mark.parametrize("kind", ["split", "batch", "batch_job"])
def test_the_next_job_of_a_kind_fails_on_demand(world: World, kind: str) -> None:
    world.ok("POST", "/emulator/fail", json={"next": kind})
    populate_runs(world)
    outcomes = {each["kind"]: each["outcome"] for each in world.emulator.control.snapshot()["jobs"]}
    assert outcomes.pop(kind) == "failed"
    assert set(outcomes.values()) == {"completed"}


def test_the_next_message_fails_on_demand(world: World) -> None:
    index = index_of(world)
    session = world.ok("POST", "/api/v1/chat", json={})["session_id"]
    world.ok("POST", "/emulator/fail", json={"next": "chat", "target": session, "message": "no words"})
    prompt = {"index_ids": [index["id"]], "prompt": "hello?"}
    answer = world.client.post(f"/api/v1/chat/{session}/messages/stream", json=prompt)
    assert '"is_error":true,"error":"no words"' in answer.text


def test_a_damaged_file_fails_to_parse(world: World) -> None:
    directory = world.directory()
    file = world.uploaded(directory, "a.pdf", b"%PDF-1.7 fine, let us say")
    world.ok("POST", "/emulator/damage", json={"file_id": file["file_id"], "content": "%PDF broken"})
    assert world.emulator.control.blob(file["file_id"]) == b"%PDF broken"
    index = world.ok("POST", INDEXES, json={"source_directory_id": directory})
    world.ok("POST", "/emulator/finish")
    (failed,) = world.ok("GET", f"{INDEXES}/{index['id']}")["metadata"]["failed_files"]
    assert failed["directory_file_id"] == file["id"]
    assert failed["error"].startswith("damaged pdf document")


def test_jobs_that_run_are_finished(worlds: Worlds) -> None:
    world = worlds({"job_duration_ms": 3000})
    settings = {"categories": [{"name": "invoice"}]}
    document = {"type": "file_id", "value": stored(world, "a.txt", b"invoice")}
    job = world.ok("POST", "/api/v1/beta/split/jobs", json={"document_input": document, "configuration": settings})
    assert job["status"] == "pending"
    world.ok("POST", "/emulator/finish")
    assert world.ok("GET", f"/api/v1/beta/split/jobs/{job['id']}")["status"] == "completed"


def test_faults_are_replaced_and_the_log_shows_none_of_it(world: World) -> None:
    world.ok("POST", "/emulator/faults", json={"rules": ["GET /api/v1/projects status=503 nth=1"]})
    assert [world.status("GET", "/api/v1/projects") for _ in range(2)] == [503, 200]
    world.ok("POST", "/emulator/faults")
    assert [each.path for each in world.emulator.requests] == ["/api/v1/projects"] * 2


def test_the_snapshot_is_that_of_control(world: World) -> None:
    world.directory("seen")
    assert world.ok("GET", "/emulator/snapshot") == world.emulator.control.snapshot()


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("clock", {"seconds": -1}, 422),
        ("clock", {"seconds": True}, 422),
        ("clock", None, 422),
        ("fail", {"next": "everything"}, 422),
        ("fail", {"next": 1}, 422),
        ("fail", [1], 422),
        ("damage", {"file_id": "none"}, 404),
        ("faults", {"rules": ["GET"]}, 422),
        ("faults", {"rules": 1}, 422),
        ("nothing", {}, 404),
    ],
)
def test_wrong_orders_are_refused(world: World, path: str, body: Any, expected: int) -> None:
    assert world.status("POST", f"/emulator/{path}", json=body) == expected
    assert world.status("GET", "/emulator/clock") == 405


def test_the_back_door_needs_a_key(worlds: Worlds) -> None:
    world = worlds(api_keys=frozenset({"secret"}))
    assert world.status("GET", "/emulator/snapshot") == 401
    assert world.status("GET", "/emulator/snapshot", headers={"Authorization": "Bearer secret"}) == 200

"""Things that happen at the same time, or in the middle of others: deletes, cancels, restarts, many clients."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from llamasync.emulator import Emulator, Options, Switches
from llamasync.emulator.server import start_in_thread
from llamasync.emulator.times import now_utc
from tests.emulator.job_documents import stored
from tests.emulator.support import DIRECTORIES, FILES, Clock, World, check_against_contract
from tests.emulator.test_command import command

Worlds = Callable[..., World]
INDEXES = "/api/v1/indexes"
SLOW = {"job_wait_ms": 1000, "job_duration_ms": 3000, "sync_duration_ms": 3000}
KEY = {"Authorization": "Bearer key"}
PARSE = {"job": {"type": "parse_v2", "configuration_id": "cfg-PARSE_AGENTIC"}}


def answered(world: World, method: str, path: str, **request: Any) -> httpx.Response:
    """Make a call, and check the answer against the contract."""
    answer = world.client.request(method, path, **request)
    assert answer.status_code < 500, answer.text
    check_against_contract(world.emulator.options.dialect, method, path, answer)
    return answer


@pytest.mark.parametrize("files", Switches.space()["directory_delete_files"])
@pytest.mark.parametrize("indexes", Switches.space()["directory_delete_indexes"])
@pytest.mark.parametrize("behind", Switches.space()["directory_file_delete_file"])
def test_a_directory_that_goes_away_while_it_syncs_breaks_nothing(
    worlds: Worlds, files: str, indexes: str, behind: str
) -> None:
    world = worlds(
        {
            **SLOW,
            "directory_delete_files": files,
            "directory_delete_indexes": indexes,
            "directory_file_delete_file": behind,
        }
    )
    directory = world.directory()
    world.uploaded(directory, "a.txt", b"apples")
    index = world.ok("POST", INDEXES, json={"source_directory_id": directory})["id"]
    world.clock.move(seconds=1)
    refused = "conflict" in (files, indexes)
    assert answered(world, "DELETE", f"{DIRECTORIES}/{directory}").status_code == (409 if refused else 204)
    world.clock.move(seconds=5)
    shown = answered(world, "GET", f"{INDEXES}/{index}")
    if indexes == "cascade" and not refused:
        assert shown.status_code == 404
        return
    # The sync had taken down what the directory held at its beginning.
    assert shown.json()["metadata"]["status"] == "ready"
    body = {"index_id": index, "query": "apples"}
    assert len(answered(world, "POST", "/api/v1/retrieval/retrieve", json=body).json()["results"]) == 1
    assert answered(world, "POST", f"{INDEXES}/{index}/sync").status_code == 202
    world.clock.move(seconds=5)
    after = answered(world, "GET", f"{INDEXES}/{index}").json()["metadata"]
    assert after["status"] == ("ready" if refused else "failed")
    assert refused or "not found" in after["error"]


def test_jobs_over_files_that_are_deleted_meanwhile_end_with_what_they_had(worlds: Worlds) -> None:
    world = worlds(SLOW)
    sheet, text = stored(world, "a.csv", b"a,b\n1,2\n"), stored(world, "a.txt", b"an invoice")
    directory = world.directory()
    kept, gone = (world.uploaded(directory, name, b"text") for name in ("kept.txt", "gone.txt"))
    categories = {"categories": [{"name": "invoice"}]}
    split = world.ok("POST", "/api/v1/split/jobs", json={"file_input": text, "configuration": categories})["id"]
    sheets = world.ok("POST", "/api/v1/sheets/jobs", json={"file_id": sheet})["id"]
    batch = world.ok("POST", "/api/v2/batches", json={"source_directory_id": directory, "config": PARSE})["id"]
    for each in (sheet, text, gone["file_id"]):
        assert answered(world, "DELETE", f"{FILES}/{each}").status_code == 204
    world.clock.move(seconds=10)
    assert answered(world, "GET", f"/api/v1/split/jobs/{split}").json()["status"] == "completed"
    (region,) = answered(world, "GET", f"/api/v1/sheets/jobs/{sheets}").json()["regions"]
    link = answered(world, "GET", f"/api/v1/sheets/jobs/{sheets}/regions/{region['region_id']}/result/table").json()
    assert world.client.get(link["url"]).text == "a,b\n1,2\n"
    results = answered(world, "GET", f"/api/v2/batches/{batch}", params={"expand": "results"}).json()["results"]
    assert [each["error_message"] for each in results] == [None, None]
    # The next ones find them gone.
    body = {"file_input": text, "configuration": categories}
    assert answered(world, "POST", "/api/v1/split/jobs", json=body).status_code == 404
    assert answered(world, "POST", "/api/v1/sheets/jobs", json={"file_id": sheet}).status_code == 404
    batch = world.ok("POST", "/api/v2/batches", json={"source_directory_id": directory, "config": PARSE})["id"]
    world.clock.move(seconds=10)
    again = world.ok("GET", f"/api/v2/batches/{batch}", params={"expand": "results"})["results"]
    assert {each["source_directory_file_id"]: each["error_message"] for each in again} == {
        kept["id"]: None,
        gone["id"]: "the file was deleted",
    }


def start_of(world: World, kind: str) -> str:
    """Begin a job that can be cancelled; return its path."""
    directory = world.directory(kind)
    world.uploaded(directory, "a.txt", b"text")
    if kind == "batch":
        body: dict[str, Any] = {"source_directory_id": directory, "config": PARSE}
        return f"/api/v2/batches/{world.ok('POST', '/api/v2/batches', json=body)['id']}"
    if kind == "batch_job":
        body = {"directory_id": directory, "job_config": {"parameters": {}}}
        return f"/api/v1/beta/batch-processing/{world.ok('POST', '/api/v1/beta/batch-processing', json=body)['id']}"
    body = {"file_input": stored(world, "b.txt", b"x"), "configuration": {"categories": [{"name": "x"}]}}
    return f"/api/v1/split/jobs/{world.ok('POST', '/api/v1/split/jobs', json=body)['id']}"


@pytest.mark.parametrize("setting", Switches.space()["cancel_finished"])
@pytest.mark.parametrize("kind", ["batch", "batch_job", "split"])
@pytest.mark.parametrize("after_s", [0, 2, 10])
def test_a_job_is_cancelled_in_each_of_its_states(worlds: Worlds, setting: str, kind: str, after_s: int) -> None:
    world = worlds({**SLOW, "cancel_finished": setting})
    path = start_of(world, kind)
    world.clock.move(seconds=after_s)
    over = after_s == 10
    first = answered(world, "POST", f"{path}/cancel", json={})
    assert first.status_code == (409 if over and setting == "conflict" else 200)
    world.clock.move(seconds=10)
    job = answered(world, "GET", path).json()
    assert job.get("job", job)["status"].lower() == ("completed" if over else "cancelled")
    again = answered(world, "POST", f"{path}/cancel", json={})
    assert again.status_code == (409 if setting == "conflict" else 200)


def test_syncs_and_jobs_go_on_after_a_restart(tmp_path: Path) -> None:
    clock, options = Clock(), {"switches": Switches(**SLOW)}
    world = World(Emulator(Options(path=tmp_path / "emulator.db", clock=clock, **options)), clock)  # type: ignore[arg-type]
    directory = world.directory()
    world.uploaded(directory, "a.txt", b"apples")
    index = world.ok("POST", INDEXES, json={"source_directory_id": directory})["id"]
    paths = [start_of(world, kind) for kind in ("batch", "batch_job", "split")]
    clock.move(seconds=2)
    for seconds in (0, 10):
        world.close()
        clock.move(seconds=seconds)
        world = World(Emulator(Options(path=tmp_path / "emulator.db", clock=clock, **options)), clock)  # type: ignore[arg-type]
        status = answered(world, "GET", f"{INDEXES}/{index}").json()["metadata"]["status"]
        assert status == ("ready" if seconds else "syncing")
        for path in paths:
            job = answered(world, "GET", path).json()
            running = ("running", "processing")
            assert job.get("job", job)["status"].lower() in (("completed",) if seconds else running)
    body = {"index_id": index, "query": "apples"}
    assert len(world.ok("POST", "/api/v1/retrieval/retrieve", json=body)["results"]) == 1
    world.close()


@pytest.mark.slow
def test_what_a_killed_server_had_answered_is_there_when_it_is_started_again(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "emulator.db"), "--set", "sync_duration_ms=1000")
    with command(*data) as (started, url), httpx.Client(headers=KEY, base_url=url) as client:
        directory = client.post(DIRECTORIES, json={"name": "x"}).json()["id"]
        client.post(f"{DIRECTORIES}/{directory}/files/upload", files={"upload_file": ("a.txt", b"apples")})
        index = client.post(INDEXES, json={"source_directory_id": directory}).json()["id"]
        started.send_signal(signal.SIGKILL)
        started.wait(20)
    with command(*data) as (_, url), httpx.Client(headers=KEY, base_url=url) as client:
        until = time.monotonic() + 20
        while (status := client.get(f"{INDEXES}/{index}").json()["metadata"]["status"]) != "ready":
            assert status in ("pending", "syncing")
            assert time.monotonic() < until
            time.sleep(0.02)
        body = {"index_id": index, "query": "apples"}
        assert len(client.post("/api/v1/retrieval/retrieve", json=body).json()["results"]) == 1


def test_a_chat_that_streams_when_the_server_is_told_to_stop_is_told_to_its_end() -> None:
    fault = "POST */messages/stream latency=500ms"
    with command("--fault", fault) as (started, url), httpx.Client(headers=KEY, base_url=url) as client:
        directory = client.post(DIRECTORIES, json={"name": "x"}).json()["id"]
        index = client.post(INDEXES, json={"source_directory_id": directory}).json()["id"]
        session = client.post("/api/v1/chat", json={}).json()["session_id"]
        body = {"index_ids": [index], "prompt": "What is there?"}
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(client.post, f"/api/v1/chat/{session}/messages/stream", json=body)
            time.sleep(0.2)
            started.send_signal(signal.SIGTERM)
            answer = asked.result(20)
        assert (answer.status_code, '"type":"stop"' in answer.text) == (200, True)
        assert started.communicate(timeout=20) == ("", "")
        assert started.returncode == 0


@pytest.mark.parametrize("seed", range(2))
def test_many_clients_that_do_everything_at_once_see_no_failure_of_the_server(seed: int) -> None:
    switches = Switches(sync_duration_ms=5, job_wait_ms=2, job_duration_ms=5)
    with Emulator(Options(switches=switches, clock=now_utc)) as emulator, start_in_thread(emulator) as url:
        refused: set[int] = set()
        lock = threading.Lock()

        def live(number: int) -> None:
            chooser = random.Random(f"{seed} {number}")
            with httpx.Client(base_url=url, headers=KEY, timeout=60) as client:

                def call(method: str, path: str, **request: Any) -> Any:
                    answer = client.request(method, path, **request)
                    with lock:
                        refused.add(answer.status_code)
                    is_json = answer.headers.get("content-type") == "application/json"
                    return answer.json() if answer.is_success and is_json else {}

                for _ in range(12):
                    directories = call("GET", DIRECTORIES, params={"type": "user"})["items"]
                    if len(directories) < 4:
                        directories.append(call("POST", DIRECTORIES, json={"name": str(number)}))
                    directory = chooser.choice(directories)["id"]
                    here = f"{DIRECTORIES}/{directory}"
                    indexes = call("GET", INDEXES)["items"]
                    index = chooser.choice(indexes)["id"] if indexes else "none"
                    file = {"upload_file": (f"{chooser.random()}.txt", b"apples and pears")}
                    for method, path, request in chooser.sample(
                        [
                            ("POST", f"{here}/files/upload", {"files": file}),
                            ("POST", INDEXES, {"json": {"source_directory_id": directory}}),
                            ("POST", f"{INDEXES}/{index}/sync", {}),
                            ("POST", f"{INDEXES}/{index}/sync/cancel", {}),
                            ("POST", "/api/v1/retrieval/retrieve", {"json": {"index_id": index, "query": "apples"}}),
                            ("POST", "/api/v2/batches", {"json": {"source_directory_id": directory, "config": PARSE}}),
                            ("GET", f"{here}/files", {}),
                            ("GET", "/api/v2/batches", {}),
                            ("DELETE", f"{INDEXES}/{index}", {}),
                            ("DELETE", here, {}),
                        ],
                        6,
                    ):
                        call(method, path, **request)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(live, range(8)))
        assert refused <= {200, 201, 202, 204, 404, 409}

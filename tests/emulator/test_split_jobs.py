from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.job_documents import pdf, stored
from tests.emulator.support import CONFIGURATIONS, PARSE, World, check_against_contract

Worlds = Callable[..., World]
BETA = "/api/v1/beta/split/jobs"
V1 = "/api/v1/split/jobs"
CATEGORIES = [
    {"name": "invoice", "description": "invoices with a total amount"},
    {"name": "contract", "description": "contracts signed by parties"},
]
SETTINGS: dict[str, Any] = {"categories": CATEGORIES}


def post(world: World, path: str, **body: Any) -> Any:
    answer = world.client.post(path, json=body)
    check_against_contract(world.emulator.options.dialect, "POST", path, answer)
    assert answer.status_code == 201, answer.text
    return answer.json()


def start(world: World, content: bytes | None = None, **settings: Any) -> Any:
    identity = stored(world, "all.pdf", pdf() if content is None else content)
    return post(world, V1, file_input=identity, configuration={**SETTINGS, **settings})


def read(world: World, identity: str, path: str = V1) -> Any:
    answer = world.client.get(f"{path}/{identity}")
    check_against_contract(world.emulator.options.dialect, "GET", f"{path}/{identity}", answer)
    return answer.json()


def segments(world: World, **settings: Any) -> list[tuple[str, list[int]]]:
    job = start(world, **settings)
    world.clock.move(seconds=10)
    return [(each["category"], each["pages"]) for each in read(world, job["id"])["result"]["segments"]]


def test_the_clock_drives_a_job(worlds: Worlds) -> None:
    world = worlds({"job_wait_ms": 1000, "job_duration_ms": 3000})
    job = start(world)
    assert (job["status"], job["result"]) == ("pending", None)
    world.clock.move(seconds=2)
    running = read(world, job["id"])
    assert (running["status"], running["result"]) == ("processing", None)
    world.clock.move(seconds=2.1)
    done = read(world, job["id"])
    assert (done["status"], done["error_message"]) == ("completed", None)
    assert job["updated_at"] < running["updated_at"] < done["updated_at"]
    assert done["document_input_type"] == "file_id"


def test_pages_become_segments_of_their_categories(world: World) -> None:
    assert segments(world) == [("invoice", [1, 2]), ("contract", [3]), ("uncategorized", [4])]


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        ("include", [("invoice", [1, 2]), ("contract", [3]), ("uncategorized", [4])]),
        ("omit", [("invoice", [1, 2]), ("contract", [3])]),
        ("forbid", [("invoice", [1, 2]), ("contract", [3, 4])]),
    ],
)
def test_pages_of_no_category_go_where_the_strategy_says(world: World, allow: str, expected: Any) -> None:
    assert segments(world, splitting_strategy={"allow_uncategorized": allow}) == expected


def test_both_dialects_and_both_paths_show_the_same_job(worlds: Worlds) -> None:
    for dialect in ("reference", "current"):
        world = worlds(dialect=dialect)
        document = {"type": "file_id", "value": stored(world, "all.pdf", pdf())}
        job = post(world, BETA, document_input=document, configuration=SETTINGS)
        assert job["document_input"] == document
        world.clock.move(seconds=10)
        shown = read(world, job["id"], BETA)
        assert [each["pages"] for each in shown["result"]["segments"]] == [[1, 2], [3], [4]]
        if dialect == "current":
            assert read(world, job["id"])["result"] == shown["result"]
            assert read(world, job["id"])["splitting_strategy"] == {"allow_uncategorized": "include"}


def test_a_saved_configuration_does_as_well(world: World) -> None:
    parameters = {"product_type": "split_v1", "categories": CATEGORIES}
    saved = world.ok("POST", CONFIGURATIONS, json={"name": "s", "parameters": parameters})["id"]
    identity = stored(world, "a.md", b"the contract\fan invoice")
    job = post(world, V1, file_input=identity, configuration_id=saved)
    assert (job["configuration_id"], job["categories"]) == (saved, CATEGORIES)
    world.clock.move(seconds=10)
    assert [each["category"] for each in read(world, job["id"])["result"]["segments"]] == ["contract", "invoice"]


def test_a_transaction_id_makes_one_job(world: World) -> None:
    identity = stored(world, "a.txt", b"invoice")
    body = {"file_input": identity, "configuration": SETTINGS, "transaction_id": "t-1"}
    first = post(world, V1, **body)
    assert post(world, V1, **{**body, "file_input": "other"})["id"] == first["id"]
    assert post(world, V1, **{**body, "transaction_id": "t-2"})["id"] != first["id"]
    assert len(world.items(V1)) == 2


def test_a_damaged_document_fails_with_its_name(world: World) -> None:
    job = start(world, b"%PDF-1.7 no more")
    world.clock.move(seconds=10)
    done = read(world, job["id"])
    assert (done["status"], done["result"]) == ("failed", None)
    assert "all.pdf" in done["error_message"]


def test_jobs_fail_and_linger_on_demand(worlds: Worlds) -> None:
    world = worlds({"job_duration_ms": 1000})
    jobs = world.emulator.control.jobs
    jobs.fail_next("split", "no luck")
    jobs.delay_next("split", 60)
    slow, normal = start(world), start(world)
    world.clock.move(seconds=30)
    assert [read(world, each["id"])["status"] for each in (slow, normal)] == ["processing", "completed"]
    jobs.finish(slow["id"])
    jobs.finish(normal["id"])
    done = read(world, slow["id"])
    assert (done["status"], done["error_message"]) == ("failed", "no luck")
    with pytest.raises(LookupError):
        jobs.fail_next("no such kind")
    with pytest.raises(LookupError):
        jobs.finish("spl-unknown")


@pytest.mark.parametrize(("setting", "status"), [("conflict", 409), ("unchanged", 200)])
def test_a_job_is_cancelled_while_it_runs(worlds: Worlds, setting: str, status: int) -> None:
    world = worlds({"cancel_finished": setting})
    job, done = start(world), start(world)
    world.emulator.control.jobs.finish(done["id"])
    cancelled = world.ok("POST", f"{V1}/{job['id']}/cancel")
    assert cancelled["status"] == "cancelled"
    world.clock.move(seconds=10)
    shown = read(world, job["id"])
    assert (shown["status"], shown["result"], shown["updated_at"]) == ("cancelled", None, cancelled["updated_at"])
    answer = world.client.post(f"{V1}/{done['id']}/cancel")
    check_against_contract("current", "POST", f"{V1}/{done['id']}/cancel", answer)
    assert answer.status_code == status
    assert read(world, done["id"])["status"] == "completed"


def test_jobs_are_listed_by_status_ids_and_times(world: World) -> None:
    early = start(world)
    world.clock.move(hours=1)
    late = start(world)
    assert [each["id"] for each in world.items(V1, page_size=1)] == [late["id"], early["id"]]
    assert [each["id"] for each in world.items(V1, status="completed")] == [early["id"]]
    assert [each["id"] for each in world.items(V1, status="pending")] == [late["id"]]
    assert world.items(V1, status="processing") == []
    assert [each["id"] for each in world.items(BETA, job_ids=[early["id"]])] == [early["id"]]
    assert [each["id"] for each in world.items(V1, created_at_on_or_after=late["created_at"])] == [late["id"]]
    assert [each["id"] for each in world.items(V1, created_at_on_or_before=early["created_at"])] == [early["id"]]


def test_a_page_token_outlives_the_moment(world: World) -> None:
    jobs = [start(world)["id"] for _ in range(3)]
    world.clock.move(seconds=10)
    assert [each["id"] for each in world.items(V1, status="completed", page_size=1)] == jobs[::-1]


def test_a_deleted_job_is_gone(world: World) -> None:
    path = f"{V1}/{start(world)['id']}"
    assert world.ok("DELETE", path) == {}
    assert [world.status(method, path) for method in ("GET", "DELETE")] == [404, 404]
    assert world.status("POST", f"{path}/cancel") == 404
    assert world.items(V1) == []


def test_what_cannot_be_split_is_refused(world: World) -> None:
    identity = stored(world, "a.txt", b"x")
    parse = world.ok("POST", CONFIGURATIONS, json={"name": "p", "parameters": PARSE})["id"]
    good: dict[str, Any] = {"file_input": identity, "configuration": SETTINGS}
    for change, status in (
        ({"file_input": "no-such-file"}, 404),
        ({"file_input": "pjb-unknown"}, 404),
        ({"configuration": None}, 422),
        ({"configuration": {"categories": []}}, 422),
        ({"configuration_id": "cfg-unknown"}, 422),
        ({"configuration": None, "configuration_id": "cfg-unknown"}, 404),
        ({"configuration": None, "configuration_id": parse}, 400),
        ({"configuration": None, "configuration_id": "cfg-PARSE_AGENTIC"}, 400),
        ({"webhook_configuration_ids": ["whc-unknown"]}, 404),
    ):
        assert world.status("POST", V1, json={**good, **change}) == status, change
    document = {"type": "url", "value": "https://example.com/a.pdf"}
    assert world.status("POST", BETA, json={"document_input": document, "configuration": SETTINGS}) == 422
    assert world.items(V1) == []

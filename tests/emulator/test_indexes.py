"""Indexes and their syncs: states by the clock, what a sync takes up, refusals, failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from llamasync.emulator import Emulator, Options
from llamasync.emulator.times import now_utc
from tests.emulator.documents import pdf
from tests.emulator.support import CONFIGURATIONS, DIRECTORIES, PARSE, World, check_against_contract, make_world

Worlds = Callable[..., World]
INDEXES = "/api/v1/indexes"


def create(world: World, directory: str, **body: Any) -> Any:
    return world.ok("POST", INDEXES, json={"source_directory_id": directory, **body})


def status(world: World, index: Any) -> str:
    return str(world.ok("GET", f"{INDEXES}/{index['id']}")["metadata"]["status"])


def ready(world: World, index: Any) -> Any:
    world.clock.move(seconds=1)
    return world.ok("GET", f"{INDEXES}/{index['id']}")


def sync(world: World, index: Any) -> int:
    return world.status("POST", f"{INDEXES}/{index['id']}/sync")


@pytest.mark.parametrize("dialect", ["reference", "current"])
def test_the_states_follow_the_clock(worlds: Worlds, dialect: str) -> None:
    world = worlds({"sync_duration_ms": 4000}, dialect=dialect)
    directory = world.directory()
    world.uploaded(directory)
    answer = world.client.post(INDEXES, json={"source_directory_id": directory, "name": "mine", "description": "d"})
    check_against_contract(dialect, "POST", INDEXES, answer)
    index = answer.json()
    assert (index["name"], index["description"]) == ("mine" if dialect == "current" else "docs", "d")
    assert ("output_directory_id" in index) == (dialect == "current")
    assert index["metadata"]["status"] == "pending"
    world.clock.move(seconds=1)
    assert status(world, index) == "syncing"
    assert sync(world, index) == 409
    world.clock.move(seconds=3)
    answer = world.client.get(f"{INDEXES}/{index['id']}")
    check_against_contract(dialect, "GET", f"{INDEXES}/{index['id']}", answer)
    shown = answer.json()
    assert (shown["metadata"]["status"], shown["metadata"]["indexed_files"]) == ("ready", 1)
    assert shown["last_synced_at"] == shown["last_exported_at"]
    assert shown["last_synced_at"].startswith("2026-09-01T12:00:04")
    answer = world.client.post(f"{INDEXES}/{index['id']}/sync")
    assert (answer.status_code, answer.json()) == (202, {})
    assert status(world, index) == "pending"


def test_a_real_clock_is_ready_soon() -> None:
    world = make_world(clock=now_utc)
    index = create(world, world.directory())
    until = time.monotonic() + 5
    while status(world, index) != "ready" and time.monotonic() < until:
        time.sleep(0.01)
    assert status(world, index) == "ready"
    world.close()


def test_what_is_write_only_is_taken_and_never_shown(world: World) -> None:
    configuration = world.ok("POST", CONFIGURATIONS, json={"name": "n", "parameters": PARSE})["id"]
    hidden = {
        "products": [{"product_type": "parse", "product_config_id": configuration}],
        "sync_frequency": "daily",
        "store_attachments": ["screenshots"],
        "vector_target": "DISABLED",
    }
    index = create(world, world.directory(), **hidden)
    assert not set(index) & set(hidden)
    assert world.emulator.control.snapshot()["indexes"][0]["sync_frequency"] == "daily"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 422),
        ({"source_directory_id": "dir-nowhere"}, 404),
        ({"sync_frequency": "hourly"}, 422),
        ({"store_attachments": ["x"]}, 422),
        ({"vector_target": "x"}, 422),
        ({"products": [{"product_type": "parse", "product_config_id": "cfg-nowhere"}]}, 404),
        ({"products": [{"product_type": "parse", "product_config_id": "cfg-PARSE_AGENTIC"}]}, 201),
    ],
)
def test_a_body_that_will_not_do_is_refused(world: World, body: dict[str, Any], expected: int) -> None:
    whole = body if not body or "source_directory_id" in body else {"source_directory_id": world.directory(), **body}
    answer = world.client.post(INDEXES, json=whole)
    assert answer.status_code == expected
    check_against_contract("current", "POST", INDEXES, answer)


def test_an_unknown_index_is_404(world: World) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/sync")):
        assert world.status(method, f"{INDEXES}/idx-nowhere{path}") == 404


def test_the_output_directory_holds_the_parsed_text(world: World) -> None:
    directory = world.directory()
    source = world.uploaded(directory, "a.pdf", pdf("page one", "page two"), metadata='{"team": "law"}')
    index = ready(world, create(world, directory))
    output = world.ok("GET", f"{DIRECTORIES}/{index['output_directory_id']}")
    assert (output["type"], output["name"]) == ("index", "docs (index output)")
    (parsed,) = world.items(f"{DIRECTORIES}/{output['id']}/files")
    assert (parsed["display_name"], parsed["unique_id"]) == ("a.pdf.md", "a.pdf")
    assert parsed["metadata"] == {"team": "law", "source_directory_file_id": source["id"]}
    assert world.emulator.control.blob(parsed["file_id"]) == b"page one\n\npage two"
    world.emulator.control.replace_content(source["id"], pdf("other"))
    sync(world, index)
    ready(world, index)
    (again,) = world.items(f"{DIRECTORIES}/{output['id']}/files")
    assert (again["id"], again["file_id"] == parsed["file_id"]) == (parsed["id"], False)
    world.ok("DELETE", f"{DIRECTORIES}/{directory}/files/{source['id']}")
    sync(world, index)
    ready(world, index)
    assert world.items(f"{DIRECTORIES}/{output['id']}/files") == []


def test_a_sync_takes_the_files_as_they_were_when_it_began(world: World) -> None:
    directory = world.directory()
    world.uploaded(directory, "a.txt")
    index = create(world, directory)
    world.uploaded(directory, "b.txt")
    assert ready(world, index)["metadata"]["total_files"] == 1
    sync(world, index)
    assert ready(world, index)["metadata"]["total_files"] == 2


@pytest.mark.parametrize(("setting", "expected"), [("conflict", 409), ("too_many_requests", 429)])
def test_a_sync_while_one_runs_is_refused(worlds: Worlds, setting: str, expected: int) -> None:
    world = worlds({"sync_in_progress": setting})
    index = create(world, world.directory())
    assert sync(world, index) == expected
    ready(world, index)
    assert sync(world, index) == 202


@pytest.mark.parametrize(("setting", "expected"), [("enforced", 409), ("not_enforced", 201)])
def test_a_second_index_on_a_directory(worlds: Worlds, setting: str, expected: int) -> None:
    world = worlds({"index_per_directory": setting})
    directory = world.directory()
    first = create(world, directory)
    assert world.status("POST", INDEXES, json={"source_directory_id": directory}) == expected
    if expected == 409:
        world.ok("DELETE", f"{INDEXES}/{first['id']}")
        create(world, directory)


@pytest.mark.parametrize(
    ("setting", "by_id", "by_export"), [("either", 200, 200), ("id", 200, 404), ("export_config_id", 404, 200)]
)
def test_the_id_that_names_an_index(worlds: Worlds, setting: str, by_id: int, by_export: int) -> None:
    world = worlds({"index_id_accepted": setting})
    index = create(world, world.directory())
    assert world.status("GET", f"{INDEXES}/{index['id']}") == by_id
    assert world.status("GET", f"{INDEXES}/{index['export_config_id']}") == by_export


def test_a_damaged_document_fails_alone(world: World) -> None:
    directory = world.directory()
    world.uploaded(directory, "good.txt")
    bad = world.uploaded(directory, "bad.pdf", b"damaged")
    index = ready(world, create(world, directory))
    state = index["metadata"]
    assert (state["status"], state["indexed_files"], state["total_files"]) == ("ready", 1, 2)
    (failure,) = state["failed_files"]
    assert (failure["directory_file_id"], failure["file_name"]) == (bad["id"], "bad.pdf")
    assert "damaged pdf document" in failure["error"]


def test_damage_on_disk_is_seen_by_the_next_sync(world: World) -> None:
    directory = world.directory()
    file = world.uploaded(directory, "a.pdf", pdf("text"))
    index = ready(world, create(world, directory))
    assert index["metadata"]["failed_files"] == []
    world.emulator.control.damage(file["file_id"])
    sync(world, index)
    assert len(ready(world, index)["metadata"]["failed_files"]) == 1


def test_a_file_whose_bytes_are_gone_fails_alone(world: World) -> None:
    directory = world.directory()
    file = world.uploaded(directory)
    world.ok("DELETE", f"/api/v1/beta/files/{file['file_id']}")
    (failure,) = ready(world, create(world, directory))["metadata"]["failed_files"]
    assert failure["error"] == "the uploaded file is gone"


@pytest.mark.parametrize("setting", ["ready", "failed"])
def test_an_unreadable_file_fails_the_index_where_the_switch_says_so(worlds: Worlds, setting: str) -> None:
    world = worlds({"sync_file_failure": setting})
    directory = world.directory()
    world.uploaded(directory, "bad.pdf", b"damaged")
    assert ready(world, create(world, directory))["metadata"]["status"] == setting


def test_a_sync_fails_on_demand_once(world: World) -> None:
    directory = world.directory()
    world.emulator.control.fail_next_sync(directory, "no credits")
    other = create(world, world.directory("other"))
    assert ready(world, other)["metadata"]["status"] == "ready"
    index = ready(world, create(world, directory))
    assert (index["metadata"]["status"], index["metadata"]["error"]) == ("failed", "no credits")
    assert index["last_synced_at"] is None
    assert sync(world, index) == 202
    assert ready(world, index)["metadata"]["status"] == "ready"


def test_all_syncs_end_at_once_for_a_test_that_says_so(world: World) -> None:
    index = create(world, world.directory())
    assert status(world, index) == "pending"
    world.emulator.control.finish_syncs()
    assert status(world, index) == "ready"


def test_a_sync_takes_several_looks_when_there_is_much_to_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamasync.emulator.indexing.settling.LOOK_S", -1.0)
    directory = world.directory()
    world.uploaded(directory)
    index = create(world, directory)
    assert ready(world, index)["metadata"]["status"] == "syncing"
    monkeypatch.undo()
    assert status(world, index) == "ready"


@pytest.mark.parametrize(("setting", "expected"), [("delete", 404), ("keep", 200)])
def test_deleting_an_index_deals_with_its_output(worlds: Worlds, setting: str, expected: int) -> None:
    world = worlds({"index_delete_output": setting})
    index = ready(world, create(world, world.directory()))
    world.ok("DELETE", f"{INDEXES}/{index['id']}")
    assert world.status("GET", f"{INDEXES}/{index['id']}") == 404
    assert world.status("DELETE", f"{INDEXES}/{index['id']}") == 404
    assert world.status("GET", f"{DIRECTORIES}/{index['output_directory_id']}") == expected


def test_deleting_an_index_again_may_be_fine(worlds: Worlds) -> None:
    world = worlds({"deleted_again": "no_content"})
    index = create(world, world.directory())
    assert [world.status("DELETE", f"{INDEXES}/{index['id']}") for _ in range(2)] == [204, 204]


@pytest.mark.parametrize(
    ("setting", "deleted", "found"), [("keep", 204, 200), ("cascade", 204, 404), ("conflict", 409, 200)]
)
def test_deleting_the_source_deals_with_the_index(worlds: Worlds, setting: str, deleted: int, found: int) -> None:
    world = worlds({"directory_delete_indexes": setting})
    directory = world.directory()
    index = ready(world, create(world, directory))
    assert world.status("DELETE", f"{DIRECTORIES}/{directory}") == deleted
    assert world.status("GET", f"{INDEXES}/{index['id']}") == found
    if setting == "keep":
        assert sync(world, index) == 202
        assert f"{directory} not found" in ready(world, index)["metadata"]["error"]


def test_indexes_are_listed_by_their_source(worlds: Worlds) -> None:
    world = worlds({"index_per_directory": "not_enforced"})
    first, second = world.directory("a"), world.directory("b")
    made = [create(world, directory)["id"] for directory in (first, second, first)]
    world.clock.move(seconds=1)
    shown = world.items(INDEXES, source_directory_id=first, page_size=1)
    assert {each["id"] for each in shown} == {made[0], made[2]}
    assert {each["metadata"]["status"] for each in shown} == {"ready"}
    assert len(world.items(INDEXES)) == 3
    check_against_contract("current", "GET", INDEXES, world.client.get(INDEXES))


@pytest.mark.parametrize(("setting", "expected"), [("absent", 405), ("served", 200)])
def test_the_reference_dialect_may_lack_the_list(worlds: Worlds, setting: str, expected: int) -> None:
    world = worlds({"reference_index_list": setting}, dialect="reference")
    create(world, world.directory())
    answer = world.client.get(INDEXES)
    assert answer.status_code == expected
    check_against_contract("reference", "GET", INDEXES, answer)


def test_indexes_outlive_the_emulator(tmp_path: Any) -> None:
    world = make_world(path=tmp_path / "e.sqlite")
    directory = world.directory()
    world.uploaded(directory)
    index = create(world, directory)
    world.close()
    again = World(Emulator(Options(path=tmp_path / "e.sqlite", clock=world.clock)), world.clock)
    assert ready(again, index)["metadata"]["status"] == "ready"
    again.close()

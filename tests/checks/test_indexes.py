"""Which index is asked, by which of its ids, and whether it can say anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from llamasync.checks.model import Outcome
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.emulator import Fault
from llamasync.state.memory import MemoryStore
from tests.checks.conftest import Make
from tests.support.checking import CheckWorld
from tests.support.world import manifest

READ = {"read": {"file": "leave.md"}}
ALL = [
    {"retrieve": {"query": "How many days of leave?", "expect": {"files": "people/leave.md"}}},
    {"find": {"contains": "leave", "expect": {"files": "leave.md", "count": 1}}},
    {"grep": {"file": "leave.md", "pattern": "days", "expect": {"min": 2}}},
    {"read": {"file": "travel.md", "expect": {"contains": "165 pounds"}}},
    {"chat": {"prompt": "What is the limit for a hotel?", "expect": {"contains": "165", "citesAny": True}}},
]


def problem(world: CheckWorld, **how: Any) -> Diagnostic:
    (result,) = world.ask(READ, **how).checks
    assert result.problem is not None
    assert result.outcome is Outcome.UNKNOWN
    assert (result.problem.address, result.problem.source) == (result.address, result.source)
    return result.problem


def ids(world: CheckWorld) -> dict[str, Any]:
    answer = world.client().get("/api/v1/indexes")
    assert isinstance(answer, dict)
    return dict(answer["items"][0])


@pytest.mark.parametrize("accepted", ["either", "id", "export_config_id"])
@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_every_question_is_asked_by_the_id_that_the_service_takes(make: Make, dialect: str, accepted: str) -> None:
    world = make(dialect, index_id_accepted=accepted)
    report = world.ask(*ALL)
    assert [one.verdict.unmet for one in report.checks[0].assertions] == [()] * len(ALL)
    assert report.outcome is Outcome.OK, report
    assert world.sessions() == []


def test_which_id_and_which_dialect_is_right_is_found_out_once(make: Make) -> None:
    world = make("reference", index_id_accepted="export_config_id")
    client = world.client()
    world.ask(*ALL, client=client, parallelism=1)
    before = client.calls.read
    world.ask(*ALL, client=client, parallelism=1)
    # The index, its files, and retrieve, find, grep, read: each once; a file by its unique id looks in its directory.
    assert client.calls.read - before <= 8
    assert client.calls.repeated == 0


@pytest.mark.parametrize("field", ["id", "export_config_id"])
@pytest.mark.parametrize("accepted", ["id", "export_config_id"])
def test_an_index_given_by_either_id_is_found_where_there_is_a_list(make: Make, accepted: str, field: str) -> None:
    world = make(index_id_accepted=accepted)
    assert world.holds(READ, index={"id": ids(world)[field]})


def test_an_index_given_by_an_id_that_is_not_taken_says_so_where_there_is_no_list(make: Make) -> None:
    world = make("reference", index_id_accepted="export_config_id")
    (binding,) = [one for one in world.store.load().bindings.values() if one.collection == "indexes"]
    found = problem(world, index={"id": binding.id})
    assert (found.code, found.detail) == ("LS701", f"the project holds no index with the id {binding.id}")
    assert "export_config_id" in found.hint
    assert world.holds(READ, index={"id": binding.other_id})


def test_an_index_is_found_again_when_nothing_is_remembered(make: Make) -> None:
    world = make()
    world.store = MemoryStore()
    assert world.holds(READ)


def test_an_index_is_found_by_its_name(make: Make) -> None:
    world = make()
    assert world.holds(READ, index={"name": "docs"})
    found = problem(world, index={"name": "handbook"})
    assert (found.code, found.detail) == ("LS701", "the project holds no Index named 'handbook'")


def test_an_index_that_is_not_made_yet_says_what_to_do(make: Make) -> None:
    found = problem(make(apply=False))
    assert (found.code, found.detail) == ("LS701", "Index/docs is not in the project yet")
    assert "llamasync apply" in found.hint


def test_an_index_that_is_gone_says_so(make: Make) -> None:
    world = make()
    world.client().send("DELETE", f"/api/v1/indexes/{ids(world)['id']}")
    assert problem(world).code == "LS701"


@pytest.mark.parametrize("before_ready", ["empty", "conflict"])
def test_an_index_that_is_not_ready_says_so_instead_of_finding_nothing(make: Make, before_ready: str) -> None:
    world = make(apply=False, retrieve_before_ready=before_ready, sync_duration_ms=100_000_000)
    directory = world.client().create("/api/v1/beta/directories", {"name": "other"})
    made = world.client().create("/api/v1/indexes", {"source_directory_id": directory["id"]})
    found = problem(world, index={"id": made["id"]})
    assert found.code == "LS702"
    assert "the service says 'pending'" in found.detail
    world.emulator.control.finish_syncs()
    assert world.only({"find": {}}, index={"id": made["id"]}).verdict.unmet == ("there are no files",)


def test_an_index_that_is_not_ready_says_how_far_it_is(make: Make) -> None:
    world = make(apply=False, sync_duration_ms=100_000_000)
    directory = world.client().create("/api/v1/beta/directories", {"name": "other"})
    world.emulator.control.add_file(directory["id"], "a.md", content=b"text")
    made = world.client().create("/api/v1/indexes", {"source_directory_id": directory["id"]})
    assert problem(world, index={"id": made["id"]}).detail.endswith("0 of 1 files")


def test_an_index_whose_last_sync_failed_says_why(make: Make) -> None:
    world = make()
    world.emulator.control.fail_next_sync(message="out of storage")
    world.client().create(f"/api/v1/indexes/{ids(world)['id']}/sync", None)
    world.emulator.control.finish_syncs()
    found = problem(world)
    assert found.code == "LS703"
    assert found.detail.endswith("the service says 'failed': out of storage")


def test_a_service_that_says_conflict_to_a_question_is_not_ready(world: CheckWorld) -> None:
    world.emulator.set_faults([Fault("POST", "/api/v1/retrieval/files/read", status=409)])
    verdict = world.only(READ).verdict
    assert verdict.problem is not None
    assert verdict.problem.code == "LS702"


@pytest.mark.parametrize(("status", "code"), [(401, "LS402"), (403, "LS413"), (500, "LS411"), (404, "LS414")])
def test_a_question_that_is_refused_could_not_be_checked(world: CheckWorld, status: int, code: str) -> None:
    world.emulator.set_faults([Fault("POST", "/api/v1/retrieval/files/read", status=status)])
    found = world.only(READ).verdict.problem
    assert found is not None
    assert found.code == code


def test_an_index_that_cannot_be_looked_at_could_not_be_checked(world: CheckWorld) -> None:
    world.emulator.set_faults([Fault("GET", "/api/v1/indexes/*", status=403)])
    assert problem(world).code == "LS413"


def test_the_state_of_another_project_is_not_taken_for_this_one(make: Make) -> None:
    world = make()
    with world.store.lock("test"):
        world.store.replace_all(replace(world.store.load(), project_id="prj-other"))
    with pytest.raises(DiagnosticError, match="LS501"):
        world.ask(READ)


@pytest.mark.parametrize("over", ["clamp", "reject"])
@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_files_beyond_what_is_shown_at_once_are_found(make: Make, dialect: str, over: str) -> None:
    world = make(dialect, apply=False, page_size_max=100, page_size_over_max=over)
    for number in range(130):
        world.put(f"many/{number:03}.md", f"Number {number} of many.")
    world.put("many.yaml", manifest("FileSet", "many", {"directory": "docs", "source": "many"}))
    assert world.apply().is_complete
    assert world.holds({"read": {"file": "129.md", "expect": {"contains": "Number 129"}}})
    assert world.holds({"find": {"expect": {"min": 50}}})
    verdict = world.only({"find": {"contains": ".md", "expect": {"count": 134}}}).verdict
    if dialect == "current":
        assert verdict.outcome is Outcome.OK
    else:  # it says neither how many there are nor that it left some out
        assert verdict.problem is not None
        assert (verdict.problem.code, verdict.outcome) == ("LS711", Outcome.UNKNOWN)

"""Runs as apply sees to them: why they run, how they end, what is told and saved."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from llamasync.api.errors import ApiError
from llamasync.apply.events import Event, EventType
from llamasync.core.address import Address
from llamasync.core.diagnostic import Severity
from llamasync.emulator import Fault
from llamasync.plan.model import Action, Guards, PlanOptions, Selection
from llamasync.state.memory import MemoryStore
from llamasync.workspace.load import load_workspace
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.runs import (
    all_runs,
    batch,
    batch_job,
    results,
    sheets,
    split,
    started,
    workbook,
    write_documents,
    write_runs,
)
from tests.support.world import World, actions, manifest

SHEETS = Address("SpreadsheetJob", "sheets")
DAMAGED = b"%PDF-1.7 nothing of a document"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        write_documents(world)
        world.apply()
        yield world


def reasons(world: World) -> dict[str, str]:
    return {str(change.address): change.reason for change in world.plan().changes if change.run}


def failure(world: World) -> tuple[str, str]:
    """Apply; return the code and the detail of the one failure."""
    result = world.apply()
    ((_, problem),) = result.failed
    return problem.code, problem.detail


def test_the_plan_says_why_it_runs(world: World) -> None:
    write_runs(world, batch(), split())
    assert reasons(world) == {"Batch/batch": "never ran", "SplitJob/split": "never ran"}
    world.apply()
    assert reasons(world) == {}
    world.put("documents/b.md", "another letter")
    assert reasons(world) == {"Batch/batch": "1 file changed"}
    world.put("documents/d.md", "a new one")
    assert reasons(world) == {"Batch/batch": "2 files changed"}
    world.apply()
    write_runs(world, batch(job={"type": "parse_v2", "configuration": {"id": "cfg-PARSE_AGENTIC"}}), split())
    assert reasons(world) == {"Batch/batch": "configuration changed"}


def test_a_changed_configuration_runs_again_what_refers_to_it(world: World) -> None:
    write_runs(world, batch(), split("saved", configuration="parts"))
    world.apply()
    other = {"tier": "agentic", "version": "latest"}
    world.put(
        "manifests/base.yaml",
        [
            manifest("Directory", "docs"),
            manifest("FileSet", "files", {"directory": "docs", "source": "../documents"}),
            manifest("Configuration", "fast", {"productType": "parse_v2", "parameters": other}),
            manifest(
                "Configuration", "parts", {"productType": "split_v1", "parameters": {"categories": [{"name": "x"}]}}
            ),
        ],
    )
    plan = world.plan()
    assert {str(one.address): one.reason for one in plan.changes if one.run} == {
        "Batch/batch": "configuration changed",
        "SplitJob/saved": "configuration changed",
    }
    assert world.execute(plan).is_complete
    assert started(world) == {"Batch": 2, "SplitJob": 2}
    assert actions(world.plan()) == {}


def test_a_rename_and_other_metadata_run_nothing_again(world: World) -> None:
    write_runs(world, batch(), batch_job())
    world.apply()
    (world.root / "documents/a.md").rename(world.root / "documents/z.md")
    world.put("documents/b.md.meta.yaml", "team: legal\n")
    assert reasons(world) == {}
    world.apply()
    assert actions(world.plan()) == {}
    (world.root / "documents/z.md").rename(world.root / "documents/z.txt")
    assert reasons(world) == {"Batch/batch": "its files changed", "BatchJob/job": "its files changed"} or reasons(
        world
    ) == {"Batch/batch": "1 file changed", "BatchJob/job": "1 file changed"}


def test_always_runs_at_every_apply_and_never_only_until_a_success(world: World) -> None:
    other = [{"name": "other"}]  # else the one could take over the run of the other
    write_runs(world, split("again", rerun="always"), split("once", rerun="never", categories=other))
    world.apply()
    world.put("documents/a.md", "other content")
    assert set(reasons(world)) == {"SplitJob/again"}
    world.apply()
    assert reasons(world) == {"SplitJob/again": "rerun: always"}
    world.put("documents/a.md", "and other content")
    world.apply()
    assert started(world) == {"SplitJob": 4}


def test_a_failed_run_fails_the_apply_and_runs_again(world: World) -> None:
    write_runs(world, sheets())
    world.emulator.control.jobs.fail_next("sheets", "the reader crashed")
    code, detail = failure(world)
    assert code == "LS420"
    assert "the reader crashed" in detail
    assert reasons(world) == {"SpreadsheetJob/sheets": "the last one failed: the reader crashed"}
    assert world.apply().is_complete
    assert actions(world.plan()) == {}
    assert started(world) == {"SpreadsheetJob": 2}


def test_failed_files_fail_the_run_by_name(world: World) -> None:
    write_documents(world, {"bad.pdf": DAMAGED, "good.md": "text"})
    write_runs(world, batch())
    code, detail = failure(world)
    assert code == "LS724"
    assert "failed for 1 of 4 files" in detail or "failed for 1 of 5 files" in detail
    assert "bad.pdf" in detail
    assert "the last one failed for 1 of" in reasons(world)["Batch/batch"]


def test_failed_items_fail_the_older_batch_by_name(world: World) -> None:
    write_documents(world, {"bad.pdf": DAMAGED, "good.md": "text"})
    write_runs(world, batch_job())
    code, detail = failure(world)
    assert code == "LS724"
    assert "bad.pdf: " in detail


def test_failed_files_are_borne_with_where_the_manifest_says_so(world: World) -> None:
    write_documents(world, {"bad.pdf": DAMAGED})
    write_runs(world, batch(onPartialFailure="warn", results={"save": "../out"}), batch_job(onPartialFailure="warn"))
    result = world.apply()
    assert result.is_complete
    assert [(note.code, note.severity) for note in result.notes] == [("LS724", Severity.WARNING)] * 2
    assert actions(world.plan()) == {}
    index = json.loads((world.root / "out/Batch-batch/run.json").read_text())
    assert "bad.pdf" in index["failures"][0]


@pytest.mark.parametrize("run", [batch, batch_job])
def test_a_run_of_which_every_file_failed_is_a_failure_whatever_is_borne_with(world: World, run: Any) -> None:
    for name in ("a.md", "b.md", "costs.csv"):
        (world.root / "documents" / name).unlink()
    write_documents(world, {"bad.pdf": DAMAGED})
    write_runs(world, run(onPartialFailure="warn"))
    code, detail = failure(world)
    assert code == "LS420"
    assert "failed for its only file: bad.pdf: damaged pdf document" in detail
    assert set(reasons(world).values()) == {"the last one failed for its only file"}
    write_documents(world, {"worse.pdf": DAMAGED})
    assert "failed for all of 2 files: bad.pdf: " in failure(world)[1]


def test_a_run_without_success_says_what_to_do(world: World) -> None:
    world.emulator.control.jobs.fail_next("sheets", "the reader crashed")
    world.emulator.control.jobs.delay_next("split", 120)
    write_documents(world, {"bad.pdf": DAMAGED})
    write_runs(world, batch(), sheets(), split(timeout="60s"))
    hints = {problem.code: problem.hint for _, problem in world.apply().failed}
    assert hints.keys() == {"LS418", "LS420", "LS724"}
    assert "`llamasync wait`" in hints["LS418"]
    assert "apply again" in hints["LS420"]
    assert "onPartialFailure: warn" in hints["LS724"]


def test_a_job_that_failed_as_a_whole_names_its_files_and_says_where_the_service_gives_no_reason(world: World) -> None:
    for kind in ("batch", "batch_job"):
        world.emulator.control.jobs.fail_next(kind, "the machine broke")
    write_runs(world, batch(), batch_job())
    told = sorted(problem.detail.split(" ", 1)[1] for _, problem in world.apply().failed)
    assert told[0].startswith("failed: the machine broke; ")
    assert "a.md: the machine broke" in told[0]
    assert told[1] == "failed; the service does not say why"


def test_sheets_that_are_not_there_are_a_part_that_failed(world: World) -> None:
    world.put("documents/book.xlsx", workbook([["name", "sum"], ["rent", 9]]))
    write_runs(world, sheets(path="book.xlsx", config={"sheet_names": ["Sheet", "Nowhere"]}))
    code, detail = failure(world)
    assert (code, "Nowhere" in detail) == ("LS724", True)


def test_a_run_that_takes_too_long_goes_on_and_is_found_again(world: World) -> None:
    world.emulator.control.jobs.delay_next("batch", 120)
    write_runs(world, batch(timeout="60s"))
    assert failure(world)[0] == "LS418"
    plan = world.plan()
    assert actions(plan) == {}
    assert [(str(one.address), one.reason.partition(" ")[2]) for one in plan.awaited] == [("Batch/batch", "is going")]
    assert [(one.code, one.severity) for one in plan.problems] == [("LS728", Severity.NOTE)]
    world.clock.sleep(120)
    plan = world.plan()
    assert (actions(plan), plan.problems) == ({}, ())
    assert started(world) == {"Batch": 1}


def test_without_waiting_a_run_is_started_and_recorded(world: World) -> None:
    for kind in ("batch", "batch_job", "sheets", "split"):
        world.emulator.control.jobs.delay_next(kind, 600)
    write_runs(world, *all_runs(wait=False, results={"save": "../out"})[:4])
    assert world.apply().is_complete
    assert world.clock.slept_s < 1
    plan = world.plan()
    assert actions(plan) == {}
    assert plan.awaited == ()
    assert {one.code for one in plan.problems} == {"LS728"}
    world.clock.sleep(700)
    plan = world.plan()
    assert set(actions(plan).values()) == {"update"}
    assert {one.reason for one in plan.changes} == {"its results are not in out yet"}
    assert world.execute(plan).is_complete
    assert results(world, "out") == ["Batch-batch", "BatchJob-job", "SplitJob-split", "SpreadsheetJob-sheets"]
    assert actions(world.plan()) == {}


def test_how_a_run_ended_is_remembered_by_the_next_apply(world: World) -> None:
    world.emulator.control.jobs.delay_next("split", 60)
    write_runs(world, split(wait=False))
    world.apply()
    world.clock.sleep(90)
    plan = world.plan()
    (record,) = plan.remembered
    assert record.observed == {"status": "succeeded"}
    world.execute(plan)
    assert not world.plan().remembered


def test_ctrl_c_ends_the_wait_and_not_the_run(world: World) -> None:
    world.emulator.control.jobs.delay_next("split", 600)
    write_runs(world, split())
    stop = threading.Event()

    class Impatient(list[Event]):
        def append(self, event: Event) -> None:
            if event.type is EventType.PROGRESS:
                stop.set()

    world.events = Impatient()
    result = world.execute(world.plan(), stop=stop)
    assert [problem.code for _, problem in result.failed] == ["LS419"]
    assert result.interrupted
    assert actions(world.plan()) == {}


@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_a_removed_manifest_ends_a_run_that_is_going(tmp_path: Path, dialect: str) -> None:
    with World(tmp_path, dialect=dialect) as world:
        for kind in ("batch", "batch_job", "sheets", "split", "split"):
            world.emulator.control.jobs.delay_next(kind, 600)
        write_documents(world)
        write_runs(world, *all_runs(wait=False))
        world.apply()
        write_runs(world)
        plan = world.plan()
        ended = {"Batch/batch", "BatchJob/job", "SpreadsheetJob/sheets"}
        ended |= {"SplitJob/split", "SplitJob/saved"} if dialect == "current" else set()
        assert {address for address, action in actions(plan).items() if action == "delete"} == ended
        bound = {one.id for one in world.store.load().bindings.values()}
        assert {change.id for change in plan.changes if change.action is Action.DELETE} <= bound
        assert world.execute(plan).is_complete
        assert actions(world.plan()) == {}


def test_a_protected_run_is_not_deleted_not_even_once_its_manifest_is_gone(world: World) -> None:
    write_runs(world, {**sheets(), "lifecycle": {"protect": True}})
    world.apply()
    write_runs(world)
    assert [one.code for one in world.plan().problems] == ["LS305"]
    assert "LS305" in [one.code for one in world.plan(PlanOptions(destroy=True)).problems]
    write_runs(world, sheets())
    world.apply()
    write_runs(world)
    assert (actions(world.plan()), world.plan().problems) == ({"SpreadsheetJob/sheets": "delete"}, ())


def test_runs_that_ask_for_the_same_are_started_once_and_paid_for_once(world: World) -> None:
    world.put("documents/costs.csv", "name,sum\nfood,2\n")
    write_runs(world, sheets("a"), sheets("b"), sheets("c", rerun="always"), batch("x"), batch("y", wait=False))
    plan = world.plan()
    told = {str(change.address): change.reason for change in plan.changes if change.run}
    assert told == {
        "Batch/x": "never ran",
        "Batch/y": "asks for the same as Batch/x: one run is started for both",
        "SpreadsheetJob/a": "asks for the same as SpreadsheetJob/c: one run is started for both",
        "SpreadsheetJob/b": "asks for the same as SpreadsheetJob/c: one run is started for both",
        "SpreadsheetJob/c": "never ran",
    }
    assert {str(one.address) for one in plan.changes if one.run and one.processing} == {"Batch/x", "SpreadsheetJob/c"}
    assert world.execute(plan).is_complete
    assert started(world) == {"Batch": 1, "SpreadsheetJob": 1}
    assert set(reasons(world)) == {"SpreadsheetJob/c"}


def test_a_run_that_is_excluded_shares_nothing_and_one_that_is_meant_takes_the_other_along(world: World) -> None:
    write_runs(world, sheets("a"), sheets("b"))
    one, other = Address("SpreadsheetJob", "a"), Address("SpreadsheetJob", "b")
    assert actions(world.plan(PlanOptions(selection=Selection(excludes=(one,))))) == {"SpreadsheetJob/b": "run"}
    assert actions(world.plan(PlanOptions(selection=Selection(targets=(other,))))) == {
        "SpreadsheetJob/a": "run",
        "SpreadsheetJob/b": "adopt",
    }


def test_the_same_categories_over_files_with_the_same_bytes_are_two_runs(world: World) -> None:
    world.put("documents/b.md", "an invoice of 10")
    write_runs(world, split("a"), split("b", path="b.md"))
    world.apply()
    assert started(world) == {"SplitJob": 2}


def test_a_run_that_was_made_for_another_manifest_is_made_where_that_one_came_to_nothing(world: World) -> None:
    write_runs(world, sheets("a"), sheets("b"))
    world.emulator.control.jobs.fail_next("sheets", "the reader crashed")
    result = world.apply()
    assert [str(address) for address, _ in result.failed] == ["SpreadsheetJob/a"]
    assert [str(address) for address, _ in result.skipped] == ["SpreadsheetJob/b"]
    assert world.apply().is_complete
    assert actions(world.plan()) == {}
    assert started(world) == {"SpreadsheetJob": 2}


@pytest.mark.parametrize("gone", ["a", "b"])
def test_a_run_of_two_manifests_stays_until_both_are_gone(world: World, gone: str) -> None:
    write_runs(world, sheets("a"), sheets("b"))
    world.apply()
    kept = {"a": "b", "b": "a"}[gone]
    write_runs(world, sheets(kept))
    assert reasons(world) == {
        f"SpreadsheetJob/{gone}": f"removed from the manifests; SpreadsheetJob/{kept} has the same run, which stays"
    }
    world.apply()
    assert reasons(world) == {}
    write_runs(world)
    assert actions(world.plan()) == {f"SpreadsheetJob/{kept}": "delete"}


def test_a_plan_of_a_part_of_the_workspace_leaves_other_runs_alone(world: World) -> None:
    write_runs(world, sheets("a"), sheets("b"))
    world.apply()
    write_runs(world)
    assert actions(world.plan(paths=[world.root / "manifests/base.yaml"])) == {}
    assert set(actions(world.plan())) == {"SpreadsheetJob/a", "SpreadsheetJob/b"}
    assert world.apply().is_complete


def test_destroy_ends_runs_before_their_inputs_go(world: World) -> None:
    write_runs(world, *all_runs())
    world.apply()
    told = {str(change.address): change.reason for change in world.plan(PlanOptions(destroy=True)).changes}
    assert told["SplitJob/split"] == "to be destroyed; it will be deleted with its results"
    assert told["Batch/batch"] == "to be destroyed; the service keeps runs that are over"
    result = world.apply(PlanOptions(destroy=True))
    assert result.is_complete
    assert world.store.load().bindings == {}


def test_a_run_that_is_forgotten_is_left_alone(world: World) -> None:
    write_runs(world, manifest("SplitJob", "split", split()["spec"], lifecycle={"onRemove": "forget"}))
    world.apply()
    write_runs(world)
    assert actions(world.plan()) == {"SplitJob/split": "forget"}
    assert reasons(world) == {"SplitJob/split": "removed from the manifests; its manifest said onRemove: forget"}


def test_a_run_that_is_gone_runs_again(world: World) -> None:
    write_runs(world, split())
    world.apply()
    (binding,) = [one for one in world.store.load().bindings.values() if one.collection == "split-jobs"]
    world.client().send("DELETE", f"/api/v1/split/jobs/{binding.id}")
    assert reasons(world) == {"SplitJob/split": f"{binding.id} is gone from the service"}
    write_runs(world)
    assert actions(world.plan()) == {"SplitJob/split": "forget"}
    write_runs(world, split())
    assert world.apply().is_complete
    assert actions(world.plan()) == {}


def test_a_run_for_other_files_is_not_taken_for_ours(world: World) -> None:
    write_runs(world, batch(), batch_job())
    world.apply()
    world.store = MemoryStore()
    (world.root / "documents/b.md").unlink()
    live = world.live(world.load(), world.client())
    gone = next(one for one in live.all("directory-files") if one.key == ("b.md",))
    world.emulator.control.delete_file(gone.id)
    assert {address for address, action in actions(world.plan()).items() if action == "run"} == {
        "Batch/batch",
        "BatchJob/job",
    }


def test_items_run_by_their_ids(world: World) -> None:
    live = world.live(world.load(), world.client())
    ids = sorted(one.id for one in live.all("directory-files"))[:2]
    spec = {"items": ids, "jobConfig": {"job_name": "parse_raw_file_job"}, "pageSize": 10}
    write_runs(world, manifest("BatchJob", "some", {**spec, "results": {"save": "../out"}}))
    assert world.apply().is_complete
    assert actions(world.plan()) == {}
    files = json.loads((world.root / "out/BatchJob-some/files.json").read_text())
    assert {one["id"] for one in files} == set(ids)
    assert all(one["results"] for one in files)
    world.store = MemoryStore()
    assert actions(world.plan())["BatchJob/some"] == "adopt"
    write_runs(world, manifest("BatchJob", "some", {**spec, "items": ids[:1]}))
    assert actions(world.plan())["BatchJob/some"] == "run"


def test_a_file_is_named_by_its_manifest_or_by_its_id(world: World) -> None:
    live = world.live(world.load(), world.client())
    file_id = next(one.file_id for one in live.all("directory-files") if one.key == ("costs.csv",))
    world.put(
        "manifests/one.yaml",
        manifest("File", "one", {"directory": "docs", "content": "a,b\n1,2\n", "uniqueId": "one.csv"}),
    )
    write_runs(
        world,
        manifest("SpreadsheetJob", "named", {"file": {"file": "one"}}),
        manifest("SpreadsheetJob", "given", {"file": {"id": file_id}}),
    )
    assert world.apply().is_complete
    assert started(world) == {"SpreadsheetJob": 2}
    world.store = MemoryStore()
    world.apply()
    assert started(world) == {"SpreadsheetJob": 2}


def test_tables_and_segments_are_saved_and_saved_anew(world: World) -> None:
    world.put("documents/book.xlsx", workbook([["name", "sum"], ["rent", 9]]))
    write_runs(world, sheets(path="book.xlsx", results={"save": "../out"}), split(results={"save": "../out"}))
    assert world.apply().is_complete
    folder = world.root / "out/SpreadsheetJob-sheets"
    names = results(world, "out/SpreadsheetJob-sheets")
    assert names == [
        "Sheet A1-B2.cell_metadata.csv",
        "Sheet A1-B2.table.csv",
        "regions.json",
        "run.json",
        "worksheets.json",
    ]
    assert (folder / "Sheet A1-B2.table.csv").read_text() == "name,sum\nrent,9\n"
    segments = json.loads((world.root / "out/SplitJob-split/segments.json").read_text())
    assert segments[0]["category"] == "invoice"
    world.put("documents/book.xlsx", workbook([["name", "sum"], ["rent", 10]]))
    assert world.apply().is_complete
    assert (folder / "Sheet A1-B2.table.csv").read_text() == "name,sum\nrent,10\n"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["SplitJob-split", "SpreadsheetJob-sheets"]


@pytest.mark.parametrize(
    ("stranger", "why"),
    [("note.txt", "was not saved by llamasync"), ("costs A1-B2.table.csv", "was changed since it was saved")],
)
def test_a_folder_with_something_else_in_it_is_left_alone(world: World, stranger: str, why: str) -> None:
    write_runs(world, sheets(results={"save": "../out"}))
    world.apply()
    world.put(f"out/SpreadsheetJob-sheets/{stranger}", "mine")
    world.put("documents/costs.csv", "name,sum\nrent,11\n")
    code, detail = failure(world)
    assert code == "LS727"
    assert detail == f"SpreadsheetJob-sheets/{stranger} {why}"
    assert (world.root / "out/SpreadsheetJob-sheets" / stranger).read_text() == "mine"
    assert len(world.snapshot()["jobs"]) == 1, "what could not be saved is not paid for"
    (world.root / "out/SpreadsheetJob-sheets" / stranger).unlink()
    assert actions(world.plan()) == {"SpreadsheetJob/sheets": "run"}


def test_a_run_that_could_not_be_saved_is_saved_by_the_next_apply(world: World) -> None:
    write_runs(world, sheets(results={"save": "../out"}))
    world.emulator.set_faults([Fault(method="GET", path="*/result/*", status=403, nth=1)])
    assert failure(world)[0].startswith("LS4")
    assert actions(world.plan()) == {"SpreadsheetJob/sheets": "update"}
    assert world.apply().is_complete
    assert len(world.snapshot()["jobs"]) == 1


def test_a_run_waits_for_all_that_changes_its_input(world: World) -> None:
    world.put("documents/c.md", "more")
    (world.root / "documents/b.md").unlink()
    write_runs(world, batch())
    change = next(one for one in world.plan().changes if one.run)
    assert {str(need) for need in change.needs} == {"FileSet/files[b.md]", "FileSet/files[c.md]"}
    assert world.apply().is_complete
    assert actions(world.plan()) == {}


def test_one_refused_upload_skips_the_runs_over_it_and_no_other(world: World) -> None:
    write_documents(world, {"a.md": "changed", "costs.csv": "changed,it\n1,2\n"})
    write_runs(world, sheets(), split())
    world.emulator.set_faults([Fault(method="POST", path="*/files/upload", status=403, nth=1)])
    result = world.apply(parallelism=1)
    assert len(result.failed) == 1
    assert len(result.skipped) == 1


def test_saved_plans_of_runs_tell_changes_apart(world: World) -> None:
    write_runs(world, split())
    first = world.plan().fingerprint
    assert world.plan().fingerprint == first
    world.put("documents/a.md", "other")
    assert world.plan().fingerprint != first


def test_what_is_in_the_place_of_a_folder_for_results_is_left_and_named(world: World) -> None:
    write_runs(world, sheets(results={"save": "../out"}))
    world.put("out", "mine")
    assert failure(world) == ("LS606", f"{world.root / 'out'}: File exists")
    (world.root / "out").unlink()
    place = world.root / "out" / "SpreadsheetJob-sheets"
    world.put("out/SpreadsheetJob-sheets", "mine")
    assert failure(world) == ("LS727", f"{place} is a file, and no folder")
    place.unlink()
    place.symlink_to(world.root / "documents")
    assert failure(world) == ("LS727", f"{place} is a link, and no folder")
    place.unlink()
    world.put("out/SpreadsheetJob-sheets/run.json", "{}")
    assert failure(world) == ("LS727", "SpreadsheetJob-sheets/run.json was not saved by llamasync")
    assert "jobs" not in world.snapshot(), "what could not be saved is not paid for"


def test_a_batch_over_too_many_files_is_refused_before_anything_is_sent(world: World, monkeypatch: Any) -> None:
    from dataclasses import replace

    from llamasync.kinds.registry import all_kinds

    kind = all_kinds()["Batch"]
    assert kind.run is not None
    small = replace(kind, run=replace(kind.run, max_inputs=2))
    monkeypatch.setitem(all_kinds(), "Batch", small)
    write_runs(world, batch())
    (problem,) = world.plan().problems
    assert (problem.code, problem.detail) == ("LS721", "Batch/batch would have 3 files; 2 are allowed")
    assert problem.hint == "Spread the files over several directories, each with a run of its own."


def test_a_configuration_of_another_product_is_told_before_anything_is_sent(world: World) -> None:
    write_runs(world, batch(job={"type": "extract_v2", "configuration": "fast"}), split(configuration="fast"))
    assert [(one.code, one.field, one.detail) for one in load_workspace(world.root).diagnostics] == [
        ("LS730", "spec.job.configuration", "Configuration/fast is for parse_v2; the run uses extract_v2"),
        ("LS730", "spec.configuration", "Configuration/fast is for parse_v2; the run uses split"),
    ]
    write_runs(world, batch(), split(configuration="parts"))
    assert load_workspace(world.root).diagnostics == ()


def test_a_run_that_somebody_cancelled_runs_again(world: World) -> None:
    world.emulator.control.jobs.delay_next("batch", 600)
    write_runs(world, batch(wait=False))
    world.apply()
    bound = next(one for one in world.store.load().bindings.values() if one.collection == "batches")
    world.client().create(f"/api/v2/batches/{bound.id}/cancel", {})
    assert reasons(world) == {"Batch/batch": "the last one was cancelled"}


@pytest.mark.parametrize("rerun", ["always", "on-change"])
def test_a_start_whose_process_died_is_found_again(tmp_path: Path, rerun: str) -> None:
    killer = Killer()
    store = MortalStore(MemoryStore(), killer)
    with World(tmp_path, store=store, app_wrapper=killer.wrap) as world:
        write_documents(world)
        write_runs(world, sheets(rerun=rerun))
        assert world.apply().is_complete
        world.put("documents/costs.csv", "name,sum\nrent,12\n")
        world.apply(PlanOptions(guards=Guards(max_delete_share=None), selection=Selection(excludes=(SHEETS,))))
        plan = world.plan()
        killer.arm(3, "after")  # a look for runs, a look for the collection, the start
        with suppress(Killed):
            world.execute(plan)
        killer.revive()
        assert started(world) == {"SpreadsheetJob": 2}
        plan = world.plan()
        assert actions(plan) == {"SpreadsheetJob/sheets": "adopt"}
        assert "is going" in plan.changes[0].reason or "succeeded" in plan.changes[0].reason
        assert world.execute(plan).is_complete
        assert started(world) == {"SpreadsheetJob": 2}
        assert not world.store.load().intents


def test_a_start_that_came_to_nothing_is_made_again(tmp_path: Path) -> None:
    killer = Killer()
    store = MortalStore(MemoryStore(), killer)
    with World(tmp_path, store=store, app_wrapper=killer.wrap) as world:
        write_documents(world)
        world.apply()
        write_runs(world, split())
        plan = world.plan()
        killer.arm(3, "before")
        with suppress(Killed):
            world.execute(plan)
        killer.revive()
        (intent,) = world.store.load().intents
        assert actions(world.plan()) == {"SplitJob/split": "run"}
        assert world.apply().is_complete
        assert started(world) == {"SplitJob": 1}
        assert intent not in world.store.load().intents


def test_never_is_content_with_a_run_that_is_going(world: World) -> None:
    world.emulator.control.jobs.delay_next("split", 600)
    write_runs(world, split(rerun="never", wait=False))
    world.apply()
    world.put("documents/a.md", "other")
    assert actions(world.plan()) == {"FileSet/files[a.md]": "replace"}
    world.apply()
    world.clock.sleep(700)
    world.apply()
    assert actions(world.plan()) == {}
    assert started(world) == {"SplitJob": 1}


def test_a_refused_start_leaves_nothing_behind(world: World) -> None:
    write_runs(world, batch())
    world.emulator.set_faults([Fault(method="POST", path="/api/v2/batches", status=422)])
    assert failure(world)[0] == "LS406"
    assert not world.store.load().intents
    world.emulator.set_faults([])
    assert world.apply().is_complete
    assert started(world) == {"Batch": 1}


def test_a_run_that_vanishes_while_it_is_waited_for_is_a_failure(world: World) -> None:
    world.emulator.control.jobs.delay_next("sheets", 600)
    write_runs(world, sheets())

    class Deleting(list[Event]):
        def append(self, event: Event) -> None:
            if event.type is EventType.PROGRESS:
                job = event.detail.partition(":")[0]
                with suppress(ApiError):
                    world.client().send("DELETE", f"/api/v1/beta/sheets/jobs/{job}")

    world.events = Deleting()
    assert failure(world) == ("LS420", "/api/v1/beta/sheets/jobs/" + failure_id(world) + ": it is gone")


def failure_id(world: World) -> str:
    return next(one.id for one in world.store.load().bindings.values() if one.collection == "sheets-jobs")


def test_webhooks_go_along_and_run_nothing_again(world: World) -> None:
    world.put("manifests/hook.yaml", manifest("WebhookConfig", "hook", {"url": "https://example.com/hook"}))
    write_runs(world, batch())
    world.apply()
    write_runs(world, batch(webhooks=["hook"]))
    assert actions(world.plan()) == {}
    write_runs(world, batch("told", webhooks=["hook"]))
    assert world.apply().is_complete
    assert actions(world.plan()) == {}


def test_what_a_run_works_on_is_in_the_plan(world: World) -> None:
    write_runs(world, batch(), batch_job(), sheets(), split("saved", configuration="parts"))
    world.put("manifests/id.yaml", manifest("SplitJob", "given", {**split()["spec"], "file": {"id": "f-1"}}))
    found = {str(one.address): one.processing for one in world.plan().changes if one.run and one.processing}
    assert {address: len(one.documents) for address, one in found.items()} == {
        "Batch/batch": 3,
        "BatchJob/job": 3,
        "SplitJob/given": 1,
        "SplitJob/saved": 1,
        "SpreadsheetJob/sheets": 1,
    }
    assert [step.product for step in found["SplitJob/saved"].steps] == ["split"]


def test_a_classify_job_runs(world: World) -> None:
    some = "00000000-0000-4000-8000-000000000000"
    rules = [{"type": "invoice", "description": "an invoice with a total"}]
    config = {"status": "PENDING", "id": some, "rules": rules, "user_id": "u", "project_id": some}
    write_runs(world, batch_job(jobConfig=config))
    assert world.apply().is_complete
    world.store = MemoryStore()
    assert actions(world.plan())["BatchJob/job"] == "adopt"
    config["rules"] = [{"type": "letter", "description": "a letter to somebody"}]
    write_runs(world, batch_job(jobConfig=config))
    assert actions(world.plan())["BatchJob/job"] == "run"


def test_other_categories_are_another_run(world: World) -> None:
    write_runs(world, split("saved", configuration="parts"), split(splittingStrategy={"allow_uncategorized": "omit"}))
    world.apply()
    world.store = MemoryStore()
    write_runs(world, split(), split("more", categories=[{"name": "x"}]), split("saved", configuration="parts"))
    found = {address: action for address, action in actions(world.plan()).items() if address.startswith("Split")}
    assert found == {"SplitJob/more": "run", "SplitJob/saved": "adopt", "SplitJob/split": "run"}


def test_a_folder_for_results_that_may_not_be_written_is_told_before_a_run_starts(
    world: World, monkeypatch: Any
) -> None:
    write_runs(world, sheets(results={"save": "../out"}))

    def refuse(**where: Any) -> str:
        raise PermissionError(13, "Permission denied", str(where["dir"]))

    monkeypatch.setattr("llamasync.apply.results.tempfile.mkdtemp", refuse)
    assert failure(world) == ("LS606", f"{world.root / 'out'}: Permission denied")
    assert "jobs" not in world.snapshot()

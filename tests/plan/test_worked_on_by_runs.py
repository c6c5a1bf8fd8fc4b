"""A run that starts works on its whole input; what that costs is by the product that it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.plan.model import Change, Plan
from tests.support.runs import PARSE, SPLIT, all_runs, batch, batch_job, sheets, split, write_documents, write_runs
from tests.support.world import World, actions, manifest

DOCUMENTS: dict[str, str | bytes] = {
    "a.md": "an invoice of 10",
    "b.md": "a letter to you",
    "costs.csv": "name,sum\nrent,9\n",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        write_documents(made)
        yield made


def change_of(plan: Plan, kind: str) -> Change:
    return next(change for change in plan.changes if change.kind == kind)


def causes(change: Change) -> list[str]:
    return [source.file for source in change.estimate.because]


def names(change: Change) -> list[str]:
    assert change.processing is not None
    return [one.name for one in change.processing.documents]


@pytest.mark.parametrize(
    ("run", "steps", "documents", "credits"),
    [
        (batch(), [("parse", "fast")], 3, 3),
        (batch_job(), [("parse", "")], 3, 30),
        (batch_job(jobConfig={"job_name": "parse_raw_file_job", "tier": "fast"}), [("parse", "fast")], 3, 3),
        (sheets(), [("spreadsheet", "")], 1, 10),
        (sheets(config={"tier": "cost_effective"}), [("spreadsheet", "cost_effective")], 1, 3),
        (split(), [("split", "")], 1, 4),
        (split(configuration="parts"), [("split", "")], 1, 4),
    ],
)
def test_run_is_reckoned_by_its_product_and_tier(
    world: World, run: dict[str, Any], steps: list[tuple[str, str]], documents: int, credits: float
) -> None:
    write_runs(world, run)
    change = change_of(world.plan(), run["kind"])
    assert change.processing is not None
    assert [(step.product, step.tier) for step in change.processing.steps] == steps
    assert (change.estimate.documents, change.estimate.pages, change.estimate.credits) == (
        documents,
        documents,
        credits,
    )
    assert causes(change) == ["manifests/runs.yaml"], "a run that never was is due to its own manifest"


def test_classifying_job_is_reckoned_as_such(world: World) -> None:
    rules = [{"type": "invoice", "description": "an invoice with a total"}]
    job = {"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "rules": rules, "user_id": "u", "project_id": "p"}
    from llamasync.kinds.registry import all_kinds

    (work,) = all_kinds()["BatchJob"].works({"job_config": {**job, "mode": "MULTIMODAL"}})
    assert (work.product, work.parameters["mode"]) == ("classify", "MULTIMODAL")


def test_run_over_a_changed_file_works_on_all_of_its_input_because_of_that_file(world: World) -> None:
    write_runs(world, *all_runs())
    world.apply()
    write_documents(world, {**DOCUMENTS, "a.md": "another invoice"})
    plan = world.plan()
    assert actions(plan)["Batch/batch"] == "run"
    assert sorted(names(change_of(plan, "Batch"))) == [
        "FileSet/files[a.md]", "FileSet/files[b.md]", "FileSet/files[costs.csv]"
    ]  # fmt: skip
    assert causes(change_of(plan, "Batch")) == ["manifests/base.yaml"]
    assert "SpreadsheetJob/sheets" not in actions(plan)


def test_run_that_is_started_again_for_itself_says_so(world: World) -> None:
    write_runs(world, batch())
    world.apply()
    write_runs(world, batch(rerun="always"))
    change = change_of(world.plan(), "Batch")
    assert change.estimate.documents == 3
    assert causes(change) == ["manifests/runs.yaml"]


def test_run_of_which_the_configuration_changes_is_due_to_that(world: World) -> None:
    write_runs(world, batch())
    world.apply()
    world.put(
        "manifests/base.yaml",
        [
            manifest("Directory", "docs"),
            manifest("FileSet", "files", {"directory": "docs", "source": "../documents"}),
            manifest("Configuration", "parts", {"productType": "split_v1", "parameters": SPLIT}),
        ],
    )
    world.put(
        "manifests/fast.yaml",
        manifest("Configuration", "fast", {"productType": "parse_v2", "parameters": {**PARSE, "tier": "agentic"}}),
    )
    assert causes(change_of(world.plan(), "Batch")) == ["manifests/fast.yaml"]
    world.put("documents/a.md", "another invoice")
    change = change_of(world.plan(), "Batch")
    assert change.reason == "configuration changed and 1 file changed"
    assert causes(change) == ["manifests/base.yaml", "manifests/fast.yaml"]


def test_run_of_which_its_own_manifest_and_files_change_is_due_to_both(world: World) -> None:
    write_runs(world, sheets())
    world.apply()
    write_documents(world, {**DOCUMENTS, "costs.csv": "name,sum\nrent,10\n"})
    write_runs(world, sheets(config={"tier": "agentic"}))
    assert causes(change_of(world.plan(), "SpreadsheetJob")) == ["manifests/base.yaml", "manifests/runs.yaml"]


def test_run_that_is_gone_is_due_to_its_own_manifest(world: World) -> None:
    write_runs(world, split())
    world.apply()
    binding = world.store.load().bindings[Address("SplitJob", "split")]
    world.client().send("DELETE", f"/api/v1/split/jobs/{binding.id}")
    write_documents(world, {**DOCUMENTS, "a.md": "another invoice"})
    change = change_of(world.plan(), "SplitJob")
    assert (change.reason, causes(change)) == (f"{binding.id} is gone from the service", ["manifests/runs.yaml"])


def test_run_that_is_taken_over_or_left_alone_costs_nothing(world: World) -> None:
    write_runs(world, batch())
    world.apply()
    assert world.plan().estimate.documents == 0
    with world.store.lock("test"):
        world.store.forget(Address("Batch", "batch"))
    plan = world.plan()
    assert actions(plan) == {"Batch/batch": "adopt"}
    assert plan.estimate.documents == 0


def test_documents_named_by_id_are_counted_where_their_bytes_are_known(world: World) -> None:
    world.apply()
    bindings = world.store.load().bindings
    binding = bindings[Address("FileSet", "files", "a.md")]
    directory = bindings[Address("Directory", "docs")].id
    theirs = world.emulator.control.add_file(directory, unique_id="theirs.md", content=b"not ours")
    write_runs(world, batch_job(directory=None, items=[binding.id, theirs, "dfl-unknown"]))
    text = (world.root / "manifests/runs.yaml").read_text().replace('"directory": null, ', "")
    world.put("manifests/runs.yaml", text)
    change = change_of(world.plan(), "BatchJob")
    assert change.processing is not None
    assert [(one.name, one.sha256) for one in change.processing.documents] == [
        ("FileSet/files[a.md]", binding.sha256),
        (theirs, ""),
        ("dfl-unknown", ""),
    ]
    assert [one.name for one in change.estimate.uncounted] == [theirs, "dfl-unknown"]


def test_run_of_a_part_of_the_workspace_knows_its_file_by_what_was_applied(world: World) -> None:
    world.put("manifests/file.yaml", manifest("File", "x", {"directory": "docs", "content": "x", "uniqueId": "x.md"}))
    world.apply()
    world.put("manifests/split.yaml", split(file={"file": "x"}))
    change = change_of(world.plan(paths=(world.root / "manifests/split.yaml",)), "SplitJob")
    assert names(change) == ["File/x"]
    assert change.processing is not None
    assert (change.processing.documents[0].filename, change.processing.documents[0].content) == ("x.md", None)

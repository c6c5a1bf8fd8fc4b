"""status, wait and results: how far runs are, until they are over, and what they made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from llamasync.cli.local import open_local
from llamasync.emulator import Emulator

RUNS = """\
apiVersion: llamasync/v1
kind: SpreadsheetJob
metadata: {name: costs}
spec:
  file: {fileSet: docs, path: costs.csv}
  results: {save: ../out}
---
apiVersion: llamasync/v1
kind: SplitJob
metadata: {name: parts}
spec:
  file: {fileSet: docs, path: a.md}
  categories: [{name: letters}]
"""


@pytest.fixture
def runs(workspace: Path) -> Path:
    (workspace / "documents" / "costs.csv").write_text("name,sum\nrent,9\n", "utf-8")
    path = workspace / "manifests" / "runs.yaml"
    path.write_text(RUNS, "utf-8")
    return path


@pytest.fixture
def emulator(workspace: Path) -> Callable[[Callable[[Emulator], None]], None]:
    """Do something to the embedded emulator between two commands."""

    def change(what: Callable[[Emulator], None]) -> None:
        opened, _ = open_local(workspace, "")
        try:
            what(opened)
        finally:
            opened.close()

    return change


@pytest.mark.usefixtures("runs")
def test_status_says_where_each_run_is(local) -> None:
    before = local("status").stdout
    assert "SplitJob/parts" in before
    assert before.count("never ran") == 2
    local("apply", "--auto-approve")
    after = json.loads(local("status", "SplitJob/parts", "--format", "json").stdout)
    (one,) = after["standings"]
    assert (one["address"], one["state"], one["failures"]) == ("SplitJob/parts", "succeeded", [])
    assert one["id"].startswith("spl-")
    told = local("status", "SplitJob/parts").stdout
    assert re.search(r"succeeded  completed  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  spl-", told), "no fractions of seconds"
    assert "error[LS310]" in local("status", "Directory/docs", expect=1).stderr


def test_status_of_a_workspace_without_runs(local) -> None:
    assert local("status").stdout == "There are no runs and no syncs.\n"


def test_a_run_that_failed_is_told_by_status_and_by_wait(local, runs, emulator) -> None:
    emulator(lambda one: one.control.jobs.fail_next("sheets", "no tables here"))
    assert "no tables here" in local("apply", "--auto-approve", expect=3).stderr
    told = local("status").stdout
    assert "failed: no tables here" in told
    assert "the next apply runs it again" in told
    waited = local("wait", expect=1)
    assert "error[LS420]" in waited.stderr
    assert "SplitJob/parts  is over" in waited.stdout


@pytest.mark.usefixtures("runs")
def test_what_was_not_waited_for_is_waited_for_later(local, workspace, emulator) -> None:
    emulator(lambda one: one.control.jobs.delay_next("sheets", 3600))
    local("apply", "--auto-approve", "--no-wait")
    plan = local("plan", "--detailed-exitcode")
    assert "note[LS728]" in plan.stderr
    assert "going" in local("status").stdout
    assert "error[LS418]" in local("wait", "SpreadsheetJob/costs", "--timeout", "0s", expect=1).stderr
    job = json.loads(local("status", "SpreadsheetJob/costs", "--format", "json").stdout)["standings"][0]["id"]
    emulator(lambda one: one.control.jobs.finish(job))
    assert "SpreadsheetJob/costs  is over" in local("wait").stdout
    assert (workspace / "out/SpreadsheetJob-costs/costs A1-B2.table.csv").read_text() == "name,sum\nrent,9\n"
    local("plan", "--detailed-exitcode")


@pytest.mark.usefixtures("runs")
def test_an_apply_waits_for_what_an_earlier_one_left_going(local, workspace, emulator) -> None:
    emulator(lambda one: one.control.jobs.delay_next("sheets", 3600))
    local("apply", "--auto-approve", "--no-wait")
    assert "Waiting" not in local("apply", "--auto-approve", "--no-wait").output
    text = (workspace / "manifests/runs.yaml").read_text("utf-8")
    (workspace / "manifests/runs.yaml").write_text(text.replace("results:", "timeout: 0s\n  results:"), "utf-8")
    told = local("apply", "--auto-approve", expect=3)
    assert "Waiting for what is going on (--no-wait leaves it): SpreadsheetJob/costs\n" in told.stderr
    assert "error[LS418]" in told.stderr
    assert "Waiting" not in local("apply", "--auto-approve", "--target", "SplitJob/parts").output
    emulator(lambda one: one.control.jobs.finish_all())
    local("apply", "--auto-approve")
    assert (workspace / "out/SpreadsheetJob-costs/run.json").exists()


@pytest.mark.usefixtures("runs")
def test_results_are_downloaded_to_where_the_manifest_or_the_user_says(local, workspace, tmp_path) -> None:
    assert "No run has results yet" in local("results").stderr
    assert "error[LS729]" in local("results", "SplitJob/parts", expect=1).stderr
    assert "error[LS729]" in local("wait", "SplitJob/parts", expect=1).stderr
    local("apply", "--auto-approve")
    told = local("results")
    assert "Left out, for they do not say where (use --out DIR): SplitJob/parts" in told.stderr
    assert "SpreadsheetJob-costs" in told.stdout
    local("results", "SplitJob/parts", expect=64)
    local("results", "SplitJob/parts", "--out", tmp_path / "there")
    segments = json.loads((tmp_path / "there/SplitJob-parts/segments.json").read_text("utf-8"))
    assert segments[0]["pages"] == [1]
    (workspace / "out/SpreadsheetJob-costs/regions.json").write_text("mine", "utf-8")
    told = local("results", "SpreadsheetJob/costs", expect=1).stderr
    assert "error[LS727]" in told
    assert "save elsewhere: llamasync results SpreadsheetJob/costs --out DIR" in told
    assert "did you mean SpreadsheetJob/costs?" in local("results", "SpreadsheetJob/cost", expect=1).stderr


@pytest.mark.usefixtures("runs")
def test_waiting_for_what_was_never_begun_is_not_silent(local) -> None:
    told = local("wait")
    never = "SplitJob/parts, SpreadsheetJob/costs"
    assert told.stderr == f"Never begun, so not waited for (llamasync apply begins it): {never}\n"


def test_waiting_for_nothing_says_so(local) -> None:
    assert "no runs and no syncs" in local("wait").stderr


def test_a_run_without_success_is_told_as_one_that_ran(local, runs, emulator) -> None:
    emulator(lambda one: one.control.jobs.fail_next("sheets", "no tables here"))
    assert "SpreadsheetJob/costs  did not succeed: LS420" in local("apply", "--auto-approve", expect=3).stdout


def test_a_timeout_that_is_none_is_wrong_usage(local) -> None:
    local("wait", "--timeout", "soon", expect=64)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("path: costs.csv", "path: cost.csv", "LS725"),
        ("path: costs.csv", "path: b.md", "LS722"),
        ("file: {fileSet: docs, path: costs.csv}", "file: {fileSet: docs}", "LS723"),
        ("file: {fileSet: docs, path: costs.csv}", "file: {id: x, file: docs}", "LS723"),
        ("  categories: [{name: letters}]\n", "", "LS723"),
        ("categories: [{name: letters}]", "categories: [{name: x}]\n  configuration: {id: cfg-1}", "LS723"),
        (
            "  categories: [{name: letters}]",
            "  configuration: {id: cfg-1}\n  splittingStrategy: {allow_uncategorized: omit}",
            "LS723",
        ),
        ("{save: ../out}", "{save: ../../out}", "LS726"),
        ("{save: ../out}", "{save: ../documents/out}", "LS726"),
        ("  results: {save: ../out}", "  timeout: soon", "LS107"),
        ("fileSet: docs, path: costs", "fileSet: dosc, path: costs", "LS104"),
        ("  results: {save: ../out}", "  config: {tier: best}", "LS107"),
    ],
)
def test_bad_input_is_told_before_anything_is_sent(run, runs, old: str, new: str, code: str) -> None:
    assert old in RUNS
    runs.write_text(RUNS.replace(old, new), "utf-8")
    told = run("validate", expect=1).stderr
    assert f"error[{code}]" in told
    assert "manifests/runs.yaml" in told


@pytest.mark.parametrize(("given", "told"), [("dfl-1", True), ("b3173c43-e1e0-45e0-9720-898cf8a4fc8b", False)])
def test_the_id_of_a_place_in_a_directory_is_a_warning(run, runs, given: str, told: bool) -> None:
    runs.write_text(RUNS.replace("{fileSet: docs, path: costs.csv}", f"{{id: {given}}}"), "utf-8")
    found = re.search(r"warning\[LS731\]: an id of something else\n  \S*manifests/runs.yaml", run("validate").stderr)
    assert (found is not None) is told


def test_a_misspelt_path_gets_the_near_one(run, runs) -> None:
    runs.write_text(RUNS.replace("path: costs.csv", "path: cost.csv"), "utf-8")
    assert "did you mean costs.csv?" in run("validate", expect=1).stderr


@pytest.mark.usefixtures("runs")
def test_runs_alone_are_planned_with_what_state_remembers_of_their_files(local, workspace) -> None:
    path = workspace / "manifests" / "runs.yaml"
    local("apply", "--auto-approve")
    local("plan", path, "--detailed-exitcode")
    path.write_text(RUNS.replace("letters", "bills"), "utf-8")
    assert "configuration changed" in local("plan", path, "--detailed-exitcode", expect=2).stdout
    local("apply", path, "--auto-approve")
    local("plan", "--detailed-exitcode")


def test_runs_alone_over_files_that_are_not_known_are_refused(local, runs) -> None:
    assert "error[LS725]" in local("plan", runs, expect=1).stderr


@pytest.mark.usefixtures("runs")
def test_runs_are_found_again_when_the_state_is_rebuilt_or_one_is_named(local) -> None:
    local("apply", "--auto-approve")
    local("state", "rebuild")
    local("plan", "--detailed-exitcode", expect=2)  # where the results are is not known any more
    local("apply", "--auto-approve")
    local("plan", "--detailed-exitcode")
    job = json.loads(local("status", "SplitJob/parts", "--format", "json").stdout)["standings"][0]["id"]
    local("state", "rm", "SplitJob/parts")
    assert "error[LS308]" in local("adopt", "SplitJob/parts", "spl-nothing", expect=1).stderr
    local("adopt", "SplitJob/parts", job)
    local("plan", "--detailed-exitcode")


def test_an_index_is_told_and_waited_for_too(local, workspace) -> None:
    index = {"apiVersion": "llamasync/v1", "kind": "Index", "metadata": {"name": "i"}, "spec": {"directory": "docs"}}
    (workspace / "manifests" / "index.yaml").write_text(json.dumps(index), "utf-8")
    assert "not there" in local("status").stdout
    local("apply", "--auto-approve", "--no-wait")
    assert "Index/i  is over" in local("wait").stdout
    assert "ready" in local("status", "Index/i").stdout
    local("results", "Index/i", expect=64)


@pytest.mark.usefixtures("runs")
def test_the_graph_shows_what_runs_need(local) -> None:
    drawn = local("graph", "--format", "text").stdout
    assert "SplitJob/parts" in drawn

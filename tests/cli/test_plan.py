from __future__ import annotations

import json

import pytest

from llamasync.plan.build import build_plan
from tests.cli.conftest import OBJECTS


def test_a_plan_shows_what_would_happen_and_changes_nothing(local) -> None:
    for _ in range(2):
        result = local("plan", "--detailed-exitcode", expect=2)
        assert f"Plan: {OBJECTS} to create, 0 to update, 0 to delete. 0 unchanged." in result.stdout
    assert "0 objects" in local("state", "list").stderr


def test_without_detailed_exitcode_changes_are_no_failure(local) -> None:
    local("plan")


def test_json_is_alone_on_stdout(local) -> None:
    value = json.loads(local("plan", "--format", "json").stdout)
    assert value["summary"]["create"] == OBJECTS
    assert value["format_version"] == "1.0"
    assert [change["address"] for change in value["changes"]][:2] == ["Directory/docs", "Directory/other"]
    assert value["changes"][2]["source"].startswith("manifests/all.yaml:")


def test_targets_take_along_what_they_need(local) -> None:
    text = local("plan", "--target", "FileSet/docs[a.md]").stdout
    assert "Plan: 2 to create" in text
    assert "Plan: 4 to create" in local("plan", "--exclude", "Directory/other").stdout
    assert "Plan: 4 to create" in local("plan", "-l", "team=docs").stdout
    assert "error[LS310]" in local("plan", "--target", "File/none", expect=1).stderr


def test_paths_plan_a_part_and_take_nothing_else_for_removed(applied, workspace) -> None:
    (workspace / "manifests" / "more.yaml").write_text(
        "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: more}\nspec: {}\n"
    )
    assert "Plan: 1 to create, 0 to update, 0 to delete." in applied("plan", "manifests/more.yaml").stdout
    assert "No changes." in applied("plan", "manifests/all.yaml").stdout
    assert "error[LS119]" in applied("plan", "documents", expect=1).stderr
    assert "  there is no manifests/none.yaml\n" in applied("plan", "manifests/none.yaml", expect=1).stderr


@pytest.mark.parametrize(
    ("name", "has"),
    [("p.md", "## llamasync plan: 5 to create"), ("p.json", '"create": 5'), ("p.txt", "Plan: 5"), ("p.html", "<html")],
)
def test_a_report_is_written_in_the_format_of_its_suffix(local, workspace, name, has) -> None:
    local("plan", "--report", name)
    assert has in (workspace / name).read_text("utf-8")


def test_a_report_that_cannot_be_written_is_an_error(local) -> None:
    assert "error[LS606]" in local("plan", "--report", "no/such/folder/p.md", expect=1).stderr


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_other_formats_go_to_stdout(local, form) -> None:
    assert "5 to create" in local("plan", "--format", form).stdout


def test_verbose_lists_everything(local, workspace) -> None:
    for n in range(20):
        (workspace / "documents" / f"n{n:02}.md").write_text(f"{n}\n")
    assert "more to create in FileSet/docs" in local("plan").stdout
    assert "FileSet/docs[n19.md]" in local("plan", "-v").stdout


def test_destroy_is_planned_in_full(applied) -> None:
    text = applied("plan", "--destroy").stdout
    assert f"{OBJECTS} to delete" in text
    assert "FileSet/docs[c.md]" in text


def test_guards_refuse_and_allow_deletes_means_it(applied, workspace) -> None:
    settings = workspace / "llamasync.yaml"
    settings.write_text(settings.read_text().replace("spec:\n", "spec:\n  guards: {maxDeletes: 0}\n"))
    (workspace / "documents" / "a.md").unlink()
    result = applied("plan", expect=1)
    assert "error[LS303]" in result.stderr
    assert "FileSet/docs[a.md]" in result.stdout
    assert "Nothing was changed." in applied("apply", "--auto-approve", expect=1).stderr
    applied("plan", "--allow-deletes", "1")
    applied("apply", "--auto-approve", "--allow-deletes", "1")


def test_refresh_only_leaves_the_manifests_changes_out(applied, workspace) -> None:
    (workspace / "documents" / "d.md").write_text("new\n")
    result = applied("plan", "--refresh-only", "--detailed-exitcode")
    assert "No changes." in result.stdout
    assert "1 change of the manifests is not shown" in result.stderr


def test_content_is_verified_when_asked(applied) -> None:
    assert "No changes." in applied("plan", "--verify-content").stdout


def test_what_has_settled_is_counted_and_looked_at_once(served, run, workspace, monkeypatch) -> None:
    words = served()
    run(*words, "apply", "--auto-approve")
    planned = []

    def build(desired, live, state, kinds, options):
        planned.append((len(desired.objects), sum(map(len, live.objects.values())), len(state.bindings)))
        return build_plan(desired, live, state, kinds, options)

    monkeypatch.setattr("llamasync.plan.build.build_plan", build)
    looked_up = json.loads(run(*words, "plan", "--format", "json").stdout)
    words += ["--project", looked_up["project_id"]]
    quiet = json.loads(run(*words, "plan", "--format", "json").stdout)
    thorough = json.loads(run(*words, "plan", "--format", "json", "--verify-content").stdout)
    (workspace / "documents" / "b.md").write_text("# Other\n")
    assert "Plan: 0 to create, 0 to update, 1 to replace" in run(*words, "plan").stdout
    assert planned == [(2, 2, 2), (2, 2, 2), (OBJECTS, OBJECTS, OBJECTS), (OBJECTS, OBJECTS, OBJECTS)]
    assert looked_up["summary"] == quiet["summary"] == thorough["summary"]
    assert [one["calls"]["read"] for one in (looked_up, quiet, thorough)] == [2, 2, 5]

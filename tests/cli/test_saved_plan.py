from __future__ import annotations

import json
import shlex

import pytest


@pytest.fixture
def saved(local):
    local("plan", "--out", "p.llamaplan")
    return local


def test_a_saved_plan_is_applied_without_asking(saved, run) -> None:
    assert "Applied: 5 changes" in run("apply", "p.llamaplan").stdout  # --local is in the file
    assert "error[LS311]: saved plan is stale" in saved("apply", "p.llamaplan", expect=1).stderr


def test_how_it_is_applied_is_said_as_the_shell_takes_it(local, run, workspace) -> None:
    told = local("plan", "--out", "my plan.llamaplan").stderr
    words = shlex.split(told.partition("To do exactly this: ")[2])
    assert words == ["llamasync", "-C", str(workspace), "apply", "my plan.llamaplan"]
    assert "Applied: 5 changes" in run(*words[3:]).stdout


def test_a_saved_plan_of_a_part_applies_that_part(local) -> None:
    local("plan", "manifests/all.yaml", "--out", "p.llamaplan")
    assert "Applied: 5 changes" in local("apply", "p.llamaplan").stdout


def test_a_saved_plan_knows_its_state_and_is_told_its_endpoint(run, served, workspace) -> None:
    service = served()
    told = run(*service, "--state", "sqlite:other.db", "plan", "--out", "p.llamaplan").stderr
    words = shlex.split(told.partition("To do exactly this: ")[2])
    assert words == ["llamasync", "-C", str(workspace), *service, "apply", "p.llamaplan"]
    run(*words[3:])
    assert not (workspace / ".llamasync" / "state.db").exists()
    assert "5 objects" in run(*service, "--state", "sqlite:other.db", "state", "list").stderr


@pytest.mark.parametrize("name", ["p.yaml", "p.yml"])
def test_a_plan_is_not_saved_under_the_name_of_a_manifest(local, workspace, name: str) -> None:
    assert "apply would take that for a manifest" in local("plan", "--out", name, expect=64).stderr
    assert not (workspace / name).exists()


def test_a_saved_destroy_destroys(applied) -> None:
    applied("plan", "--destroy", "--out", "p.llamaplan")
    applied("apply", "p.llamaplan")
    assert "0 objects" in applied("state", "list").stderr


def test_what_changed_since_makes_it_stale_and_nothing_is_changed(saved, workspace) -> None:
    (workspace / "documents" / "d.md").write_text("new\n")
    result = saved("apply", "p.llamaplan", expect=1)
    assert "error[LS311]" in result.stderr
    assert "FileSet/docs[d.md]" in result.stderr
    assert "Nothing was changed." in result.stderr
    assert "0 objects" in saved("state", "list").stderr


def test_options_of_planning_are_refused_with_it(saved) -> None:
    result = saved("apply", "p.llamaplan", "--target", "Directory/docs", expect=64)
    assert "leave the options of planning out" in result.stderr


@pytest.mark.parametrize("damage", ["", "{}", '{"format": "llamasync-plan", "version": 1}', "\x00\x01"])
def test_a_damaged_file_is_none(saved, workspace, damage) -> None:
    (workspace / "p.llamaplan").write_text(damage)
    assert "error[LS313]: not a plan file" in saved("apply", "p.llamaplan", expect=1).stderr


def test_bytes_that_are_no_text_are_no_plan(saved, workspace) -> None:
    (workspace / "p.llamaplan").write_bytes(b"\xff\xfe\x00")
    assert "error[LS313]" in saved("apply", "p.llamaplan", expect=1).stderr


def test_a_file_of_another_version_is_refused(saved, workspace) -> None:
    path = workspace / "p.llamaplan"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 99}))
    assert "error[LS312]" in saved("apply", "p.llamaplan", expect=1).stderr


def test_options_that_were_tampered_with_do_not_pass(saved, workspace) -> None:
    path = workspace / "p.llamaplan"
    value = json.loads(path.read_text())
    value["options"] = {"targets": ["nonsense", 1], "labels": [], "paths": 7, "allow_deletes": "x"}
    value["options"] |= {"local": True, "destroy": True}
    path.write_text(json.dumps(value))
    assert "error[LS311]" in saved("apply", "p.llamaplan", expect=1).stderr


def test_a_plan_that_is_refused_is_not_saved(local, workspace) -> None:
    local("plan", "--out", "p.llamaplan", "--target", "File/none", expect=1)
    assert not (workspace / "p.llamaplan").exists()

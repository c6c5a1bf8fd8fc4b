from __future__ import annotations

import json

from tests.cli.conftest import OBJECTS


def test_apply_makes_it_so_and_the_next_plan_is_empty(local) -> None:
    result = local("apply", "--auto-approve")
    assert f"Applied: {OBJECTS} changes in " in result.stdout
    assert result.stdout.count("  created  ") == OBJECTS
    assert f"No changes. {OBJECTS} objects are as the manifests say." in local("plan", "--detailed-exitcode").stdout
    assert "No changes." in local("apply", "--auto-approve").stdout


def test_nobody_to_ask_is_refused(local) -> None:
    assert "error[LS603]" in local("apply", expect=1).stderr
    assert "0 objects" in local("state", "list").stderr


def test_only_yes_is_yes(local, answers) -> None:
    answers("y")
    result = local("apply", expect=1)
    assert 'Only "yes" is accepted:' in result.stderr
    assert "error[LS608]" in result.stderr
    answers("yes")
    local("apply")


def test_events_are_one_object_a_line_and_text_is_elsewhere(local) -> None:
    result = local("apply", "--auto-approve", "--json-events")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events[0]["type"] == "plan"
    assert events[-1]["type"] == "summary"
    assert events[-1]["done"] == OBJECTS
    assert "Plan: 5 to create" in result.stderr
    assert f"Applied: {OBJECTS} changes" in result.stderr


def test_one_refused_change_skips_its_dependents_and_exits_3(run, served) -> None:
    service = served("POST /api/v1/beta/directories status=400 nth=1")
    result = run(*service, "apply", "--auto-approve", "--parallelism", "1", expect=3)
    assert "Stopped part-way" in result.stdout
    assert "1 done, 1 failed, 3 skipped" in result.stdout
    assert "FileSet/docs[a.md]  skipped because of Directory/docs" in result.stdout
    assert "error[LS406]" in result.stderr
    run(*service, "apply", "--auto-approve")
    run(*service, "plan", "--detailed-exitcode")


def test_targets_apply_a_part(local) -> None:
    local("apply", "--auto-approve", "--target", "Directory/docs")
    assert "1 object" in local("state", "list").stderr


def test_a_renamed_file_moves_without_an_upload(applied, workspace) -> None:
    (workspace / "documents" / "a.md").rename(workspace / "documents" / "z.md")
    text = applied("plan").stdout
    assert "1 to move, 0 to delete" in text
    assert "Upload" not in text
    applied("apply", "--auto-approve")
    applied("plan", "--detailed-exitcode")

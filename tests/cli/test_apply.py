from __future__ import annotations

import json

import httpx
import pytest

from llamasync.cli.console import Console
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


def _made_while_asked(monkeypatch: pytest.MonkeyPatch, service: list[str], *counts: int) -> list[str]:
    """Let somebody say yes to every question, while others make that many directories `docs`; return what was asked."""
    pending, asked = list(counts), []

    def ask(_: Console, question: str) -> str:
        asked.append(question)
        for _ in range(pending.pop(0) if pending else 0):
            url = f"{service[1]}/api/v1/beta/directories"
            httpx.post(url, json={"name": "docs"}, headers={"Authorization": "Bearer key"}).raise_for_status()
        return "yes"

    monkeypatch.setattr(Console, "can_ask", True)
    monkeypatch.setattr(Console, "ask", ask)
    return asked


def test_what_changed_while_the_question_was_open_is_shown_and_asked_about(run, served, monkeypatch) -> None:
    service = served()
    asked = _made_while_asked(monkeypatch, service, 1)
    result = run(*service, "apply")
    assert len(asked) == 2
    assert "Something changed while the question was open. This is the plan now:" in result.stderr
    assert "Plan: 5 to create" in result.stdout, "the first plan"
    assert "Plan: 4 to create" in result.stdout, "the second"
    assert f"Applied: {OBJECTS} changes in " in result.stdout
    run(*service, "plan", "--detailed-exitcode")


def test_plan_that_may_not_be_applied_after_the_question_is_refused(run, served, monkeypatch) -> None:
    service = served()
    asked = _made_while_asked(monkeypatch, service, 2)
    result = run(*service, "apply", expect=1)
    assert len(asked) == 1
    assert "error[LS301]" in result.stderr
    assert "Nothing was changed." in result.stderr
    assert "0 objects" in run(*service, "state", "list").stderr


def test_destroy_looks_again_too(run, served, monkeypatch) -> None:
    service = served()
    run(*service, "apply", "--auto-approve")
    headers = {"Authorization": "Bearer key"}

    def ask(_: Console, __: str) -> str:
        held = httpx.get(f"{service[1]}/api/v1/beta/directories?name=other", headers=headers).json()["items"][0]
        url = f"{service[1]}/api/v1/beta/directories/{held['id']}/files/upload"
        httpx.post(url, files={"upload_file": ("x.md", b"theirs")}, headers=headers).raise_for_status()
        return "Default"

    monkeypatch.setattr(Console, "can_ask", True)
    monkeypatch.setattr(Console, "ask", ask)
    result = run(*service, "destroy", expect=1)
    assert "Something changed while the question was open." in result.stderr
    assert "error[LS307]" in result.stderr


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

from __future__ import annotations

from pathlib import Path

import yaml


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_new_workspace_is_valid_and_can_be_applied(run, tmp_path) -> None:
    new = tmp_path / "new"
    run("init", new)
    assert files_below(new) == [
        ".github/workflows/llamasync.yml",
        ".gitignore",
        "documents/welcome.md",
        "llamasync.yaml",
        "manifests/documents.yaml",
    ]
    assert "Valid: 2 manifests, 2 objects." in run("validate", folder=new).stdout
    run("--local", "apply", "--auto-approve", folder=new)
    run("--local", "plan", "--detailed-exitcode", folder=new)


def test_the_workflow_plans_applies_and_looks_for_drift(run, tmp_path) -> None:
    run("init", tmp_path / "new")
    workflow = yaml.safe_load((tmp_path / "new/.github/workflows/llamasync.yml").read_text("utf-8"))
    assert set(workflow["jobs"]) == {"validate", "plan", "apply", "drift"}
    commands = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert "llamasync apply --auto-approve" in commands
    assert "llamasync drift" in commands
    told = [
        step["if"] for step in workflow["jobs"]["plan"]["steps"] if "plan.md" in step.get("run", "") and "if" in step
    ]
    assert told == ["${{ !cancelled() && hashFiles('plan.md') != '' }}"] * 2  # also when the plan is refused


def test_the_plan_of_a_pull_request_is_written_also_when_it_is_refused(local, workspace) -> None:
    local("plan", "--target", "Directory/nobody", "--report", workspace / "plan.md", expect=1)
    assert (workspace / "plan.md").read_text("utf-8").startswith("## llamasync plan: refused, 1 error\n")


def test_the_state_is_not_committed(run, tmp_path) -> None:
    run("init", tmp_path / "new")
    assert ".llamasync/" in (tmp_path / "new/.gitignore").read_text("utf-8").splitlines()


def test_nothing_is_overwritten_and_nothing_else_written(run, tmp_path) -> None:
    new = tmp_path / "new"
    (new / "manifests").mkdir(parents=True)
    (new / "manifests/documents.yaml").write_text("mine\n")
    result = run("init", new, expect=1)
    assert "error[LS605]: file exists already" in result.stderr
    assert files_below(new) == ["manifests/documents.yaml"]
    assert (new / "manifests/documents.yaml").read_text() == "mine\n"


def test_a_gitignore_that_is_there_is_left_alone_with_a_word(run, tmp_path) -> None:
    for name, text, note in (("one", "*.pyc\n", True), ("two", ".llamasync/\n", False)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / ".gitignore").write_text(text)
        result = run("init", folder=folder)
        assert (folder / ".gitignore").read_text() == text
        assert ("add the line `.llamasync/`" in result.stderr) is note


def test_init_says_what_to_do_next_from_where_one_stands(run, tmp_path) -> None:
    assert "llamasync -C new --local plan" in run("init", "new", folder=tmp_path).stderr
    assert "llamasync -C 'new dir' --local plan" in run("init", "new dir", folder=tmp_path).stderr
    (tmp_path / "here").mkdir()
    assert "  llamasync --local plan\n" in run("init", folder=tmp_path / "here").stderr

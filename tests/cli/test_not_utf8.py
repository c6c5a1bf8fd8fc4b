"""Names of files may hold bytes that are not UTF-8: they are shown, written out and brought back; nothing else may."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.conftest import environment

NAME = os.fsdecode(b"\xff")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others have no such names")


@pytest.fixture
def odd(workspace):
    """A workspace with a manifest whose name is not UTF-8."""
    text = "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: odd}\nspec: {}\n"
    path = workspace / "manifests" / f"{NAME}.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_problem_in_such_a_manifest_has_the_address_of_its_bytes_in_sarif(run, odd) -> None:
    odd.write_text("kind: [\n", "utf-8")
    (result,) = json.loads(run("validate", "--format", "sarif", expect=1).stdout)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("manifests/%FF.yaml")


@pytest.mark.parametrize("name", ["r.json", "r.md", "r.txt", "r.html"])
def test_a_report_of_such_a_manifest_is_written(local, odd, workspace, name) -> None:
    local("plan", "--report", workspace / name)
    assert "Directory/odd" in (workspace / name).read_text("utf-8")


def test_a_report_in_json_brings_the_name_back(local, odd, workspace) -> None:
    local("plan", "--report", workspace / "r.json")
    changes = json.loads((workspace / "r.json").read_text("utf-8"))["changes"]
    assert f"manifests/{NAME}.yaml:1:1" in [change["source"] for change in changes]


def test_a_saved_plan_brings_the_name_of_the_state_back(workspace) -> None:
    for words in (
        ["--local", "--state", f"sqlite:{NAME}.db", "plan", "--out", "p.llamaplan"],
        ["apply", "p.llamaplan"],
    ):
        # In a process of its own: the streams of the others refuse such names.
        command = [sys.executable, "-m", "llamasync", "-C", str(workspace), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
        assert done.returncode == 0, done.stderr
    assert (workspace / f"{NAME}.db").is_file()


@pytest.mark.parametrize(
    "words",
    [
        ["--project", NAME, "plan"],
        ["--project", NAME, "doctor"],
        ["adopt", "Directory/docs", NAME],
        ["adopt", f"Directory/{NAME}", "dir-1"],
        ["state", "mv", "Directory/docs", f"Directory/{NAME}"],
        ["plan", "--target", f"Directory/{NAME}"],
    ],
    ids=lambda words: " ".join(words).replace(NAME, "ff"),
)
def test_what_is_sent_or_kept_is_to_be_utf8(local, words) -> None:
    assert r"is not UTF-8 text: '" in local(*words, expect=64).stderr


@pytest.mark.parametrize("variable", ["LLAMA_CLOUD_PROJECT_ID", "LLAMA_CLOUD_ORGANIZATION_ID"])
def test_so_are_the_ids_of_the_environment(run, served, monkeypatch, variable) -> None:
    monkeypatch.setenv(variable, NAME)
    assert f"{variable}" in run(*served(), "plan", expect=64).stderr

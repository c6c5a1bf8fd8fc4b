"""validate, graph, schema, explain: what needs neither key nor network."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from contextlib import chdir

import pytest

from llamasync.core.codes import CODES


def break_manifest(workspace) -> None:
    path = workspace / "manifests" / "all.yaml"
    path.write_text(path.read_text("utf-8").replace("directory: docs", "directory: dcos"), "utf-8")


def test_a_valid_workspace_is_said_to_be_valid(run) -> None:
    result = run("validate")
    assert result.stdout == "Valid: 3 manifests, 5 objects.\n"


def test_a_problem_is_shown_with_its_line_and_a_hint(run, workspace) -> None:
    break_manifest(workspace)
    result = run("validate", expect=1)
    assert "error[LS104]: unknown reference" in result.stderr
    assert "directory: dcos" in result.stderr
    assert "did you mean" in result.stderr
    assert result.stdout == ""


def test_places_are_told_from_where_one_stands_whatever_folder_is_worked_in(run, workspace) -> None:
    """So they can be opened, and GitHub finds the file of a workspace that is not the root of its repository."""
    break_manifest(workspace)
    seen = f"{workspace.name}/manifests/all.yaml"
    for folder in (workspace, workspace.name):
        with chdir(workspace.parent):
            assert f"file={seen}," in run("validate", "--format", "github", folder=folder, expect=1).stdout
            assert f"  {seen}:" in run("validate", folder=folder, expect=1).stderr
            assert f"  {seen}:" in run("--local", "plan", folder=folder, expect=1).stderr


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_programs_get_json_on_stdout_alone(run, workspace, form) -> None:
    break_manifest(workspace)
    result = run("validate", "--format", form, expect=1)
    assert "LS104" in json.dumps(json.loads(result.stdout))
    assert result.stderr == ""


def test_ci_gets_commands_and_reports(run, workspace) -> None:
    break_manifest(workspace)
    assert run("validate", "--format", "github", expect=1).stdout.startswith("::error ")
    assert ElementTree.fromstring(run("validate", "--format", "junit", expect=1).stdout).tag.startswith("testsuite")


def test_variables_need_not_be_set(run, workspace) -> None:
    path = workspace / "manifests" / "all.yaml"
    path.write_text(path.read_text("utf-8").replace("description: Others", "description: ${env:NOT_SET}"), "utf-8")
    run("validate")
    assert "error[LS110]" in run("--local", "plan", expect=1).stderr


def test_paths_narrow_what_is_looked_at(run, workspace) -> None:
    (workspace / "manifests" / "bad.yaml").write_text("kind: Nonsense\n")
    run("validate", expect=1)
    assert "Valid: 3 manifests" in run("validate", "manifests/all.yaml").stdout
    assert run("validate", ".", expect=1)


def test_graphs_draw_what_is_needed(run) -> None:
    assert run("graph").stdout == "Directory/docs\nDirectory/other\nFileSet/docs\n  needs Directory/docs\n"
    assert "--> " in run("graph", "--format", "mermaid").stdout
    assert '"Directory/docs" -> "FileSet/docs";' in run("graph", "--format", "dot").stdout


def test_dependencies_that_are_written_out_are_drawn(run, workspace) -> None:
    path = workspace / "manifests" / "all.yaml"
    path.write_text(path.read_text("utf-8") + "dependsOn: [FileSet/docs]\n", "utf-8")
    assert "Directory/other\n  needs FileSet/docs\n" in run("graph").stdout


def test_schemas_are_listed_and_printed(run) -> None:
    assert re.search(r"^FileSet +the files of a tree", run("schema").stdout, re.MULTILINE)
    for name in ("FileSet", "fileset", "Workspace", "manifest"):
        assert json.loads(run("schema", name).stdout)["$schema"]
    assert "error[LS609]" in run("schema", "Nonsense", expect=1).stderr


def test_kinds_fields_and_codes_are_explained(run) -> None:
    assert "spec.include" in run("explain", "FileSet").stdout
    assert "gitignore" in run("explain", "FileSet.include").stdout
    told = run("explain", "Configuration.parameters.tier").stdout
    assert told.startswith("Configuration.spec.parameters.tier: depends on productType\n")
    assert re.findall(r"^With (.+):\n\nFIELD", told, re.MULTILINE) == [
        f"productType: {name}" for name in ("extract_v2", "parse_v2", "spreadsheet_v1")
    ]
    assert "With" not in run("explain", "Batch.job").stdout
    assert CODES["LS104"].why in run("explain", "ls104").stdout
    assert "batch.cancelled" in run("explain", "WebhookConfig.events").stdout
    assert max(map(len, run("explain", "WebhookConfig").stdout.splitlines())) < 320
    assert "did you mean FileSet.include?" in run("explain", "FileSet.inclde", expect=1).stderr
    assert "llamasync schema lists" in run("explain", "zzz", expect=1).stderr


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(run, code) -> None:
    assert CODES[code].summary in run("explain", code).stdout


def test_runs_checks_and_items_are_counted_each_for_what_they_are(run, workspace) -> None:
    (workspace / "items.jsonl").write_text("".join(f'{{"id": {n}, "x": "{"x" * 40}"}}\n' for n in range(5000)), "utf-8")
    (workspace / "manifests" / "all.yaml").write_text(
        """\
apiVersion: llamasync/v1
kind: AgentDataCollection
metadata: {name: cards}
spec: {deploymentName: _public, collection: cards, key: id, itemsFrom: ../items.jsonl}
---
apiVersion: llamasync/v1
kind: Check
metadata: {name: answers}
spec: {index: {id: idx-1}, assertions: [{find: {name: b}}]}
""",
        "utf-8",
    )
    assert run("validate").stdout == "Valid: 2 manifests, 5000 objects, 1 check.\n"
    (workspace / "manifests" / "all.yaml").write_text(
        "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: a}\nspec: {}\n", "utf-8"
    )
    assert run("validate").stdout == "Valid: 1 manifest, 1 object.\n"


def test_a_path_that_holds_no_manifest_is_told_as_a_plan_tells_it(run) -> None:
    for words in (["validate"], ["--local", "plan"]):
        told = run(*words, "documents", expect=1)
        assert "error[LS119]: no such path\n  no manifest is in documents\n" in told.stderr
        assert told.stdout == ""
    assert '"LS119"' in run("validate", "--format", "json", "documents", expect=1).stdout


def test_what_an_environment_takes_over_from_the_workspace_has_no_default_of_its_own(run) -> None:
    rows = [line.split() for line in run("explain", "Workspace").stdout.splitlines()]
    shown = {row[0]: row[2] for row in rows if row and row[0].endswith("guards.maxDeleteShare")}
    assert shown == {"spec.guards.maxDeleteShare": "0.3", "spec.environments.guards.maxDeleteShare": "The"}

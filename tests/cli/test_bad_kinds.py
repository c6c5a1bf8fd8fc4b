"""What people give wrong beyond files: items, checks, runs, indexes. Each has its place, and nothing is changed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest


def _manifest(kind: str, name: str, spec: str) -> str:
    return f"---\napiVersion: llamasync/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def _items(rest: str) -> str:
    return _manifest("AgentDataCollection", "things", f"{{deploymentName: _public, key: id, {rest}}}")


INDEX = _manifest("Index", "docs", "{directory: docs}")
PARSE = _manifest("Configuration", "parse", "{productType: parse_v2, parameters: {tier: fast, version: latest}}")
BATCH = PARSE + _manifest("Batch", "docs", "{directory: docs, job: {type: parse_v2, configuration: parse}}")
SCHEMA = "itemSchema: {properties: {n: {type: integer}}, required: [n]}"

# What is wrong: the manifests, other files, and each problem with its place and a part of what is said.
WRONG: dict[str, tuple[str, dict[str, str], list[tuple[str, str, str]]]] = {
    "an item without a key": (
        _items("items: [{a: 1}, {id: null}]"),
        {},
        [("LS214", "manifests/wrong.yaml:5:", "no field 'id'"), ("LS214", "manifests/wrong.yaml:5:", "is nothing")],
    ),
    "a repeated key": (
        _items("itemsFrom: ../items.jsonl"),
        {"items.jsonl": '{"id": "a"}\n\n{"id": "a"}\n'},
        [("LS215", "items.jsonl:3:1", "here and at items.jsonl:1:1")],
    ),
    "a line that is no JSON": (
        _items("itemsFrom: ../items.jsonl"),
        {"items.jsonl": '{"id": "a"}\n{bad\n'},
        [("LS216", "items.jsonl:2:2", "no JSON")],
    ),
    "no file of items": (
        _items("itemsFrom: ../gone.jsonl"),
        {},
        [("LS201", "manifests/wrong.yaml:5:", "gone.jsonl")],
    ),
    "ragged rows, all of them": (
        _items("itemsFrom: ../items.csv"),
        {"items.csv": "id,n\n1\n2,3,4\n5,6\n"},
        [("LS217", "items.csv:2:1", "1 cell, and 2"), ("LS217", "items.csv:3:1", "3 cells, and 2")],
    ),
    "an item that breaks its schema": (
        _items(f"itemsFrom: ../items.csv, {SCHEMA}"),
        {"items.csv": "id,n\n1,2\n3,x\n4,\n"},
        [("LS218", "items.csv:3:1", 'got the text "x"'), ("LS218", "items.csv:4:1", "`n` is missing")],
    ),
    "a pattern that does not compile": (
        INDEX + _manifest("Check", "docs", "{index: docs, assertions: [{grep: {file: a.md, pattern: '(('}}]}"),
        {},
        [("LS705", "manifests/wrong.yaml:10:", "at its character 2")],
    ),
    "a check of nothing": (
        _manifest("Check", "docs", "{index: nowhere, assertions: [{find: {}}]}"),
        {},
        [("LS104", "manifests/wrong.yaml:5:", "Index/nowhere")],
    ),
    "a file type that a job cannot take": (
        _manifest("SpreadsheetJob", "sums", "{file: {fileSet: docs, path: a.md}}"),
        {},
        [("LS722", "manifests/wrong.yaml:5:", "takes .csv, .ods")],
    ),
    "an index whose directory nobody declares": (
        _manifest("Index", "docs", "{directory: nowhere}"),
        {},
        [("LS104", "manifests/wrong.yaml:5:", "Directory/nowhere")],
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_it_is_told_with_its_place_before_anything_is_read(local, workspace: Path, what: str) -> None:
    manifests, files, expected = WRONG[what]
    (workspace / "manifests" / "wrong.yaml").write_text(manifests)
    for name, text in files.items():
        (workspace / name).write_text(text)
    for words in (["validate"], ["plan"], ["apply", "--auto-approve"]):
        told = local(*words, expect=1).stderr
        blocks = re.findall(r"^error\[(LS\d+)\]: .+\n  (\S+)((?:.+\n)+)", told, re.MULTILINE)
        assert len(blocks) == len(expected), told
        for (code, place, rest), (wanted, where, part) in zip(blocks, expected, strict=True):
            assert (code, where in place, part in rest) == (wanted, True, True), told
        assert "  hint: " in told
    assert json.loads(local("state", "pull").stdout)["bindings"] == []
    assert not list((workspace / ".llamasync").glob("local.db"))


def test_a_run_over_a_file_that_has_a_problem_already_adds_none(local, workspace: Path) -> None:
    (workspace / "documents" / "sums.csv").write_bytes(b"")
    (workspace / "manifests" / "wrong.yaml").write_text(
        _manifest("SpreadsheetJob", "sums", "{file: {fileSet: docs, path: sums.csv}}")
    )
    told = local("validate", expect=1).stderr
    assert "error[LS204]: empty file" in told
    assert "LS725" not in told


def _changed_nothing(local, told: str) -> None:
    assert "Nothing was changed." in told
    assert json.loads(local("state", "pull").stdout)["bindings"] == []


def test_a_batch_of_too_many_files_is_refused_by_the_plan(local, workspace: Path) -> None:
    for number in range(1001):
        (workspace / "documents" / f"{number}.md").write_text(f"# {number}\n")
    (workspace / "manifests" / "wrong.yaml").write_text(BATCH)
    told = local("plan", expect=1).stderr
    assert re.search(r"error\[LS721\]: too many files for one run\n  \S*manifests/wrong.yaml:7:1  Batch/docs\n", told)
    assert re.search(r"1,?004\b.*\b1,?000\b", told)
    _changed_nothing(local, local("apply", "--auto-approve", expect=1).stderr)


@pytest.mark.parametrize(("directory", "code"), [("{id: dir-nobody}", "LS308"), ("{name: Nobody}", "LS309")])
def test_an_index_over_a_directory_that_is_not_there_is_refused(local, workspace, directory, code) -> None:
    (workspace / "manifests" / "wrong.yaml").write_text(_manifest("Index", "docs", f"{{directory: {directory}}}"))
    told = local("apply", "--auto-approve", expect=1).stderr
    assert f"error[{code}]" in told
    assert "manifests/wrong.yaml:5:" in told
    assert "Index/docs  spec.directory\n" in told
    assert "LS320" not in told
    _changed_nothing(local, told)


def test_an_index_over_the_files_of_others_is_made_with_a_warning(run, served, workspace: Path) -> None:
    flags = served()
    run(*flags, "apply", "--auto-approve", "--target", "Directory/docs")
    (shown,) = json.loads(run(*flags, "state", "show", "Directory/docs", "--format", "json").stdout)["bindings"]
    identity = shown["id"]
    (workspace / "manifests" / "all.yaml").write_text(_manifest("Index", "docs", f"{{directory: {{id: {identity}}}}}"))
    told = run(*flags, "plan", "--target", "Index/docs").stderr
    assert "warning[LS320]" in told
    assert "are told apart by their ids alone" in told


def test_a_run_that_fails_names_the_files_and_the_reasons(local, workspace: Path) -> None:
    (workspace / "documents" / "broken.pdf").write_bytes(b"%PDF-1.7 damaged")
    (workspace / "manifests" / "wrong.yaml").write_text(BATCH)
    result = local("apply", "--auto-approve", expect=3)
    assert "  x Batch/docs  did not succeed: LS724" in re.sub(r"\[.+?\] ", "", result.stdout)
    assert "error[LS724]: some files of a run failed\n" in result.stderr
    assert "failed for 1 of 4 files: broken.pdf: " in result.stderr
    assert "wrong.yaml:7:1  Batch/docs" in result.stderr
    assert "  hint: " in result.stderr
    assert "run `llamasync apply` again" in result.output
    status = local("status").stdout
    assert "failed: broken.pdf: " in status
    assert "the next apply runs it again" in status
    assert "the last one failed" in local("plan").stdout


def test_a_run_that_takes_too_long_says_how_to_go_on(run, served, workspace: Path) -> None:
    from llamasync.emulator import Switches

    flags = served(switches=Switches(job_wait_ms=1000, job_duration_ms=3000))
    text = PARSE + _manifest(
        "Batch", "docs", "{directory: docs, job: {type: parse_v2, configuration: parse}, timeout: 1s}"
    )
    (workspace / "manifests" / "wrong.yaml").write_text(text)
    result = run(*flags, "apply", "--auto-approve", expect=3)
    assert "error[LS418]" in result.stderr
    assert "wrong.yaml:7:1  Batch/docs" in result.stderr
    assert "  hint: " in result.stderr
    run(*flags, "wait", "--timeout", "1m")
    assert "No changes." in run(*flags, "plan").stdout

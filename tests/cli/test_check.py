"""`llamasync check`, and the checks after an apply: output, exit codes, selection, reports."""

from __future__ import annotations

import json
import shutil
import signal
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner, Result

from llamasync.cli.main import cli
from tests.cli.test_processes import start

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "checks"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, applied; tests copy it."""
    root = tmp_path_factory.mktemp("checks") / "ws"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".llamasync"))
    result = CliRunner().invoke(cli, ["-C", str(root), "--local", "apply", "--auto-approve"])
    assert result.exit_code == 0, result.output
    assert "Then to be checked: Check/handbook-answers, Check/handbook-is-complete.\n" in result.output
    assert "2 of 2 checks hold (" in result.output
    return root


@pytest.fixture
def workspace(applied: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(applied, tmp_path / "ws"))


@pytest.fixture
def local(workspace: Path) -> Run:
    def invoke(*words: str | Path, expect: int = 0) -> Result:
        result = CliRunner().invoke(cli, ["-C", str(workspace), "--local", *map(str, words)])
        assert result.exit_code == expect, f"{words}: {result.exit_code}\n{result.output}\n{result.exception!r}"
        return result

    return invoke


def damage(workspace: Path) -> None:
    (workspace / "documents" / "leave-policy.md").write_text("# Leave\n", encoding="utf-8")


def test_checks_that_hold_take_a_line_each(local: Run) -> None:
    lines = local("check").output.splitlines()
    assert lines[0].startswith("Check/handbook-answers  ok  4 assertions in ")
    assert lines[1].startswith("Check/handbook-is-complete  ok  5 assertions in ")
    assert lines[3].startswith("2 of 2 checks hold (")


def test_a_damaged_document_fails_the_checks_after_the_apply(local: Run, workspace: Path, tmp_path: Path) -> None:
    damage(workspace)
    report = tmp_path / "report.xml"
    output = local("apply", "--auto-approve", "--report", report, expect=4).output
    assert "Applied: 2 changes" in output
    assert "FAILED   annual leave is found  manifests/checks.yaml:36:7\n" in output
    assert "           but       leave-policy.md is in the index, but not among the 3 hits\n" in output
    assert '                     no hit contains "25 days"\n' in output
    assert 'missed    "When do I need a doctor\'s note?"\n' in output
    assert "0 of 2 checks hold, 2 failed" in output
    suites = ET.parse(report).getroot()
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("9", "3", "0")
    # Nothing is left to do, and the check says the same when it is asked alone.
    local("plan", "--detailed-exitcode")
    assert "0 of 2 checks hold, 2 failed" in local("check", expect=4).output


def test_an_apply_that_syncs_nothing_runs_no_check(local: Run, workspace: Path) -> None:
    output = local("apply", "--auto-approve").output
    assert "No changes." in output
    assert "Check/" not in output


@pytest.mark.parametrize("option", ["--no-checks", "--no-wait"])
def test_checks_can_be_left_out_and_that_is_said(local: Run, workspace: Path, option: str) -> None:
    damage(workspace)
    output = local("apply", "--auto-approve", option).output
    assert f"Not checked ({option}): Check/handbook-answers, Check/handbook-is-complete.\n" in output


def test_events_tell_of_every_check_after_the_summary(local: Run, workspace: Path) -> None:
    damage(workspace)
    events = [
        json.loads(line) for line in local("apply", "--auto-approve", "--json-events", expect=4).stdout.splitlines()
    ]
    kinds = [event["type"] for event in events]
    assert kinds[-3:] == ["summary", "check", "check"]
    assert [event["address"] for event in events[-2:]] == ["Check/handbook-answers", "Check/handbook-is-complete"]
    assert [event["outcome"] for event in events[-2:]] == ["failed", "failed"]
    told = events[-1]["diagnostic"]
    assert (told["code"], told["source"]) == ("LS710", "manifests/checks.yaml:23:7")
    assert told["detail"] == 'grep "\\d+ days" in leave-policy.md: there are no places'


def test_a_partial_failure_wins_over_a_failed_check(local: Run, workspace: Path) -> None:
    damage(workspace)
    spec = "{productType: parse_v2, parameters: {tier: fast, version: latest}}"
    text = f"apiVersion: llamasync/v1\nkind: Configuration\nmetadata: {{name: cfg}}\nspec: {spec}\n"
    (workspace / "manifests" / "more.yaml").write_text(text)
    from llamasync.api.client import Client
    from llamasync.api.errors import Refused

    def refuse(self: Client, path: str, *rest: Any, **more: Any) -> Any:
        if path.endswith("/configurations"):
            raise Refused("no", method="POST", path=path, status=422)
        return create(self, path, *rest, **more)

    create = Client.create
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create", refuse)
        output = local("apply", "--auto-approve", expect=3).output
    assert "2 failed" in output, "the checks were run all the same"


def test_a_check_whose_index_was_not_synced_is_not_run(local: Run, workspace: Path) -> None:
    damage(workspace)
    from llamasync.api.client import Client
    from llamasync.api.errors import Refused

    def refuse(self: Client, path: str, *rest: Any, **more: Any) -> Any:
        raise Refused("no", method="POST", path=path, status=422)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "upload", refuse)
        output = local("apply", "--auto-approve", expect=3).output
        assert "Check/handbook-answers  not run because of Index/handbook\n" in output
        report = workspace / "checks.xml"
        lines = local("apply", "--auto-approve", "--json-events", "--report", report, expect=3).stdout.splitlines()
    assert report.read_text().count('<skipped message="not run because of Index/handbook"/>') == 2
    told = [json.loads(line) for line in lines if '"type": "check"' in line]
    assert [(one["outcome"], one["because_of"]) for one in told] == [("skipped", "Index/handbook")] * 2


def test_json_says_what_was_expected_and_what_came(local: Run, workspace: Path) -> None:
    damage(workspace)
    local("apply", "--auto-approve", "--no-checks")
    value = json.loads(local("check", "--format", "json", expect=4).stdout)
    assert (value["format_version"], value["outcome"]) == ("1.0", "failed")
    assert value["summary"] == {"ok": 0, "failed": 2, "unknown": 0, "not_run": 0}
    first = value["checks"][0]["assertions"][0]
    assert (first["name"], first["asked"], first["outcome"]) == ("annual leave is found", "retrieve", "failed")
    assert first["expected"][0] == "leave-policy.md among the best 3"
    assert first["shown"][0]["file"]
    assert isinstance(first["shown"][0]["score"], float)
    recall = value["checks"][0]["assertions"][2]
    assert recall["numbers"]["questions"] == 7
    assert len(recall["missed"]) == 7 - recall["numbers"]["met"]


def test_junit_has_a_suite_a_check_and_a_case_an_assertion(local: Run) -> None:
    root = ET.fromstring(local("check", "--format", "junit").stdout)
    assert root.tag == "testsuites"
    assert [(suite.get("name"), suite.get("tests"), len(suite)) for suite in root] == [
        ("Check/handbook-answers", "4", 4),
        ("Check/handbook-is-complete", "5", 5),
    ]


@pytest.mark.parametrize(
    ("words", "checks"),
    [
        (["--target", "Check/handbook-answers"], ["answers"]),
        (["--target", "Index/handbook"], ["answers", "is-complete"]),
        (["--exclude", "Check/handbook-answers"], ["is-complete"]),
        (["-l", "team=people"], ["answers", "is-complete"]),
        (["-l", "team=legal"], []),
    ],
)
def test_checks_are_selected(local: Run, workspace: Path, words: list[str], checks: list[str]) -> None:
    legal = "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: legal, labels: {team: legal}}\nspec: {}\n"
    (workspace / "manifests" / "legal.yaml").write_text(legal, encoding="utf-8")
    output = local("check", *words).output
    assert [name for name in ("answers", "is-complete") if f"Check/handbook-{name}  ok" in output] == checks
    if not checks:
        assert output == "There are no checks.\n"


def test_labels_that_no_manifest_has_select_no_checks_in_silence(local: Run) -> None:
    assert "-l team=typo matches nothing" in local("check", "-l", "team=typo", expect=1).output


def test_a_path_selects_checks_whose_index_is_elsewhere(local: Run, workspace: Path) -> None:
    text = (workspace / "manifests" / "checks.yaml").read_text(encoding="utf-8")
    first, _, second = text.partition("---\n")
    (workspace / "manifests" / "checks.yaml").write_text(first, encoding="utf-8")
    (workspace / "manifests" / "more.yaml").write_text(second, encoding="utf-8")
    output = local("check", workspace / "manifests" / "more.yaml").output
    assert "Check/handbook-answers  ok" in output
    assert "is-complete" not in output
    assert "LS119" in local("check", workspace / "none.yaml", expect=1).output
    assert "LS310" in local("check", "--target", "Check/none", expect=1).output


def test_a_target_that_is_a_check_applies_what_it_needs_and_runs_it(local: Run, workspace: Path) -> None:
    damage(workspace)
    output = local("apply", "--auto-approve", "--target", "Check/handbook-is-complete", expect=4).output
    assert "Index/handbook  synced" in output
    assert "Check/handbook-is-complete  FAILED" in output


def test_a_check_that_is_excluded_is_not_run(local: Run, workspace: Path) -> None:
    damage(workspace)
    words = ["--auto-approve", "--exclude", "Check/handbook-is-complete", "--exclude", "Check/handbook-answers"]
    assert "Check/" not in local("apply", *words).output


def test_nothing_can_be_checked_before_anything_is_made(tmp_path: Path) -> None:
    root = tmp_path / "new"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".llamasync"))
    result = CliRunner().invoke(cli, ["-C", str(root), "--local", "check"])
    assert result.exit_code == 1
    assert "Check/handbook-answers  could not be checked\n  LS701 no index to ask: Index/handbook" in result.output
    assert "  hint: run `llamasync apply` first\n" in result.output
    assert "0 of 2 checks hold, 2 could not be checked" in result.output
    root_element = ET.fromstring(
        CliRunner().invoke(cli, ["-C", str(root), "--local", "check", "--format", "junit"]).stdout
    )
    assert root_element.get("errors") == "2"


def test_without_a_key_nothing_can_be_checked(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLAMA_CLOUD_API_KEY", "LLAMA_PARSE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(cli, ["-C", str(workspace), "check"])
    assert result.exit_code == 1
    assert "LS401" in result.output


def test_a_report_whose_suffix_says_no_format_is_wrong_usage(local: Run) -> None:
    for command in ("check", "apply"):
        assert "the suffix says the format" in local(command, "--report", "r.pdf", expect=64).output


def test_a_report_is_written_beside_what_is_shown(local: Run, tmp_path: Path) -> None:
    for name, begins in (("r.txt", "Check/"), ("r.json", "{"), ("r.xml", "<?xml")):
        local("check", "--target", "Check/handbook-is-complete", "--report", tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_other_commands_take_checks_as_they_are(local: Run) -> None:
    assert "Check/handbook-answers\n  needs Index/handbook\n" in local("graph").output
    assert "Check" not in local("state", "list").output
    assert json.loads(local("plan", "--format", "json").stdout)["checks"] == []
    local("drift")
    assert "retrieve.query" in local("explain", "Check").output
    assert json.loads(local("schema", "Check").stdout)["title"] == "Check"
    adopted = local("adopt", "Check/handbook-answers", "idx-1", expect=1).output
    assert "Check/handbook-answers stands for no live object of its own" in adopted
    assert "it stands for no object of the service" in local("export", "--kind", "Check", expect=64).output
    assert "Check/" not in local("destroy", "--auto-approve").output


def test_a_plan_as_markdown_and_html_names_the_checks(local: Run, workspace: Path) -> None:
    damage(workspace)
    for form in ("markdown", "html"):
        assert "Then to be checked: Check/handbook-answers" in local("plan", "--format", form).output
    assert json.loads(local("plan", "--format", "json").stdout)["checks"] == [
        "Check/handbook-answers",
        "Check/handbook-is-complete",
    ]


def test_verbose_shows_what_came_of_what_holds(local: Run) -> None:
    output = local("-v", "check", "--target", "Check/handbook-answers").output
    assert "  ok       annual leave is found\n           expected  leave-policy.md among the best 3\n" in output
    assert "             1. leave-policy.md, page 1  0." in output


OF_ANOTHER = """\
apiVersion: llamasync/v1
kind: Check
metadata: {name: another}
dependsOn: [Index/handbook]
spec:
  index: INDEX
  assertions: [{read: {file: leave-policy.md}}, {find: {}}]
"""


def with_check_of(workspace: Path, index: str) -> None:
    """Leave one check, of an index that is no manifest's, but that comes after the one that is."""
    (workspace / "manifests" / "checks.yaml").write_text(OF_ANOTHER.replace("INDEX", index), encoding="utf-8")


def test_a_check_that_cannot_be_asked_after_an_apply_is_exit_code_1(local: Run, workspace: Path) -> None:
    damage(workspace)
    with_check_of(workspace, "{id: idx-none}")
    output = local("apply", "--auto-approve", expect=1).output
    assert "Applied: 2 changes" in output
    assert "Check/another  could not be checked\n  LS701 no index to ask: the project holds no index" in output
    (workspace / "documents" / "leave-policy.md").write_text("# Leave again\n", encoding="utf-8")
    lines = local("apply", "--auto-approve", "--json-events", expect=1).stdout.splitlines()
    event = json.loads(lines[-1])
    assert (event["type"], event["outcome"], event["diagnostic"]["code"]) == ("check", "unknown", "LS701")


def test_an_assertion_that_cannot_be_asked_tells_its_reason_in_the_events(local: Run, workspace: Path) -> None:
    (workspace / "documents" / "more").mkdir()
    (workspace / "documents" / "more" / "leave-policy.md").write_text("# Twin\n", encoding="utf-8")
    with_check_of(workspace, "handbook")
    lines = local("apply", "--auto-approve", "--json-events", expect=1).stdout.splitlines()
    event = json.loads(lines[-1])
    assert (event["outcome"], event["diagnostic"]["code"]) == ("unknown", "LS708")


def test_checks_that_cannot_begin_are_a_problem_after_the_apply(tmp_path: Path, served: Callable[..., Any]) -> None:
    root = tmp_path / "new"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".llamasync"))
    with_check_of(root, "{name: another}")
    words = served("GET /api/v1/indexes status=403 nth=2")  # the first one is the plan's
    result = CliRunner().invoke(cli, ["-C", str(root), *words, "apply", "--auto-approve"])
    assert result.exit_code == 1
    assert "Applied: 6 changes" in result.output
    assert "LS413" in result.output


def test_a_session_that_is_left_is_a_warning(tmp_path: Path, served: Callable[..., Any]) -> None:
    root = tmp_path / "new"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".llamasync"))
    words = served("DELETE /api/v1/chat/* status=403")
    result = CliRunner().invoke(cli, ["-C", str(root), *words, "apply", "--auto-approve"])
    assert result.exit_code == 0
    assert "warning[LS709]" in result.output
    result = CliRunner().invoke(cli, ["-C", str(root), *words, "check"])
    assert result.exit_code == 0
    assert "warning[LS709]" in result.output


def test_a_report_is_there_even_when_no_check_was_run(local: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    local("apply", "--auto-approve", "--report", report)
    assert ET.parse(report).getroot().get("tests") == "0"
    assert "LS606" in local("apply", "--auto-approve", "--report", tmp_path / "no" / "r.xml", expect=1).output


def test_what_was_interrupted_has_its_own_exit_code() -> None:
    from llamasync.checks.model import Report
    from llamasync.cli.checking import exit_of
    from llamasync.cli.exits import Exit

    assert exit_of(Report(left=1)) is Exit.INTERRUPTED
    assert exit_of(Report()) is Exit.DONE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_ends_a_chat_and_leaves_no_session(tmp_path: Path, served: Callable[..., Any], number: int) -> None:
    root = tmp_path / "new"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".llamasync"))
    service = served("POST /api/v1/chat/*/messages/stream latency=2000ms")
    applied = CliRunner().invoke(cli, ["-C", str(root), *service, "apply", "--auto-approve", "--no-checks"])
    assert applied.exit_code == 0, applied.output
    words = ["-C", str(root), *service, "check", "--target", "Check/handbook-answers"]
    process = start(*words)
    for _ in range(300):
        if sessions(service[1]):
            break
        time.sleep(0.1)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Stopping: chats of checks are ended and their sessions deleted." in err
    assert out.endswith("s).\n")
    assert "1 not run" in out
    assert sessions(service[1]) == []


def sessions(url: str) -> list[Any]:
    asked = Request(f"{url}/api/v1/chat", headers={"Authorization": "Bearer key"})
    with urlopen(asked) as told:
        found: list[Any] = json.load(told)["items"]
    return found


def test_a_saved_plan_runs_the_checks_that_it_named(local: Run, workspace: Path, tmp_path: Path) -> None:
    damage(workspace)
    saved = tmp_path / "reviewed.llamaplan"
    assert "Then to be checked: Check/handbook-answers" in local("plan", "--out", saved).output
    assert "0 of 2 checks hold, 2 failed" in local("apply", saved, expect=4).output

"""docs/json.md says what is printed: one document, every field named on the page, nothing on stdout after an error."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from llamasync.cli.main import cli

HOME = Path(__file__).resolve().parents[2]
PAGE = (HOME / "docs" / "json.md").read_text("utf-8")
# What stands below these is the user's or the service's, not ours to name.
FREE = {"before", "after", "fields", "observed", "numbers"}
Run = Callable[..., Result]


def names(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from names(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            if name not in FREE or (name == "fields" and isinstance(each, list)):
                yield from names(each)


def check(text: str) -> Any:
    """Hold one document against the page."""
    value = json.loads(text)
    assert {name for name in names(value) if f"`{name}`" not in PAGE} == set()
    return value


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The quickstart, in a folder of its own for the whole module."""
    root = tmp_path_factory.mktemp("json") / "ws"
    shutil.copytree(HOME / "examples" / "quickstart", root, ignore=shutil.ignore_patterns(".llamasync"))

    def run(*words: str, expect: int = 0) -> Result:
        result = CliRunner().invoke(cli, ["-C", str(root), "--local", *words])
        assert result.exit_code == expect, f"{words}\n{result.output}"
        return result

    run.root = root  # type: ignore[attr-defined]
    return run


def test_the_whole_tour_prints_what_the_page_names(tour: Run) -> None:
    root: Path = tour.root  # type: ignore[attr-defined]
    plan = check(tour("plan", "--format", "json", "--report", str(root / "plan.json")).stdout)
    assert check((root / "plan.json").read_text("utf-8"))["changes"] == plan["changes"]
    assert plan["estimate"]["steps"]
    before = check(tour("status", "--format", "json").stdout)
    assert {one["state"] for one in before["standings"]} <= {"never ran", "not there"}

    lines = tour("apply", "--auto-approve", "--json-events", "--report", str(root / "checks.json")).stdout.splitlines()
    events = [check(line) for line in lines]
    types = [event["type"] for event in events]
    assert types[0] == "plan"
    assert events[0]["total"] == len(plan["changes"])
    assert types.count("summary") == 1
    assert set(types[types.index("summary") + 1 :]) == {"check"}
    ended = [event["address"] for event in events if event["type"] in ("done", "failed")]
    assert sorted(ended) == sorted(event["address"] for event in events if event["type"] == "start")
    assert check((root / "checks.json").read_text("utf-8"))["outcome"] == "ok"
    assert tour("apply", "--auto-approve", "--json-events").stdout == ""

    check(tour("status", "--format", "json").stdout)
    check(tour("check", "--format", "json").stdout)
    check(tour("drift", "--format", "json").stdout)
    check(tour("doctor", "--format", "json").stdout)
    check(tour("state", "list", "--format", "json").stdout)
    for address, count in (("Index/handbook", 1), ("FileSet/contracts", 3)):
        shown = check(tour("state", "show", address, "--format", "json").stdout)
        assert [one["address"].partition("[")[0] for one in shown["bindings"]] == [address] * count


def test_what_goes_wrong_is_named_as_well(tour: Run) -> None:
    root: Path = tour.root  # type: ignore[attr-defined]
    shown = check(tour("plan", "--format", "json", "--target", "File/nobody", expect=1).stdout)
    assert shown["problems"][0]["code"] == "LS310"
    wrong = root / "manifests" / "wrong.yaml"
    wrong.write_text("kind: [\n", "utf-8")
    try:
        problems = check(tour("validate", "--format", "json", expect=1).stdout)
        assert problems["problems"][0]["line"] == 2
        for words in (["plan", "--format", "json"], ["apply", "--auto-approve", "--json-events"], ["drift"]):
            assert tour(*words, expect=1).stdout == ""
    finally:
        wrong.unlink()


def test_failed_and_skipped_changes_are_named_as_well(run, served) -> None:
    flags = served("POST /api/v1/beta/directories status=403")
    lines = run(*flags, "apply", "--auto-approve", "--json-events", expect=3).stdout.splitlines()
    events = [check(line) for line in lines]
    assert {"failed", "skipped", "summary"} <= {event["type"] for event in events}
    assert all(event["because_of"] for event in events if event["type"] == "skipped")


def test_the_page_names_every_type_of_event_and_every_command_with_json() -> None:
    from llamasync.apply.events import EventType

    table = PAGE.partition("## Events")[2].partition("## Checks")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {str(kind) for kind in EventType} | {"type"}
    offered = set()
    for path in (HOME / "llamasync" / "cli" / "commands").glob("*.py"):
        if '"json"' in path.read_text("utf-8"):
            offered.add(path.stem)
    assert {name for name in offered if f"`{name} " not in PAGE} == set()

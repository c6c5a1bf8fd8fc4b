"""Plan files: what is written is read, what is damaged is refused, what is stale says what has changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llamasync.core.diagnostic import DiagnosticError
from llamasync.plan.model import Plan, PlanOptions
from llamasync.plan.planfile import addresses_of, check_fresh, dump_plan, read_plan_file
from tests.plan.pieces import PROJECT, address, directory, file, make_plan

ENDPOINT = "https://api.example"
PLAN = make_plan(
    [directory("contracts"), file("FileSet/a[ä/1.md]")], options=PlanOptions(endpoint=ENDPOINT, environment="prod")
)
TEXT = dump_plan(PLAN, created_at="2026-01-01T00:00:00+00:00", options={"targets": ["Directory/contracts"]})


def _refusal(text: str) -> tuple[str, str]:
    with pytest.raises(DiagnosticError) as caught:
        read_plan_file(text, "plan.json")
    return caught.value.diagnostics[0].code, caught.value.diagnostics[0].detail


def _with(**changes: Any) -> str:
    return json.dumps({**json.loads(TEXT), **changes})


def test_what_is_written_is_read() -> None:
    saved = read_plan_file(TEXT, "plan.json")
    assert saved.fingerprint == PLAN.fingerprint
    assert (saved.project_id, saved.endpoint, saved.environment) == (PROJECT.id, ENDPOINT, "prod")
    assert saved.created_at == "2026-01-01T00:00:00+00:00"
    assert saved.options == {"targets": ["Directory/contracts"]}
    assert saved.actions == {"Directory/contracts": "create", "FileSet/a[ä/1.md]": "create"}


def test_plan_without_an_environment_is_read() -> None:
    assert read_plan_file(_with(environment=None), "plan.json").environment is None


def test_file_that_is_cut_short_anywhere_is_refused() -> None:
    for length in range(len(TEXT.rstrip())):
        assert _refusal(TEXT[:length])[0] == "LS313", TEXT[:length]


@pytest.mark.parametrize("text", ["", "null", "[]", '"text"', "{}", '{"format": "other"}', "not json", "\x00"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    code, detail = _refusal(text)
    assert code == "LS313"
    assert detail.startswith("plan.json: it ")


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_plan_of_another_version_is_refused(version: Any) -> None:
    assert _refusal(_with(version=version)) == (
        "LS312",
        f"plan.json is of version {version!r}; this llamasync reads version 1",
    )


@pytest.mark.parametrize(
    "damage",
    [
        *({name: value} for name in ("fingerprint", "project_id", "endpoint", "created_at") for value in ("", None, 1)),
        *({name: value} for name in ("options", "actions") for value in (None, [], "text")),
        {"environment": 1},
    ],
)
def test_plan_with_a_damaged_part_is_refused(damage: dict[str, Any]) -> None:
    assert _refusal(_with(**damage)) == ("LS313", "plan.json: parts of it are missing")


def _stale(plan: Plan, text: str = TEXT) -> str:
    found = check_fresh(read_plan_file(text, "plan.json"), plan)
    assert found is not None
    assert found.code == "LS311"
    return found.detail


def test_plan_that_is_the_same_is_fresh() -> None:
    assert check_fresh(read_plan_file(TEXT, "plan.json"), PLAN) is None


def test_stale_plan_says_which_actions_differ() -> None:
    now = make_plan([directory("contracts"), directory("more")], options=PlanOptions(endpoint=ENDPOINT))
    assert _stale(now) == (
        "made 2026-01-01T00:00:00+00:00. Directory/more (nothing then, create now), "
        "FileSet/a[ä/1.md] (create then, nothing now)"
    )


def test_stale_plan_of_the_same_actions_says_so() -> None:
    now = make_plan([directory("contracts"), file("FileSet/a[ä/1.md]", "two")], options=PlanOptions(endpoint=ENDPOINT))
    assert _stale(now) == "made 2026-01-01T00:00:00+00:00. The same objects, but with other contents."


def test_stale_plan_names_five_differences_and_counts_the_rest() -> None:
    now = make_plan([directory(f"d{n}") for n in range(5)], options=PlanOptions(endpoint=ENDPOINT))
    detail = _stale(now)
    assert detail.count(" then, ") == 5
    assert detail.endswith(" and 2 more")


def test_plan_for_another_project_or_endpoint_says_so_first() -> None:
    elsewhere = make_plan([directory("contracts")], options=PlanOptions(endpoint="https://other"))
    assert _stale(elsewhere) == ("it was made for project prj-1 at https://api.example, not prj-1 at https://other")


def test_addresses_are_read_from_options_and_what_is_none_is_left_out() -> None:
    assert addresses_of(["Directory/a", "nothing", 5, "FileSet/a[1.md]"]) == (
        address("Directory/a"),
        address("FileSet/a[1.md]"),
    )
    assert addresses_of(None) == ()
    assert addresses_of("Directory/a") == ()

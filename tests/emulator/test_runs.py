"""What agent data, webhooks and jobs share: switches in any combination, snapshots, restarts, hostile filters."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llamasync.emulator import Project, Switches
from llamasync.emulator.arguments import options_from_texts
from tests.emulator.populate_runs import populate_runs
from tests.emulator.support import World, check_against_contract, make_world

Worlds = Callable[..., World]
KEYS = st.sampled_from(["created_at", "a", "a.b", "", "a..b", "'", '"', "$", "a[0]", "é"]) | st.text(max_size=6)
SCALARS = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
OPERATORS = ["eq", "ne", "gt", "gte", "lt", "lte", "includes", "excludes"]
FILTERS = st.dictionaries(KEYS, st.dictionaries(st.sampled_from(OPERATORS), SCALARS | st.lists(SCALARS, max_size=3)))
SEARCHES = st.fixed_dictionaries(
    {"deployment_name": st.just("_public")},
    optional={
        "filter": FILTERS,
        "order_by": st.text(max_size=12) | st.sampled_from(["a desc", "created_at", "a.b, '", "x asc, y desc"]),
        "group_by": st.lists(KEYS, max_size=3),
        "count": st.booleans(),
        "first": st.booleans(),
        "page_size": st.integers(1, 3),
        "include_total": st.booleans(),
    },
)


@pytest.mark.parametrize("action", ["search", "aggregate", "delete"])
def test_no_filter_breaks_the_emulator(world: World, action: str) -> None:
    world.emulator.control.agent_data.add([{"a": 1}, {"a": {"b": "x"}}, {"é": None, "'": 2}])
    path = f"/api/v1/beta/agent-data/:{action}"

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(SEARCHES)
    def run(body: dict[str, Any]) -> None:
        answer = world.client.post(path, json=body)
        assert answer.status_code in {200, 422}
        check_against_contract("current", "POST", path, answer)

    run()


@pytest.mark.parametrize("seed", range(20))
def test_every_combination_of_switches_answers_by_the_contract(seed: int) -> None:
    chooser = random.Random(seed)
    chosen = {name: chooser.choice(values) for name, values in Switches.space().items()}
    dialect = chooser.choice(["reference", "current"])
    world = make_world(chosen, dialect=dialect)
    made = populate_runs(world)
    split, sheets, batch, job = (
        f"/api/v1/beta/split/jobs/{made['split_job_id']}",
        f"/api/v1/beta/sheets/jobs/{made['spreadsheet_job_id']}",
        f"/api/v2/batches/{made['batch_id']}",
        f"/api/v1/beta/batch-processing/{made['job_id']}",
    )
    calls: list[tuple[str, str, Any]] = [
        ("PUT", f"/api/v1/beta/agent-data/{made['item_id']}", {"data": {"b": [1]}}),
        ("POST", "/api/v1/beta/agent-data/:search", {"deployment_name": "_public", "filter": {"b": {"ne": None}}}),
        ("DELETE", f"/api/v1/beta/agent-data/{made['item_id']}", None),
        ("DELETE", f"/api/v1/beta/agent-data/{made['item_id']}", None),
        *(("GET", each.rsplit("/", 1)[0], None) for each in (split, sheets, batch, job)),
        *(("GET", each, None) for each in (split, sheets, f"{batch}?expand=results", job, f"{job}/items")),
        ("GET", f"{sheets}/regions/{made['region_id']}/result/table", None),
        ("POST", f"{job}/cancel", {}),
        ("POST", f"{job}/cancel", {}),
        ("DELETE", sheets, None),
        ("DELETE", sheets, None),
    ]
    for method, path, body in calls:
        answer = world.client.request(method, path, json=body)
        assert answer.status_code < 500
        check_against_contract(dialect, method, path.partition("?")[0], answer)
    world.close()


def test_a_snapshot_shows_data_webhooks_and_jobs_where_there_are_any(world: World) -> None:
    control = world.emulator.control
    assert not {"agent_data", "webhook_configs", "jobs"} & control.snapshot().keys()
    populate_runs(world)
    hook = {"webhook_url": "https://example.com/", "webhook_signing_secret": "s"}
    made = world.ok("POST", "/api/v1/beta/webhook-configs", json=hook)
    snapshot = control.snapshot(ids=False)
    (collection,) = snapshot["agent_data"]
    assert (collection["deployment_name"], collection["items"]) == ("_public", [{"data": {"a": 1}}])
    assert [each["secret"] for each in snapshot["webhook_configs"]] == ["s"]
    assert sorted(each["kind"] for each in snapshot["jobs"]) == ["batch", "batch_job", "sheets", "split"]
    assert control.snapshot()["webhook_configs"][0]["id"] == made["id"]


def test_data_and_jobs_survive_a_restart(tmp_path: Path) -> None:
    world = make_world(path=tmp_path / "db")
    made = populate_runs(world)
    world.emulator.control.jobs.fail_next("split", "after the restart")
    before = world.emulator.control.snapshot()
    world.close()
    again = make_world(path=tmp_path / "db", clock=world.clock)
    assert again.emulator.control.snapshot() == before
    assert again.ok("GET", f"/api/v1/beta/split/jobs/{made['split_job_id']}")["status"] == "completed"
    assert [each["outcome"] for each in _next_split(again)] == ["failed"]
    again.close()


def _next_split(world: World) -> list[Any]:
    known = world.emulator.control.snapshot()["jobs"]
    populate_runs(world)
    return [each for each in world.emulator.control.snapshot()["jobs"] if each not in known and each["kind"] == "split"]


def test_another_project_sees_none_of_it(worlds: Worlds) -> None:
    world = worlds(projects=(Project("a"), Project("b")))
    made = populate_runs(world)
    other = {"project_id": Project("b").identity}
    for path in (
        f"/api/v1/beta/agent-data/{made['item_id']}",
        f"/api/v1/split/jobs/{made['split_job_id']}",
        f"/api/v1/sheets/jobs/{made['spreadsheet_job_id']}",
        f"/api/v2/batches/{made['batch_id']}",
        f"/api/v1/beta/batch-processing/{made['job_id']}",
    ):
        assert world.status("GET", path) == 200
        assert world.status("GET", path, params=other) == 404


def test_deployments_can_be_named_as_texts() -> None:
    assert options_from_texts().deployments is None
    assert options_from_texts(deployments=["a", "b"]).deployments == {"a", "b"}

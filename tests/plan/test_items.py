"""Items in a plan: whose change a field is, twins, deletes that save what exists nowhere else, places not known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError, Severity
from llamasync.emulator import Fault, Switches
from llamasync.kinds.facts import FieldFact
from llamasync.plan.by_key import compare_by_key
from llamasync.plan.model import PlanOptions, Selection
from llamasync.state.memory import MemoryStore
from tests.support.world import UNGUARDED, World, actions, errors, manifest

FACT = FieldFact(name="data", spec="data", by_key=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def declare(world: World, *items: dict[str, Any], name: str = "c", **spec: Any) -> None:
    spec = {"deploymentName": "_public", "key": "id", "items": list(items), **spec}
    world.put(f"{name}.yaml", manifest("AgentDataCollection", name, spec))


def held(world: World, **place: str) -> list[dict[str, Any]]:
    return world.emulator.control.agent_data.all(**place)


def add(world: World, *items: dict[str, Any], **place: str) -> list[str]:
    return world.emulator.control.agent_data.add(items, **place)


@pytest.mark.parametrize(
    ("shown", "wanted", "last", "expected"),
    [
        ({"a": 1}, {"a": 1.0}, None, []),
        ({"a": 1}, {"a": True}, None, [("data.a", 1, True, "manifest")]),
        ({"a": 1}, {}, None, [("data.a", 1, None, "manifest")]),
        ({}, {"a": None}, {}, [("data.a", None, None, "manifest")]),
        ({"a": 1}, {"a": 2}, {"a": 1}, [("data.a", 1, 2, "manifest")]),
        ({"a": 1}, {"a": 2}, {"a": 2}, [("data.a", 1, 2, "service")]),
        ({"a": 1}, {"a": 2}, {"a": 3}, [("data.a", 1, 2, "both")]),
        ({"a": 1, "b": 1}, {}, {"b": 1}, [("data.a", 1, None, "service"), ("data.b", 1, None, "manifest")]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 2}}, [("data.a.b", 1, 2, "service")]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": 5}, [("data.a.b", 1, 2, "both")]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, None, [("data.a.b", 1, 2, "manifest")]),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}, [("data.a", {"b": 1}, [1], "service")]),
    ],
)
def test_each_key_says_whose_change_it_is(shown: Any, wanted: Any, last: Any, expected: list[Any]) -> None:
    changes, value = compare_by_key(FACT, wanted, shown, last)
    assert [(one.path, one.before, one.after, one.drift.value) for one in changes] == expected
    assert value == (wanted if expected else None)


def test_an_item_that_exists_is_adopted_by_its_key(world: World) -> None:
    (number,) = add(world, {"id": 7, "n": 1})
    declare(world, {"id": "7", "n": 1}, {"id": "b"})
    plan = world.plan()
    assert actions(plan) == {"AgentDataCollection/c[7]": "adopt", "AgentDataCollection/c[b]": "create"}
    assert world.converge().is_empty
    assert world.store.load().bindings[Address("AgentDataCollection", "c", "7")].id == number
    assert held(world) == [{"id": "7", "n": 1}, {"id": "b"}]


def test_an_item_whose_key_was_changed_in_the_service_is_known_by_its_id(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    world.apply()
    binding = world.store.load().bindings[Address("AgentDataCollection", "c", "a")]
    world.client().send("PUT", f"/api/v1/beta/agent-data/{binding.id}", {"data": {"id": "z"}})
    assert actions(world.plan()) == {"AgentDataCollection/c[a]": "update"}
    assert world.converge().is_empty
    assert held(world) == [{"id": "a"}, {"id": "b"}]


def test_keys_that_went_round_in_the_service_are_put_right(world: World) -> None:
    declare(world, {"id": "a", "n": 1}, {"id": "b", "n": 2})
    world.apply()
    bindings = world.store.load().bindings
    for name, data in (("a", {"id": "b", "n": 1}), ("b", {"id": "a", "n": 2})):
        path = f"/api/v1/beta/agent-data/{bindings[Address('AgentDataCollection', 'c', name)].id}"
        world.client().send("PUT", path, {"data": data})
    assert world.converge().is_empty
    assert held(world) == [{"id": "a", "n": 1}, {"id": "b", "n": 2}]


def test_twins_are_shown_by_id_and_the_one_that_is_as_wanted_is_taken(world: World) -> None:
    first, second, third = add(world, {"id": "a"}, {"id": "a", "n": 1}, {"id": "a"})
    add(world, {"id": "b"})
    declare(world, {"id": "a", "n": 1}, {"id": "b"})
    plan = world.plan()
    (problem,) = plan.problems
    assert (problem.code, problem.severity) == ("LS301", Severity.WARNING)
    assert problem.detail.startswith(f"'a' is {second}")
    assert {first, third} <= set(problem.detail.replace(",", "").split())
    assert f"llamasync adopt 'AgentDataCollection/c[a]' {min(first, third)}" in problem.hint
    world.apply()
    assert len(held(world)) == 4
    declare(world, {"id": "a", "n": 1}, {"id": "b"}, prune="all")
    plan = world.plan()
    assert sorted(actions(plan)) == sorted(f"AgentDataCollection/c[a ({one})]" for one in (first, third))
    assert set(actions(plan).values()) == {"delete"}
    assert "prune: all" in plan.problems[0].hint
    assert world.converge().is_empty
    assert held(world) == [{"id": "a", "n": 1}, {"id": "b"}]
    assert len(world.trash.kept) == 1, "the two were the same, and said something else than the manifest"


def test_a_twin_that_says_the_same_needs_no_place_in_the_trash(world: World) -> None:
    add(world, {"id": "a"}, {"id": "a"}, {"other": 1})
    declare(world, {"id": "a"}, prune="all")
    assert world.converge().is_empty
    assert held(world) == [{"id": "a"}]
    assert [text.decode() for text in world.trash.kept.values()] == ['{\n  "other": 1\n}\n']


def test_removed_items_go_to_the_trash_as_they_are_then(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    world.apply()
    declare(world, {"id": "a"})
    plan = world.plan(UNGUARDED)
    binding = world.store.load().bindings[Address("AgentDataCollection", "c", "b")]
    world.client().send("PUT", f"/api/v1/beta/agent-data/{binding.id}", {"data": {"id": "b", "late": True}})
    assert world.execute(plan).is_complete
    assert [text.decode() for text in world.trash.kept.values()] == ['{\n  "id": "b",\n  "late": true\n}\n']


def test_an_item_that_went_by_itself_is_no_failure_of_its_delete(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    world.apply()
    declare(world, {"id": "a"})
    plan = world.plan(UNGUARDED)
    world.client().send("DELETE", f"/api/v1/beta/agent-data/{plan.changes[0].id}")
    assert world.execute(plan).is_complete


def test_another_deployment_gets_new_items_before_the_old_ones_go(world: World) -> None:
    declare(world, {"id": "a"})
    world.apply()
    world.emulator.clear_requests()
    declare(world, {"id": "a"}, deploymentName="agent")
    assert actions(world.plan()) == {"AgentDataCollection/c[a]": "replace"}
    world.apply()
    writes = [one.method for one in world.emulator.requests if not one.path.endswith(":search") and one.method != "GET"]
    assert writes == ["POST", "DELETE"]
    assert (held(world), held(world, deployment="agent")) == ([], [{"id": "a"}])
    assert not world.trash.kept


def test_a_change_of_deployment_that_was_cut_short_is_finished_without_a_twin(world: World) -> None:
    declare(world, {"id": "a"})
    world.apply()
    old = world.store.load().bindings[Address("AgentDataCollection", "c", "a")].id
    add(world, {"id": "a"}, deployment="agent")
    declare(world, {"id": "a"}, deploymentName="agent")
    assert actions(world.plan()) == {
        "AgentDataCollection/c[a]": "adopt",
        f"AgentDataCollection/c[a ({old})]": "delete",
    }
    assert world.converge().is_empty
    assert (held(world), held(world, deployment="agent")) == ([], [{"id": "a"}])


def test_one_item_can_be_the_target(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    chosen = Selection(targets=(Address("AgentDataCollection", "c", "b"),))
    world.apply(PlanOptions(selection=chosen))
    assert held(world) == [{"id": "b"}]


def test_renamed_manifest_keeps_its_items(world: World) -> None:
    declare(world, {"id": "a"})
    world.apply()
    (world.root / "c.yaml").unlink()
    declare(world, {"id": "a"}, name="d")
    assert actions(world.plan()) == {"AgentDataCollection/d[a]": "adopt"}
    assert world.converge().is_empty


def test_what_one_manifest_lets_go_another_prunes_in_the_same_plan(world: World) -> None:
    declare(world, {"id": "a"}, prune="never")
    world.apply()
    declare(world, prune="never", collection="elsewhere")
    declare(world, name="d", prune="all")
    assert actions(world.plan()) == {"AgentDataCollection/c[a]": "forget", "AgentDataCollection/d[a]": "delete"}
    assert world.converge().is_empty
    assert held(world) == []


@pytest.mark.parametrize("answer", ["not_found", "bad_request"])
def test_unknown_deployment_is_a_problem_of_the_plan(tmp_path: Path, answer: str) -> None:
    setting = Switches(agent_data_unknown_deployment=answer)
    with World(tmp_path, switches=setting, deployments=frozenset({"agent"})) as world:
        declare(world, {"id": "a"}, deploymentName="agent")
        world.apply()
        declare(world, {"id": "a"}, deploymentName="nobody")
        declare(world, {"id": "a"}, deploymentName="nobody", collection="x", name="d")
        with pytest.raises(DiagnosticError) as caught:
            world.plan()
    found = caught.value.diagnostics
    assert [(one.code, str(one.address)) for one in found] == [
        ("LS318", "AgentDataCollection/c"),
        ("LS318", "AgentDataCollection/d"),
    ]
    assert "nobody" in found[0].detail
    assert found[0].source is not None
    assert found[0].source.line == 1


@pytest.mark.parametrize("status", [404, 400])
def test_items_of_a_deployment_that_went_away_are_looked_for_one_by_one(world: World, status: int) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    world.apply()
    (world.root / "c.yaml").unlink()
    world.put("d.yaml", manifest("Directory", "d"))
    world.emulator.set_faults([Fault(method="POST", path="*:search", status=status)])
    binding = world.store.load().bindings[Address("AgentDataCollection", "c", "b")]
    world.client().send("DELETE", f"/api/v1/beta/agent-data/{binding.id}")
    assert actions(world.plan()) == {
        "AgentDataCollection/c[a]": "delete",
        "AgentDataCollection/c[b]": "forget",
        "Directory/d": "create",
    }
    assert world.converge().is_empty
    assert held(world) == []


def test_another_refusal_is_an_error_and_never_absence(world: World) -> None:
    declare(world, {"id": "a"})
    world.apply()
    world.emulator.set_faults([Fault(method="POST", path="*:search", status=403)])
    with pytest.raises(DiagnosticError) as caught:
        world.plan()
    assert [one.code for one in caught.value.diagnostics] == ["LS413"]


@pytest.mark.parametrize("key", ["created_at", "a.b", 'with "quotes"'])
def test_a_lost_answer_is_found_by_keys_that_the_service_cannot_filter_by(world: World, key: str) -> None:
    """It takes `created_at` for its own time, and a dot for a way into a map."""
    declare(world, {key: "x"}, key=key)
    world.emulator.set_faults([Fault(method="POST", path="/api/v1/beta/agent-data", when="after", cut=True)])
    world.apply()
    assert held(world) == [{key: "x"}]
    assert world.plan().is_empty


def test_lost_state_is_found_again_by_keys(world: World) -> None:
    declare(world, {"id": "a"}, {"id": 7, "n": None})
    world.apply()
    world.store = MemoryStore()
    plan = world.plan()
    assert set(actions(plan).values()) == {"adopt"}
    assert all(not change.fields for change in plan.changes)
    assert not errors(plan)

"""Items of large files are compared as a stream: what is the same everywhere is left out of all three, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.emulator import Fault, Switches
from llamasync.live.thinning import Thinned, thin
from llamasync.plan.model import PlanOptions, Selection
from llamasync.state.model import Binding
from tests.support.world import UNGUARDED, World, actions, manifest

PATH = "/api/v1/beta/agent-data"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, lot_bytes=0) as world:
        yield world


def declare(world: World, *items: dict[str, Any], **more: Any) -> None:
    spec = {"deploymentName": "_public", "key": "id", "itemsFrom": "items.jsonl", **more.pop("spec", {})}
    world.put("m.yaml", manifest("AgentDataCollection", "c", spec, **more))
    world.put("items.jsonl", "\n" + "".join(json.dumps(one) + "\n" for one in items))


def thinned(world: World) -> Thinned:
    return thin(world.client(), world.load().desired, world.store.load)


def left(found: Thinned) -> tuple[list[str], list[str], int]:
    """Return the items that are left in the manifest and in the state, and how many were left out."""
    objects, bindings = found.desired.objects, found.state.bindings
    return [one.item for one in objects], [one.item for one in bindings], found.desired.unchanged


def test_what_is_the_same_everywhere_is_left_out_of_all_three(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b", "n": 1.5})
    assert left(thinned(world)) == (["a", "b"], [], 0)
    world.apply()
    found = thinned(world)
    assert left(found) == ([], [], 2)
    assert [one.found for one in found.listings.values()] == [{}]
    plan = world.plan()
    assert (plan.is_empty, plan.noop, plan.managed) == (True, 2, 2)


def test_what_changed_anywhere_is_kept_in_all_three(world: World) -> None:
    declare(world, *({"id": one} for one in "abcd"))
    world.apply()
    bindings = world.store.load().bindings
    world.client().send("PUT", f"{PATH}/{bindings[Address('AgentDataCollection', 'c', 'b')].id}", {"data": {"id": "x"}})
    with world.store.lock("state rm"):
        world.store.forget(Address("AgentDataCollection", "c", "c"))
    declare(world, {"id": "a", "n": 1}, {"id": "b"}, {"id": "c"}, {"id": "e"})
    assert left(thinned(world)) == (["a", "b", "c", "e"], ["a", "b", "d"], 0)
    assert actions(world.plan(UNGUARDED)) == {
        "AgentDataCollection/c[a]": "update",
        "AgentDataCollection/c[b]": "update",
        "AgentDataCollection/c[c]": "adopt",
        "AgentDataCollection/c[d]": "delete",
        "AgentDataCollection/c[e]": "create",
    }
    assert world.converge().is_empty


def test_rows_of_a_table_are_compared_as_a_stream_too(world: World) -> None:
    schema = {"properties": {"n": {"type": "integer"}}}
    spec = {"deploymentName": "_public", "key": "id", "itemsFrom": "items.csv", "itemSchema": schema}
    world.put("m.yaml", manifest("AgentDataCollection", "c", spec))
    world.put("items.csv", 'id,n,text\na,1,"two\nlines"\nb,2,x\nc,3,\n')
    world.apply()
    assert left(thinned(world)) == ([], [], 3)
    world.put("items.csv", 'id,n,text\na,1,"two\nlines"\nb,20,x\nd,4,\n')
    assert left(thinned(world)) == (["b", "d"], ["b", "c"], 1)
    plan = world.plan(UNGUARDED)
    assert actions(plan) == {
        "AgentDataCollection/c[b]": "update",
        "AgentDataCollection/c[c]": "delete",
        "AgentDataCollection/c[d]": "create",
    }
    assert {str(change.source) for change in plan.changes if change.source} == {"items.csv:4:1", "items.csv:5:1"}
    assert world.converge().is_empty


def test_what_the_state_remembers_otherwise_is_kept_and_remembered_anew(world: World) -> None:
    declare(world, {"id": "a", "n": 1})
    world.apply()
    place = Address("AgentDataCollection", "c", "a")
    path = f"{PATH}/{world.store.load().bindings[place].id}"
    world.client().send("PUT", path, {"data": {"id": "a", "n": 2}})
    declare(world, {"id": "a", "n": 2})
    assert left(thinned(world)) == (["a"], ["a"], 0)
    plan = world.plan()
    assert plan.is_empty
    world.execute(plan)
    assert world.store.load().bindings[place].fields == {"data": {"id": "a", "n": 2}}


@pytest.mark.parametrize("lifecycle", [{"protect": True}, {"onRemove": "forget"}])
def test_a_change_of_how_items_are_treated_is_seen(world: World, lifecycle: dict[str, Any]) -> None:
    declare(world, {"id": "a"})
    world.apply()
    declare(world, {"id": "a"}, lifecycle=lifecycle)
    assert actions(world.plan()) == {"AgentDataCollection/c[a]": "update"}
    assert world.converge().is_empty


def test_fields_of_others_are_no_difference_where_the_manifest_leaves_them(world: World) -> None:
    declare(world, {"id": "a", "n": 1}, {"id": "b", "n": None}, spec={"ownership": "fields"})
    world.apply()
    bindings = world.store.load().bindings
    for name, data in (("a", {"id": "a", "n": 1, "seen": 5}), ("b", {"id": "b", "seen": 5})):
        path = f"{PATH}/{bindings[Address('AgentDataCollection', 'c', name)].id}"
        world.client().send("PUT", path, {"data": data})
    assert left(thinned(world)) == (["b"], ["b"], 1), "a null that went away is one"
    assert world.converge().is_empty
    assert {"id": "b", "n": None, "seen": 5} in world.emulator.control.agent_data.all()


def test_of_twins_both_are_looked_at(world: World) -> None:
    declare(world, {"id": "a"})
    world.apply()
    (second,) = world.emulator.control.agent_data.add([{"id": "a"}])
    found = thinned(world)
    assert left(found) == (["a"], ["a"], 0)
    assert second in world.plan().problems[0].detail
    declare(world, {"id": "a"}, spec={"prune": "all"})
    assert actions(world.plan()) == {f"AgentDataCollection/c[a ({second})]": "delete"}


def test_a_second_look_never_brings_back_what_was_left_out(tmp_path: Path) -> None:
    """Else items that are ours would look like strangers, which `prune: all` deletes."""
    with World(tmp_path, lot_bytes=0, switches=Switches(page_size_max=100)) as world:
        items = [{"id": f"{number:03}"} for number in range(150)]
        declare(world, *items, spec={"prune": "all"})
        world.apply()
        declare(world, *items, *({"id": f"new{number}"} for number in range(30)), spec={"prune": "all"})
        plan = world.plan()
        assert set(actions(plan).values()) == {"create"}
        assert (plan.noop, plan.read_calls) == (150, 3), "two pages, and one look for all that is new"
        declare(world, *items, *({"id": f"new{number}"} for number in range(300)), spec={"prune": "all"})
        plan = world.plan()
        assert set(actions(plan).values()) == {"create"}
        assert (plan.noop, plan.read_calls) == (150, 4), "two pages, twice"


def test_a_target_among_the_items_makes_all_of_them_known(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    world.apply()
    chosen = Selection(targets=(Address("AgentDataCollection", "c", "a"),))
    plan = world.plan(PlanOptions(selection=chosen))
    assert (plan.is_empty, plan.problems, plan.noop) == (True, (), 2)


def test_all_items_can_be_destroyed(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    world.apply()
    assert world.execute(world.plan(PlanOptions(destroy=True))).is_complete
    assert world.emulator.control.agent_data.all() == []
    assert not world.trash.kept


def test_a_file_that_changes_while_it_is_planned_with_is_told(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    desired = world.load().desired
    for text in ('\n{"id": "x"}\n', "\nno JSON\n", ""):
        world.put("items.jsonl", text)
        with pytest.raises(DiagnosticError) as caught:
            thin(world.client(), desired, world.store.load)
        assert [(one.code, str(one.source)) for one in caught.value.diagnostics] == [("LS211", "items.jsonl:2:1")]


def test_twin_keys_and_wrong_items_are_told_all_the_same(world: World) -> None:
    from llamasync.workspace.load import load_workspace

    declare(world, {"id": "a"}, {"id": "a"}, {"n": 1}, {"id": "b"}, spec={"itemSchema": {"required": ["id"]}})
    found = load_workspace(world.root, variables_env={}, lot_bytes=0).diagnostics
    assert [(one.code, str(one.source)) for one in found] == [
        ("LS215", "items.jsonl:3:1"),
        ("LS214", "items.jsonl:4:1"),
        ("LS218", "items.jsonl:4:1"),
    ]


def test_a_state_is_asked_for_each_binding_and_forgets_none(world: World) -> None:
    declare(world, {"id": "a"}, {"id": "b"})
    world.apply()
    asked: list[Binding] = []
    kept = world.store.load(lambda binding: bool(asked.append(binding)) or binding.address.item == "b")
    assert [one.item for one in kept.bindings] == ["b"]
    assert len(asked) == len(world.store.load().bindings) == 2


@pytest.mark.parametrize(("status", "code"), [(404, "LS318"), (400, "LS318"), (403, "LS413")])
def test_a_place_that_cannot_be_listed_is_a_problem_as_it_is_for_few_items(
    world: World, status: int, code: str
) -> None:
    declare(world, {"id": "a"})
    world.apply()
    world.emulator.set_faults([Fault(method="POST", path="*:search", status=status)])
    with pytest.raises(DiagnosticError) as caught:
        world.plan()
    assert [one.code for one in caught.value.diagnostics] == [code]

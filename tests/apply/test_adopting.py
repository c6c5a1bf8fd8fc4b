"""Live objects are taken over as they are: one by id, or all that can be found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llamasync.apply.adopting import adopt, rebuild
from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.kinds.registry import all_kinds
from llamasync.state.memory import MemoryStore
from llamasync.state.model import Binding
from tests.support.world import UNGUARDED, World, actions, manifest

CONTRACTS = Address("Directory", "contracts")
FAST = {"tier": "fast", "version": "latest"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        world.put("manifests/all.yaml", [
            manifest("Directory", "contracts", {"description": "ours"}, lifecycle={"protect": True}),
            manifest("File", "a", {"directory": "contracts", "content": "one"}),
            manifest("Configuration", "fast", {"productType": "parse_v2", "parameters": FAST}),
        ])  # fmt: skip
        yield world


def _adopt(world: World, address: Address, identity: str) -> Binding:
    workspace = world.load()
    live = world.live(workspace, world.client())
    return adopt(address, identity, workspace.desired, live, world.store.load(), all_kinds(), at="now")


def _record(world: World, *bindings: Binding) -> None:
    with world.store.lock("state"):
        for binding in bindings:
            world.store.record(binding)


def test_adopted_object_is_bound_and_what_differs_is_for_the_next_plan(world: World) -> None:
    identity = world.emulator.control.add_directory("Their Contracts", description="theirs")
    binding = _adopt(world, CONTRACTS, identity)
    assert (binding.id, binding.key, binding.fields, binding.protect) == (identity, ("Their Contracts",), {}, True)
    assert binding.applied_at == "now"
    _record(world, binding)
    plan = world.plan()
    assert actions(plan)["Directory/contracts"] == "update"
    change = next(one for one in plan.changes if one.address == CONTRACTS)
    assert [(field.path, field.drift.value) for field in change.fields] == [
        ("spec.description", "manifest"),
        ("spec.name", "manifest"),
    ]


def test_adopting_twice_is_fine(world: World) -> None:
    identity = world.emulator.control.add_directory("contracts")
    _record(world, _adopt(world, CONTRACTS, identity))
    assert _adopt(world, CONTRACTS, identity).id == identity


@pytest.mark.parametrize(
    ("address", "which", "code"),
    [
        (Address("Directory", "nobody"), "ours", "LS310"),
        (CONTRACTS, "dir-0", "LS308"),
        (CONTRACTS, "service", "LS314"),
        (CONTRACTS, "taken", "LS316"),
    ],
)
def test_what_cannot_be_adopted_is_refused(world: World, address: Address, which: str, code: str) -> None:
    control = world.emulator.control
    ids = {
        "ours": control.add_directory("contracts"),
        "service": control.add_directory("filled", connector_subscription_id="0b6a1bb5-3d0b-4a7e-9d3e-0f4a3a2f1c11"),
        "taken": control.add_directory("taken"),
    }
    other = Binding(address=Address("Directory", "other"), collection="directories", id=ids["taken"], key=("taken",))
    _record(world, other)
    with pytest.raises(DiagnosticError) as caught:
        _adopt(world, address, ids.get(which, which))
    problem = caught.value.diagnostics[0]
    assert problem.code == code
    assert problem.address == address
    if code == "LS316":
        assert problem.hint == "llamasync state rm 'Directory/other'"


def test_rebuilt_state_is_the_one_that_was_lost(world: World) -> None:
    world.apply()
    before = world.store.load().bindings
    world.store = MemoryStore()
    found = rebuild(world.plan(UNGUARDED), all_kinds(), at="now")
    _record(world, *found)
    assert actions(world.plan()) == {}
    after = world.store.load().bindings
    assert after.keys() == before.keys()
    for address, binding in after.items():
        was = before[address]
        assert (binding.id, binding.fields, binding.sha256, binding.protect, binding.needs) == (
            was.id,
            was.fields,
            was.sha256,
            was.protect,
            was.needs,
        )


def test_what_differs_is_bound_without_a_memory_of_what_was_applied_and_what_is_new_is_left_out(world: World) -> None:
    world.emulator.control.add_directory("contracts", description="theirs")
    found = rebuild(world.plan(UNGUARDED), all_kinds(), at="now")
    assert [(binding.address, dict(binding.fields)) for binding in found] == [(CONTRACTS, {})]
    _record(world, *found)
    assert actions(world.plan())["Directory/contracts"] == "update"


def test_deletes_are_not_rebuilt(world: World) -> None:
    world.apply()
    world.put("manifests/all.yaml", manifest("Configuration", "other", {"productType": "parse_v2", "parameters": FAST}))
    assert rebuild(world.plan(UNGUARDED), all_kinds(), at="now") == []

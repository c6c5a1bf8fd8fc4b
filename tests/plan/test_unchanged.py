"""The quick answer for what has not changed never says more than the long one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llamasync.kinds.registry import all_kinds
from llamasync.plan.changes import Context, wanted_change
from llamasync.plan.identity import LiveIndex, identify
from llamasync.plan.model import Action
from llamasync.plan.records import record_of
from llamasync.plan.unchanged import is_as_recorded
from llamasync.state.model import Binding
from tests.support.world import World, manifest

FILE = {"directory": "docs", "source": "docs", "metadata": {"team": "legal"}}


def context_of(root: Path, **changed: Any) -> tuple[Context, Any]:
    """Apply a directory with one file, and return how plan sees them when the file's binding is `changed`."""
    with World(root) as world:
        world.put("a.yaml", [manifest("Directory", "docs"), manifest("FileSet", "files", FILE)])
        world.put("docs/one.txt", "one")
        world.apply()
        workspace, state = world.load(), world.store.load()
        index = LiveIndex(world.live(workspace, world.client()))
    bindings: dict[Any, Binding] = dict(state.bindings)
    wanted = workspace.desired.objects
    address = next(address for address in wanted if address.item)
    bindings[address] = replace(bindings[address], **changed)
    kinds = all_kinds()
    identities = identify(wanted, index, bindings, kinds)
    context = Context(identities=identities, index=index, bindings=bindings, kinds=kinds, bytes_here=frozenset())
    return context, wanted


def test_what_was_applied_just_now_is_as_recorded(tmp_path: Path) -> None:
    context, wanted = context_of(tmp_path)
    for one in wanted.values():
        assert is_as_recorded(one, context)
        change = wanted_change(one, context)
        assert change.action is Action.NOOP
        binding = context.bindings[one.address]
        assert record_of(one, change.live, context.kinds, applied_at=binding.applied_at) == binding  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "dfl-other"},
        {"key": ("other",)},
        {"parent_id": "dir-other"},
        {"fields": {}},
        {"observed": {"metadata": {}}},
        {"sha256": "0" * 64},
        {"size_bytes": 4},
        {"file_id": "other"},
        {"protect": True},
        {"on_remove": "forget"},
        {"delete_contents": True},
        {"needs": ()},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_any_difference_is_left_to_the_comparison(tmp_path: Path, changed: dict[str, Any]) -> None:
    context, wanted = context_of(tmp_path, **changed)
    assert [is_as_recorded(one, context) for one in wanted.values() if one.address.item] == [False]


@pytest.mark.parametrize("value", [1, 1.0, "true", None, [True], {}])
@pytest.mark.parametrize("where", ["recorded", "shown"])
def test_values_that_python_alone_takes_to_be_equal_differ(tmp_path: Path, value: Any, where: str) -> None:
    """True is 1 for Python, and {"ok": True} == {"ok": 1}."""
    context, wanted = context_of(tmp_path)
    address = next(address for address in wanted if address.item)
    live, binding = context.identities.live[address], context.bindings[address]
    as_it_is = {**wanted[address].fields, "metadata": {"ok": True}}
    other = {**as_it_is, "metadata": {"ok": value}}
    one = replace(wanted[address], fields=as_it_is)
    context.identities.live[address] = replace(live, fields=other if where == "shown" else as_it_is)
    bindings = {**context.bindings, address: replace(binding, fields=other if where == "recorded" else as_it_is)}
    assert not is_as_recorded(one, replace(context, bindings=bindings))
    context.identities.live[address] = replace(live, fields={**as_it_is, "more": 1})
    bindings[address] = replace(binding, fields=as_it_is)
    assert is_as_recorded(one, replace(context, bindings=bindings))

"""After a full apply the plan is empty, whatever was live before, under every setting of the unknowns."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llamasync.emulator import Switches
from tests.support.strategies import Before, Draft, befores, dialects, drafts, switches
from tests.support.world import World, actions, errors, every_switch, manifest


def _configuration(tier: str) -> dict[str, Any]:
    parameters = {"tier": tier, "version": "latest"}
    return manifest("Configuration", "config0", {"productType": "parse_v2", "parameters": parameters})


def _settled(world: World, draft: Draft) -> None:
    """Apply, and check that nothing is left to do and that what should be there is there, once."""
    result = world.apply()
    assert not result.failed, result.failed
    assert result.is_complete
    after = world.plan()
    assert actions(after) == {}
    assert not errors(after)
    held = world.documents_by_user_directory()
    for name, unique_ids in draft.expected().items():
        assert unique_ids <= held[name].keys(), name


@given(first=drafts(), second=drafts(), before=befores(), setting=switches(), dialect=dialects)
def test_plan_is_empty_after_apply_whatever_was_there_before(
    first: Draft, second: Draft, before: Before, setting: Switches, dialect: str
) -> None:
    made_by_service = {name for name, kind in before.directories if kind != "user"}
    names = {*first.expected(), *second.expected()}
    assume(setting.directory_name_uniqueness == "allow" or not made_by_service & names)  # else the name cannot be had
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        before.create(world)
        first.write(world)
        _settled(world, first)
        second.write(world)
        _settled(world, second)


@given(
    draft=drafts(),
    change=drafts(),
    orders=st.randoms(use_true_random=False),
    setting=switches(),
    dialect=dialects,
)
def test_order_of_manifests_does_not_matter(
    draft: Draft, change: Draft, orders: Any, setting: Switches, dialect: str
) -> None:
    plans = []
    order = list(range(len(change.manifests)))
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        draft.write(world)
        world.apply()
        for _ in range(2):
            change.write(world, order)
            plan = world.plan()
            plans.append([(str(one.address), one.action, one.fields, one.needs) for one in plan.changes])
            orders.shuffle(order)
    assert plans[0] == plans[1]


@pytest.mark.parametrize(("name", "value"), list(every_switch()))
@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_main_job_converges_under_each_setting_alone(tmp_path: Path, name: str, value: Any, dialect: str) -> None:
    first = Draft(
        (
            manifest("Directory", "alpha", {"description": "one"}),
            manifest("FileSet", "set0", {"directory": "alpha", "source": "../trees/set0", "uniqueId": "set0/{path}"}),
            _configuration("fast"),
        ),
        {"set0": {"a.md": "one", "b.md": "two", "c.txt": "three"}},
    )
    second = Draft(
        (
            manifest("Directory", "alpha"),
            manifest("Directory", "beta"),
            manifest(
                "FileSet",
                "set0",
                {"directory": "beta", "source": "../trees/set0", "uniqueId": "set0/{path}", "metadata": {"team": "x"}},
            ),
            _configuration("agentic"),
        ),
        {"set0": {"a.md": "one changed", "d.md": "two"}},
    )
    with World(tmp_path, switches=Switches(**{name: value}), dialect=dialect) as world:
        for draft in (first, second, first):
            draft.write(world)
            _settled(world, draft)

"""What a plan is thought to cost never changes what it does."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llamasync.plan.model import Plan
from llamasync.plan.processing import NO_COST
from tests.laws.test_indexes import write
from tests.support.world import World, actions

NUMBERS = st.floats(0, 1000, allow_nan=False)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "creditsPerPage": st.dictionaries(
            st.sampled_from(("parse", "index")), st.dictionaries(st.sampled_from(("fast", "any")), NUMBERS)
        ),
        "assumedTiers": st.just({"parse": "fast"}),
        "pagesPer": st.just({"sheet": 3}),
        "charactersPerPage": st.integers(1, 10),
        "pricePer1000Credits": NUMBERS,
    },
)
CONTENTS = st.dictionaries(st.sampled_from(("a.md", "b.csv", "c.pdf", "d.bin")), st.sampled_from(("one", "two")))


def _plan(world: World, table: dict[str, Any]) -> Plan:
    settings = {"apiVersion": "llamasync/v1", "kind": "Workspace", "spec": {"estimate": table}}
    world.put("llamasync.yaml", settings)
    return world.plan()


def _sent(plan: Plan) -> list[tuple[Any, ...]]:
    return [(change.address, change.action, change.send, change.needs, change.inputs) for change in plan.changes]


@given(before=CONTENTS, after=CONTENTS, table=TABLES)
def test_plan_does_the_same_whatever_the_table_says(
    before: dict[str, str], after: dict[str, str], table: dict[str, Any]
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        write(world, before, chat=False)
        world.clock.sleep(5)
        assert not world.apply().failed
        world.clock.sleep(5)
        write(world, after, chat=False)
        plain, other = _plan(world, {}), _plan(world, table)
        assert plain.fingerprint == other.fingerprint
        assert _sent(plain) == _sent(other)
        assert not world.execute(other).failed
        after_all = world.plan()
        assert (actions(after_all), after_all.estimate) == ({}, NO_COST)


@given(before=CONTENTS, after=CONTENTS)
def test_sync_works_on_exactly_the_files_whose_bytes_are_new_to_the_directory(
    before: dict[str, str], after: dict[str, str]
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        write(world, before, chat=False)
        world.clock.sleep(5)
        world.apply()
        world.clock.sleep(5)
        write(world, after, chat=False)
        plan = world.plan()
        uploads = {str(change.address) for change in plan.changes if change.uploads}
        worked_on = [change.processing for change in plan.changes if change.processing]
        assert {one.name for processing in worked_on for one in processing.documents} == uploads
        assert not any(processing.is_at_most for processing in worked_on)

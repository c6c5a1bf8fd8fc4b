"""The laws hold for items of agent data, which the service knows neither keys of nor how to list without a place."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.apply.adopting import rebuild
from llamasync.core.keys import key_text
from llamasync.emulator import Switches
from llamasync.export.disk import Disk
from llamasync.export.export import Export
from llamasync.export.items import Place, export_items
from llamasync.export.naming import Names
from llamasync.export.saving import save
from llamasync.kinds.registry import all_kinds
from llamasync.live.project import open_project
from llamasync.plan.model import Action, PlanOptions
from llamasync.plan.values import equal
from llamasync.state.memory import MemoryStore
from tests.support.items import PLACES, Collected, Collections, Others, collections, others
from tests.support.killing import Killed, Killer, MortalStore
from tests.support.strategies import dialects, switches
from tests.support.troubles import apply_until_done, troubles
from tests.support.world import UNGUARDED, World, actions, errors, every_switch

Where = tuple[str, str]


def live(world: World, place: Where) -> list[dict[str, Any]]:
    return world.emulator.control.agent_data.all(deployment=place[0], collection=place[1])


def bag(world: World) -> dict[Where, list[str]]:
    """Return what the service holds, so that order and ids do not matter."""
    return {place: sorted(repr(sorted(one.items())) for one in live(world, place)) for place in PLACES}


def check_held(world: World, wanted: Collections) -> None:
    """Every item is there as it should be; once, where nobody else put another there."""
    for one in wanted.all:
        for item in one.items:
            found = [data for data in live(world, one.place) if key_text(data.get("id")) == key_text(item["id"])]
            if one.ownership == "item":
                assert any(equal(data, item) for data in found), (item, found)
            else:
                fits = [all(name in data and equal(data[name], item[name]) for name in item) for data in found]
                assert any(fits), (item, found)
            if one.prune == "all":
                assert len(found) == 1
        if one.prune == "all":
            assert len(live(world, one.place)) == len(one.items)


def settle(world: World, wanted: Collections) -> None:
    wanted.write(world)
    result = world.apply()
    assert not result.failed, result.failed
    assert result.is_complete
    after = world.plan()
    assert actions(after) == {}
    assert not errors(after)
    check_held(world, wanted)


@given(
    first=collections(),
    second=collections(),
    before=others(),
    setting=switches(),
    dialect=dialects,
    lot_bytes=st.sampled_from((None, 0)),
)
def test_plan_is_empty_after_apply_whatever_was_there_before(
    first: Collections, second: Collections, before: Others, setting: Switches, dialect: str, lot_bytes: int | None
) -> None:
    options = {"switches": setting, "dialect": dialect, "lot_bytes": lot_bytes}
    with TemporaryDirectory() as folder, World(Path(folder), **options) as world:
        before.create(world)
        settle(world, first)
        settle(world, second)


@given(first=collections(), second=collections(), before=others())
def test_what_is_not_ours_stays_unless_the_manifest_says_prune_all(
    first: Collections, second: Collections, before: Others
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        before.create(world)
        settle(world, first)
        settle(world, second)
        named = {
            (one.place, key_text(item["id"])) for wanted in (first, second) for one in wanted.all for item in one.items
        }
        emptied = {one.place for wanted in (first, second) for one in wanted.all if one.prune == "all"}
        for place, data in before.items:
            if place not in emptied and (place, key_text(data.get("id"))) not in named:
                assert any(equal(data, found) for found in live(world, place))


FIRST = Collections(
    (
        Collected("one", PLACES[0], ({"id": "a", "n": 1}, {"id": 7, "n": None}, {"id": "c", "x": {"y": [1]}})),
        Collected("two", PLACES[1], ({"id": "a", "status": "new"}, {"id": "b"}), "fields", "all"),
    )
)
SECOND = Collections(
    (
        Collected("one", PLACES[0], ({"id": "a", "n": True}, {"id": "d"}, {"id": "c", "x": {"y": [1, 2]}})),
        Collected("two", PLACES[2], ({"id": "a", "status": "old"}, {"id": "b", "n": 1.5}), "fields"),
    )
)


@pytest.mark.parametrize(("name", "value"), list(every_switch()))
@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_items_converge_under_each_setting_alone(tmp_path: Path, name: str, value: Any, dialect: str) -> None:
    with World(tmp_path, switches=Switches(**{name: value}), dialect=dialect) as world:
        Others(((PLACES[0], {"id": "a", "theirs": 1}), (PLACES[1], {"id": "b", "theirs": 1}))).create(world)
        for wanted in (FIRST, SECOND, FIRST):
            settle(world, wanted)


def _mortal(folder: str, killer: Killer, **options: Any) -> World:
    store = MortalStore(MemoryStore(), killer)
    return World(Path(folder), store=store, app_wrapper=killer.wrap, lot_bytes=0, **options)


@given(
    first=collections(),
    second=collections(),
    at=st.integers(1, 10),
    when=st.sampled_from(("before", "after")),
    setting=switches(),
)
def test_run_after_a_kill_ends_where_an_undisturbed_run_ends(
    first: Collections, second: Collections, at: int, when: str, setting: Switches
) -> None:
    ends = []
    for dies in (False, True):
        killer = Killer()
        with TemporaryDirectory() as folder, _mortal(folder, killer, switches=setting) as world:
            for wanted in (first, second):
                wanted.write(world)
                if dies:
                    plan = world.plan(UNGUARDED)
                    killer.arm(at, when)
                    try:
                        world.execute(plan)
                    except Killed:
                        pass
                    finally:
                        killer.revive()
                assert not world.apply().failed
                assert actions(world.plan()) == {}
            ends.append(bag(world))
    assert ends[0] == ends[1]


@given(first=collections(), second=collections(), trouble=troubles(), setting=switches())
def test_lost_answers_make_no_twins_and_everything_ends_as_it_should(
    first: Collections, second: Collections, trouble: list[Any], setting: Switches
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), lot_bytes=0, switches=setting) as world:
        for wanted in (first, second):
            wanted.write(world)
            apply_until_done(world, trouble)
            assert actions(world.plan()) == {}
            check_held(world, wanted)
            for one in wanted.all:
                if one.prune == "owned":
                    keys = [key_text(data.get("id")) for data in live(world, one.place)]
                    assert len(keys) == len(set(keys))


@given(first=collections(), second=collections(), setting=switches())
def test_rebuilt_state_ends_in_an_empty_plan_with_nothing_sent(
    first: Collections, second: Collections, setting: Switches
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting) as world:
        for wanted in (first, second):
            settle(world, wanted)
        remembered, before = world.store.load().bindings, bag(world)
        world.store = MemoryStore()
        plan = world.plan(UNGUARDED)
        with world.store.lock("state rebuild"):
            world.store.claim(plan.project.id, plan.endpoint)
            for binding in rebuild(plan, all_kinds(), at="now"):
                world.store.record(binding)
        assert actions(world.plan()) == {}
        assert bag(world) == before
        found = world.store.load().bindings
        assert {address: one.id for address, one in found.items()} == {
            address: one.id for address, one in remembered.items()
        }


@given(wanted=collections(), before=others())
def test_destroy_takes_what_is_ours_and_nothing_else(wanted: Collections, before: Others) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        settle(world, wanted)
        after = bag(world)
        before.create(world)
        theirs = {place: list(found) for place, found in bag(world).items()}
        for place, ours in after.items():
            for one in ours:
                theirs[place].remove(one)
        assert world.execute(world.plan(PlanOptions(destroy=True))).is_complete
        assert bag(world) == theirs
        assert world.store.load().bindings == {}
        assert not world.trash.kept, "all of it is in the manifests"


@given(first=collections(), second=collections(), before=others(), setting=switches())
def test_a_plan_made_as_a_stream_is_the_same_plan(
    first: Collections, second: Collections, before: Others, setting: Switches
) -> None:
    """Whatever is left out of it: what is applied, what others changed meanwhile, what was lost from the state."""
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting) as world:
        settle(world, first)
        before.create(world)
        for wanted in (first, second):
            wanted.write(world)
            plans = []
            for lot_bytes in (None, 0):
                world.lot_bytes = lot_bytes
                plan = world.plan()
                problems = [(one.code, one.detail, str(one.source)) for one in plan.problems]
                changes = [(str(one.address), one.action, one.reason, one.fields, one.send) for one in plan.changes]
                unmanaged = sorted(one.id for one in plan.unmanaged)
                plans.append((changes, problems, plan.noop, plan.managed, unmanaged, plan.fingerprint))
            for one, other in zip(*plans, strict=True):
                assert one == other


@given(before=others(), setting=switches())
def test_export_loads_back_as_an_empty_plan(before: Others, setting: Switches) -> None:
    with TemporaryDirectory() as folder, World(Path(folder, "old"), switches=setting) as world:
        before.create(world)
        client, project = open_project(world.client())
        names, exported = Names(), Export(project)
        for place in PLACES:
            found = export_items(client, Place(place, "id"), names)
            exported.sheets[f"manifests/{names.take(found.path, found.path)}.yaml"] = [found.document]
            exported.sidecars |= {found.path: found.text} if found.text else {}
        save(exported, Disk(Path(folder, "new")), [])
        world.root = Path(folder, "new")
        held = bag(world)
        plan = world.plan()
        assert not errors(plan)
        assert all(change.action is Action.ADOPT and not change.fields for change in plan.changes)
        keys = {(place, key_text(data.get("id"))) for place, data in before.items if key_text(data.get("id"))}
        assert len(plan.changes) == len(keys)
        assert world.execute(plan).is_complete
        assert bag(world) == held
        assert world.plan().is_empty


@given(first=collections(), second=collections(), orders=st.booleans())
def test_order_of_items_does_not_matter(first: Collections, second: Collections, orders: bool) -> None:
    from dataclasses import replace

    plans = []
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        settle(world, first)
        for is_reversed in (orders, not orders):
            step = -1 if is_reversed else 1
            Collections(tuple(replace(one, items=one.items[::step]) for one in second.all)).write(world)
            plans.append([(str(one.address), one.action, one.fields, one.needs) for one in world.plan().changes])
    assert plans[0] == plans[1]

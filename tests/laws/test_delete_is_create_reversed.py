"""What was made in one order is deleted in the reverse one, and nothing of it is left."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llamasync.apply.events import EventType
from llamasync.core.address import Address
from llamasync.emulator import Switches
from llamasync.plan.model import Action, Plan, PlanOptions
from tests.support.strategies import Before, Draft, befores, dialects, drafts, switches
from tests.support.world import UNGUARDED, World, actions, errors

DESTROY = PlanOptions(destroy=True)


def _pairs(plan: Plan) -> set[tuple[Address, Address]]:
    """Return all pairs (first, then) that the plan orders, a need of a whole manifest spelt out."""
    pairs = {
        (one.address, change.address)
        for change in plan.changes
        for need in change.needs
        for one in plan.changes
        if need in (one.address, one.address.manifest)
    }
    while True:
        more = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
        if not more:
            return pairs
        pairs |= more


@st.composite
def chained(draw: st.DrawFn) -> Draft:
    """Draw a workspace in which manifests also depend on others by `dependsOn`, on earlier ones only."""
    draft = draw(drafts())
    manifests: list[dict[str, Any]] = []
    for one in draft.manifests:
        names = [f"{other['kind']}/{other['metadata']['name']}" for other in manifests]
        chosen = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        manifests.append({**one, "dependsOn": chosen})
    return Draft(tuple(manifests), draft.trees)


@given(draft=chained(), setting=switches(), dialect=dialects, workers=st.sampled_from((1, 4)))
def test_deletes_are_ordered_as_the_creates_were_the_other_way_round(
    draft: Draft, setting: Switches, dialect: str, workers: int
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        draft.write(world)
        created = world.plan()
        assert world.execute(created, parallelism=workers).is_complete
        deleted = world.plan(DESTROY)
        assert not errors(deleted)
        assert {change.address for change in deleted.changes} == {change.address for change in created.changes}
        assert {change.action for change in deleted.changes} <= {Action.DELETE}
        # Empty sets have no change to wait for, so only pairs of what is there can be compared.
        assert {(b, a) for a, b in _pairs(created)} <= _pairs(deleted)
        world.events.clear()
        assert world.execute(deleted, parallelism=workers).is_complete
        done = [one.address for one in world.events if one.type is EventType.DONE]
        for first, then in _pairs(created):
            assert done.index(then) < done.index(first)
        assert world.documents_by_user_directory() == {}
        assert world.store.load().bindings == {}
        assert actions(world.plan(DESTROY)) == {}


@given(draft=drafts(), before=befores())
def test_destroy_takes_what_is_ours_and_nothing_else(draft: Draft, before: Before) -> None:
    """Files of others stand in the way of a directory's delete, or are taken along by name."""
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        draft.write(world)
        world.apply()
        before.create(world)
        ours = {(one.collection, one.id) for one in world.store.load().bindings.values()}
        plan = world.plan(DESTROY)
        named = {change.live.id for change in plan.changes if change.live is not None}
        assert {identity for _, identity in ours} <= named
        kept = _ids(world) - named
        if not errors(plan):
            assert world.execute(plan).is_complete
            assert _ids(world) == kept


def _ids(world: World) -> set[str]:
    """Return the ids of what people made; what the service makes of an index goes with that, or stays."""
    snapshot = world.emulator.control.snapshot()
    directories = _of_users(snapshot)
    files = {one["id"] for directory in directories for one in directory["files"]}
    names = ("configurations", "indexes", "chats")
    return files | {one["id"] for one in (*directories, *(each for name in names for each in snapshot.get(name, ())))}


def _of_users(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in snapshot["directories"] if one["type"] == "user"]


@given(draft=chained())
def test_destroyed_workspace_is_made_again_as_it_was(draft: Draft) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        draft.write(world)
        world.apply()
        once = world.snapshot()
        assert world.execute(world.plan(DESTROY)).is_complete
        assert world.apply(UNGUARDED).is_complete
        again = world.snapshot()
        assert _of_users(again) == _of_users(once)
        names = [[(one["name"], one["source_directory"]) for one in each.get("indexes", ())] for each in (once, again)]
        assert names[0] == names[1]
        assert again["configurations"] == once["configurations"]

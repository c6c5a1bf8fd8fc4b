"""A saved plan is applied as it was reviewed, or it is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from llamasync.plan.model import Plan
from llamasync.plan.planfile import SavedPlan, check_fresh, dump_plan, read_plan_file
from tests.support.strategies import CONTENTS, Draft, drafts
from tests.support.world import UNGUARDED, World, actions, manifest


def _save(plan: Plan) -> SavedPlan:
    return read_plan_file(dump_plan(plan, created_at="2026-01-01T00:00:00+00:00", options={}), "plan.json")


def _is_fresh(saved: SavedPlan, world: World) -> bool:
    return check_fresh(saved, world.plan(UNGUARDED)) is None


def _sent(world: World) -> list[str]:
    """Return what was written, but for ids: they hang on which of several creates came first."""
    return sorted(
        re.sub(
            r"(dir|dfl|cfg|idx)-[a-z0-9]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            r"\1",
            f"{one.method} {one.path} {sorted((one.body or one.form).items())}",
        )
        for one in world.emulator.requests
        if one.method != "GET"
    )


@given(first=drafts(), second=drafts())
def test_plan_that_is_made_again_of_the_same_is_the_same_and_sends_the_same(first: Draft, second: Draft) -> None:
    sent = []
    for reviewed in (False, True):
        with TemporaryDirectory() as folder, World(Path(folder)) as world:
            first.write(world)
            world.apply()
            second.write(world)
            plan = world.plan(UNGUARDED)
            if reviewed:
                saved = _save(plan)
                plan = world.plan(UNGUARDED)
                assert check_fresh(saved, plan) is None
            world.emulator.clear_requests()
            assert world.execute(plan).is_complete
            sent.append(_sent(world))
            assert actions(world.plan()) == {}
    assert sent[0] == sent[1]


@given(first=drafts(), second=drafts(), third=drafts())
def test_saved_plan_is_fresh_exactly_when_the_workspace_asks_for_the_same_changes(
    first: Draft, second: Draft, third: Draft
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        first.write(world)
        world.apply()
        second.write(world)
        plan = world.plan(UNGUARDED)
        saved = _save(plan)
        third.write(world)
        now = world.plan(UNGUARDED)
        same = [(one.address, one.action, one.send, one.parent) for one in plan.changes] == [
            (one.address, one.action, one.send, one.parent) for one in now.changes
        ] and [_bytes(one) for one in plan.changes] == [_bytes(one) for one in now.changes]
        if check_fresh(saved, now) is None:
            assert same
        elif same:
            told = [[(f.path, f.after) for f in one.fields] for one in plan.changes]
            assert told != [[(f.path, f.after) for f in one.fields] for one in now.changes], "only bookkeeping differs"


def _bytes(change: Any) -> str:
    return change.desired.content.sha256 if change.uploads and change.desired.content else ""


@given(first=drafts(), second=drafts(), data=st.data())
def test_document_that_changes_after_the_review_makes_the_plan_stale(
    first: Draft, second: Draft, data: st.DataObject
) -> None:
    files = [(name, path) for name, tree in second.trees.items() for path in tree]
    assume(files)
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        first.write(world)
        world.apply()
        second.write(world)
        saved = _save(world.plan(UNGUARDED))
        name, path = data.draw(st.sampled_from(files))
        world.put(f"trees/{name}/{path}", "changed after the review")
        assert not _is_fresh(saved, world)
        world.put(f"trees/{name}/{path}", second.trees[name][path])
        assert _is_fresh(saved, world), "put back, it is what was reviewed"


def _touched(world: World, plan: Plan, data: st.DataObject) -> Callable[[], None] | None:
    """Draw a way in which others change a live object that the plan touches."""
    control, client = world.emulator.control, world.client()
    ways: list[Callable[[], Any]] = []
    for change in plan.changes:
        live = change.live
        if live is None:
            continue
        if live.collection == "directory-files":
            path = f"/api/v1/beta/directories/{live.parent_id}/files/{live.id}"
            ways += [
                lambda live=live: control.set_user_metadata(live.id, {"theirs": "new"}),
                lambda live=live: control.replace_content(live.id, b"theirs, new"),
                lambda live=live: control.delete_file(live.id),
                lambda path=path: client.send("PATCH", path, {"display_name": "theirs, new"}),
            ]
        elif live.collection == "directories":
            path = f"/api/v1/beta/directories/{live.id}"
            ways.append(lambda path=path: client.send("PATCH", path, {"description": "theirs, new"}))
    return data.draw(st.sampled_from(ways)) if ways else None


@given(first=drafts(), second=drafts(), data=st.data())
def test_live_object_that_the_plan_touches_and_others_change_makes_it_stale(
    first: Draft, second: Draft, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        first.write(world)
        world.apply()
        second.write(world)
        plan = world.plan(UNGUARDED)
        saved = _save(plan)
        change = _touched(world, plan, data)
        assume(change is not None)
        assert change is not None
        change()
        assert not _is_fresh(saved, world)


@given(first=drafts(), second=drafts(), content=st.sampled_from(CONTENTS))
def test_live_objects_that_the_plan_does_not_touch_do_not_matter(first: Draft, second: Draft, content: str) -> None:
    elsewhere = manifest("Directory", "elsewhere")
    first, second = (Draft((*one.manifests, elsewhere), one.trees) for one in (first, second))
    with TemporaryDirectory() as folder, World(Path(folder)) as world:
        first.write(world)
        world.apply()
        second.write(world)
        saved = _save(world.plan(UNGUARDED))
        control = world.emulator.control
        control.add_directory("theirs")
        ids = {one["name"]: one["id"] for one in control.snapshot()["directories"]}
        stray = control.add_file(ids["elsewhere"], "theirs.md", content=content.encode())
        assert _is_fresh(saved, world)
        control.set_user_metadata(stray, {"a": "b"})
        control.delete_file(stray)
        assert _is_fresh(saved, world)

"""A name that another live object has is given to nobody: told in the plan, before half of it is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llamasync.core.diagnostic import Severity
from llamasync.emulator import Switches
from llamasync.plan.model import Plan, PlanOptions, Selection
from llamasync.workspace.desired import Desired
from tests.plan.pieces import address, bound, configuration, directory, file, live, make_plan
from tests.support.world import World, manifest


def _told(plan: Plan) -> list[tuple[str, str, str]]:
    return [(one.code, str(one.address), one.detail) for one in plan.problems if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("was", "now", "theirs"),
    [
        (directory("old", called="a"), directory("new", called="a"), directory("new", called="x")),
        (
            configuration("old"),
            replace(configuration("new"), address=address("Configuration/old")),
            configuration("new"),
        ),
    ],
    ids=["Directory", "Configuration"],
)
def test_rename_to_a_name_that_another_live_object_has_is_a_problem(
    was: Desired, now: Desired, theirs: Desired
) -> None:
    ours, other = live(was, "id-1"), live(theirs, "id-2")
    plan = make_plan([now], [ours, other], [bound(was, ours)])
    detail = "id-2 is called 'new' already, and id-1 would be called so too"
    assert _told(plan) == [("LS301", str(now.address), detail)]
    assert f"llamasync adopt {now.address} id-2" in plan.problems[0].hint


def test_name_of_another_product_is_another_name() -> None:
    was = configuration("old")
    now = replace(configuration("new"), address=was.address)
    ours, other = live(was, "id-1"), live(configuration("new", product="split_v1"), "id-2")
    assert not make_plan([now], [ours, other], [bound(was, ours)]).problems


def test_name_is_free_when_who_has_it_is_renamed_or_deleted_in_the_same_plan() -> None:
    one, two = directory("one", called="a"), directory("two", called="b")
    there = [live(one, "dir-1"), live(two, "dir-2")]
    held = [bound(one, there[0]), bound(two, there[1])]
    swapped = [directory("two", called="a"), directory("one", called="b")]
    assert not _told(make_plan(swapped, there, held)), "renamed"
    assert not _told(make_plan(swapped[:1], there, held)), "deleted"


def test_name_of_what_is_let_go_is_not_free() -> None:
    one, two = directory("one", called="a"), directory("two", called="b")
    there = [live(one, "dir-1"), live(two, "dir-2")]
    held = [bound(one, there[0]), replace(bound(two, there[1]), on_remove="forget")]
    assert [code for code, _, _ in _told(make_plan([directory("two", called="a")], there, held))] == ["LS301"]


def test_it_is_no_problem_of_a_plan_in_which_the_rename_is_not_meant() -> None:
    was, now = directory("old", called="a"), directory("new", called="a")
    ours, other = live(was, "dir-1"), live(directory("new", called="x"), "dir-2")
    more = directory("more")
    options = PlanOptions(selection=Selection(targets=(more.address,)))
    assert not make_plan([now, more], [ours, other], [bound(was, ours)], options=options).problems


def test_file_takes_over_what_is_in_its_place() -> None:
    holder = directory("contracts")
    was, now = (file("File/a", unique_id=name) for name in ("old.md", "new.md"))
    there = [live(holder, "dir-1"), live(was, "f-1", parent="dir-1"), live(now, "f-2", parent="dir-1")]
    plan = make_plan([holder, now], there, [bound(holder, there[0]), bound(was, there[1])])
    assert not _told(plan)


@pytest.mark.parametrize("place", ["dir-1", "dir-9"])
def test_new_content_beside_a_twin_is_a_warning(place: str) -> None:
    holder = directory("contracts")
    was, now = (file("File/a", text, unique_id="a.md") for text in ("one", "two"))
    there = [
        live(holder, "dir-1"),
        live(was, "f-1", parent="dir-1"),
        live(file("File/x", unique_id="a.md"), "f-2", parent=place),
    ]
    held = [bound(holder, there[0]), bound(was, there[1])]
    problems = make_plan([holder, now], there, held).problems
    assert [(one.code, one.severity) for one in problems] == [("LS301", Severity.WARNING)] * (place == "dir-1")
    assert not make_plan([holder, was], there, held).problems, "what does not change does not matter"


@pytest.mark.parametrize("on_patch", ["conflict", "replace", "duplicate"])
def test_twins_that_are_pruned_go_before_new_content_gets_their_name(tmp_path: Path, on_patch: str) -> None:
    setting = Switches(unique_id_conflict="duplicate", unique_id_conflict_on_patch=on_patch)
    with World(tmp_path, switches=setting) as world:
        spec = {"directory": "docs", "source": "docs", "prune": "all"}
        world.put("m.yaml", [manifest("Directory", "docs"), manifest("FileSet", "docs", spec)])
        world.put("docs/a.md", "one")
        world.apply()
        (docs,) = world.emulator.control.snapshot(ids=True)["directories"]
        twins = {
            world.emulator.control.add_file(docs["id"], "a.md", content=b"theirs %d" % number) for number in range(2)
        }
        world.put("docs/a.md", "two")
        plan = world.plan()
        assert not plan.problems
        replaced = next(one for one in plan.changes if one.action == "replace")
        assert {one.live.id for one in plan.changes if one.address in replaced.needs and one.live} == twins
        assert world.execute(plan).is_complete
        assert list(world.documents()["docs"]) == ["a.md"]
        assert sorted(world.trash.kept.values()) == [b"one", b"theirs 0", b"theirs 1"]


def test_twin_that_is_moved_away_in_the_same_plan_is_in_nobodys_way() -> None:
    here, there = directory("contracts"), directory("papers")
    was, now = (file("File/a", text, unique_id="a.md") for text in ("one", "two"))
    leaves = file("File/b", "three", unique_id="a.md", parent="papers")
    shown = [
        live(here, "dir-1"),
        live(there, "dir-2"),
        live(was, "f-1", parent="dir-1"),
        live(leaves, "f-2", parent="dir-1"),
    ]
    held = [bound(one, found) for one, found in zip((here, there, was, leaves), shown, strict=True)]
    plan = make_plan([here, there, now, leaves], shown, held)
    assert {str(one.address): one.action.value for one in plan.changes} == {"File/a": "replace", "File/b": "move"}
    assert not plan.problems

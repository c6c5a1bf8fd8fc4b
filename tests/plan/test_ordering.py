"""Which changes go first."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from llamasync.core.graph import find_cycle
from llamasync.plan.model import Action, Change, Plan
from tests.plan.pieces import address, bound, configuration, directory, file, live, make_plan

CONTRACTS = directory("contracts")
LIVE_CONTRACTS = live(CONTRACTS, "dir-1")
ARCHIVE = directory("archive")
LIVE_ARCHIVE = live(ARCHIVE, "dir-2")


def needs(plan: Plan) -> dict[str, list[str]]:
    return {str(change.address): [str(need) for need in change.needs] for change in plan.changes}


def test_files_wait_for_the_directory_they_go_into() -> None:
    plan = make_plan([CONTRACTS, file("FileSet/a[1.md]")])
    assert needs(plan) == {"Directory/contracts": [], "FileSet/a[1.md]": ["Directory/contracts"]}


def test_nobody_waits_for_what_does_not_change() -> None:
    plan = make_plan([CONTRACTS, file("FileSet/a[1.md]")], [LIVE_CONTRACTS], [bound(CONTRACTS, LIVE_CONTRACTS)])
    assert needs(plan) == {"FileSet/a[1.md]": []}


def test_need_of_a_whole_manifest_stays_one_need() -> None:
    after = configuration("after", needs=("FileSet/a",))
    plan = make_plan([CONTRACTS, file("FileSet/a[1.md]"), file("FileSet/a[2.md]"), after])
    assert needs(plan)["Configuration/after"] == ["FileSet/a"]


def test_items_do_not_wait_for_their_own_manifest() -> None:
    plan = make_plan([file("FileSet/a[1.md]", needs=("FileSet/a", "Directory/contracts")), CONTRACTS])
    assert needs(plan)["FileSet/a[1.md]"] == ["Directory/contracts"]


def test_deletes_go_in_reverse() -> None:
    one = file("FileSet/a[1.md]")
    after = configuration("after", needs=("FileSet/a",))
    there = [LIVE_CONTRACTS, live(one, "f-1", parent="dir-1"), live(after, "cfg-1")]
    remembered = [bound(CONTRACTS, there[0]), bound(one, there[1]), bound(after, there[2])]
    plan = make_plan([directory("other")], there, remembered)
    assert needs(plan) == {
        "Configuration/after": [],
        "Directory/contracts": ["FileSet/a[1.md]"],
        "Directory/other": [],
        "FileSet/a[1.md]": ["Configuration/after"],
    }


def test_kept_dependency_of_a_deleted_object_is_not_waited_for() -> None:
    one, other = file("FileSet/a[1.md]"), file("FileSet/a[2.md]", "two")
    there = [LIVE_CONTRACTS, live(one, "f-1", parent="dir-1"), live(other, "f-2", parent="dir-1")]
    remembered = [
        bound(CONTRACTS, there[0]),
        replace(bound(one, there[1]), needs=(address("Directory/contracts"), address("FileSet/a"))),
        bound(other, there[2]),
    ]
    plan = make_plan([CONTRACTS], there, remembered)
    assert needs(plan) == {"FileSet/a[1.md]": [], "FileSet/a[2.md]": []}


def test_directory_is_deleted_after_what_moves_out_of_it() -> None:
    stays = file("FileSet/a[1.md]", parent="archive")
    old = live(stays, "f-1", parent="dir-1")
    there = [LIVE_CONTRACTS, LIVE_ARCHIVE, old]
    remembered = [
        bound(CONTRACTS, LIVE_CONTRACTS),
        bound(ARCHIVE, LIVE_ARCHIVE),
        replace(bound(stays, old), needs=(address("Directory/contracts"),)),
    ]
    plan = make_plan([ARCHIVE, stays], there, remembered)
    assert [change.action for change in plan.changes] == [Action.DELETE, Action.MOVE]
    assert needs(plan) == {"Directory/contracts": ["FileSet/a[1.md]"], "FileSet/a[1.md]": []}


def test_name_is_given_up_before_it_is_taken() -> None:
    giver, taker = file("File/giver", "one", unique_id="x.md"), file("File/taker", "two", unique_id="x.md")
    was = live(giver, "f-1", parent="dir-1")
    plan = make_plan(
        [CONTRACTS, replace(giver, fields={**giver.fields, "unique_id": "y.md"}, key=("y.md",)), taker],
        [LIVE_CONTRACTS, was],
        [bound(CONTRACTS, LIVE_CONTRACTS), bound(giver, was)],
    )
    assert {str(change.address): change.action for change in plan.changes} == {
        "File/giver": Action.MOVE,
        "File/taker": Action.CREATE,
    }
    assert needs(plan)["File/taker"] == ["File/giver"]


def test_directory_name_is_given_up_before_it_is_taken() -> None:
    plan = make_plan(
        [directory("new", fields={"name": "contracts"}), directory("old", fields={"name": "renamed"})],
        [LIVE_CONTRACTS],
        [bound(directory("old", fields={"name": "contracts"}), LIVE_CONTRACTS)],
    )
    assert {str(change.address): change.action for change in plan.changes} == {
        "Directory/new": Action.CREATE,
        "Directory/old": Action.UPDATE,
    }
    assert needs(plan) == {"Directory/new": ["Directory/old"], "Directory/old": []}


def test_circle_of_names_is_broken_once() -> None:
    before = {name: directory(name, fields={"name": wanted}) for name, wanted in (("a", "x"), ("b", "y"), ("c", "z"))}
    after = [directory(name, fields={"name": wanted}) for name, wanted in (("a", "y"), ("b", "z"), ("c", "x"))]
    there = {name: live(one, f"dir-{name}") for name, one in before.items()}
    plan = make_plan(after, there.values(), [bound(before[name], there[name]) for name in before])
    assert needs(plan) == {
        "Directory/a": ["Directory/a[x (aside)]", "Directory/b"],
        "Directory/a[x (aside)]": [],
        "Directory/b": ["Directory/c"],
        "Directory/c": ["Directory/a[x (aside)]"],
    }


def test_holder_of_a_name_that_must_come_after_its_taker_steps_aside() -> None:
    """`taker` takes a name that a file of `set` gives up, and that set needs `taker`."""
    giver = file("FileSet/set[x.md]", needs=("Directory/contracts", "File/taker"))
    taker = file("File/taker", "two", unique_id="x.md")
    was = live(giver, "f-1", parent="dir-1")
    moved = replace(giver, fields={**giver.fields, "unique_id": "y.md"}, key=("y.md",))
    plan = make_plan(
        [CONTRACTS, moved, taker], [LIVE_CONTRACTS, was], [bound(CONTRACTS, LIVE_CONTRACTS), bound(giver, was)]
    )
    assert needs(plan) == {
        "File/taker": ["FileSet/set[x.md (aside)]"],
        "FileSet/set[x.md (aside)]": [],
        "FileSet/set[x.md]": ["File/taker", "FileSet/set[x.md (aside)]"],
    }


def test_circle_of_names_that_goes_through_a_whole_manifest_is_seen() -> None:
    """`taker` takes a name that `giver` gives up, which needs a set of which a file needs `taker`."""
    giver = file("File/giver", unique_id="x.md", needs=("FileSet/set",))
    taker = file("File/taker", "two", unique_id="x.md")
    between = file("FileSet/set[1.md]", "three", needs=("File/taker",))
    was = live(giver, "f-1", parent="dir-1")
    moved = replace(giver, fields={**giver.fields, "unique_id": "y.md"}, key=("y.md",))
    plan = make_plan(
        [CONTRACTS, moved, taker, between], [LIVE_CONTRACTS, was], [bound(CONTRACTS, LIVE_CONTRACTS), bound(giver, was)]
    )
    assert needs(plan) == {
        "File/giver": ["File/giver[x.md (aside)]", "FileSet/set"],
        "File/giver[x.md (aside)]": [],
        "File/taker": ["File/giver[x.md (aside)]"],
        "FileSet/set[1.md]": ["File/taker"],
    }


@given(
    names=st.permutations(("x", "y", "z", "free")),
    needed=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2)).filter(lambda pair: pair[0] < pair[1])),
)
def test_no_plan_has_a_circle_whatever_the_names_become(names: list[str], needed: set[tuple[int, int]]) -> None:
    before = [directory(f"d{n}", fields={"name": name}) for n, name in enumerate(("x", "y", "z"))]
    after = [
        directory(
            f"d{n}", fields={"name": names[n]}, needs=[f"Directory/d{other}" for one, other in needed if one == n]
        )
        for n in range(3)
    ]
    there = [live(one, f"dir-{n}") for n, one in enumerate(before)]
    plan = make_plan(after, there, [bound(one, what) for one, what in zip(before, there, strict=True)])
    assert not find_cycle(_graph(plan.changes))


def _graph(changes: tuple[Change, ...]) -> dict[str, list[str]]:
    return {str(change.address): [str(need) for need in change.needs] for change in changes}

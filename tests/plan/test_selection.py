"""`--target`, `--exclude` and `-l`: which part of a plan is meant."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llamasync.plan.model import Plan, PlanOptions, Selection
from llamasync.plan.selection import covers
from llamasync.workspace.desired import Lifecycle
from tests.plan.pieces import address, bound, configuration, directory, file, group, live, make_plan

LEGAL, PEOPLE = directory("legal", labels={"team": "legal"}), directory("people", labels={"team": "people"})
ONE = file("FileSet/set[1.md]", parent="legal", labels={"team": "legal", "tier": "a"})
TWO = file("FileSet/set[2.md]", "two", parent="legal", labels={"team": "legal", "tier": "a"})
SET = group("set", parent="legal", labels={"team": "legal", "tier": "a"})
AFTER = configuration("after", needs=("FileSet/set",))
EVERYTHING = ("Configuration/after", "Directory/legal", "Directory/people", "FileSet/set[1.md]", "FileSet/set[2.md]")


def _plan(**selection: Any) -> Plan:
    for name in ("targets", "excludes"):
        selection[name] = tuple(address(one) for one in selection.get(name, ()))
    options = PlanOptions(selection=Selection(**selection))
    return make_plan([LEGAL, PEOPLE, ONE, TWO, AFTER], groups=(SET,), options=options)


def _chosen(**selection: Any) -> tuple[str, ...]:
    plan = _plan(**selection)
    assert plan.problems == ()
    return tuple(str(change.address) for change in plan.changes)


def test_nothing_selected_is_everything() -> None:
    assert _chosen() == EVERYTHING


def test_target_takes_along_what_it_needs() -> None:
    assert _chosen(targets=["Directory/people"]) == ("Directory/people",)
    assert _chosen(targets=["FileSet/set[1.md]"]) == ("Directory/legal", "FileSet/set[1.md]")
    assert _chosen(targets=["FileSet/set"]) == ("Directory/legal", "FileSet/set[1.md]", "FileSet/set[2.md]")


def test_target_that_needs_a_whole_manifest_takes_all_of_it() -> None:
    assert _chosen(targets=["Configuration/after"]) == tuple(one for one in EVERYTHING if one != "Directory/people")


def test_labels_must_all_be_there() -> None:
    assert _chosen(labels={"team": "people"}) == ("Directory/people",)
    assert _chosen(labels={"team": "legal"}) == ("Directory/legal", "FileSet/set[1.md]", "FileSet/set[2.md]")
    nobody = _plan(labels={"team": "people", "tier": "a"})
    assert nobody.changes == ()
    assert [(one.code, one.detail) for one in nobody.problems] == [("LS310", "-l team=people,tier=a matches nothing")]


def test_labels_and_targets_narrow_each_other() -> None:
    assert _chosen(labels={"team": "legal"}, targets=["FileSet/set[2.md]"]) == (
        "Directory/legal",
        "FileSet/set[2.md]",
    )


def test_exclusion_leaves_out_what_needs_it() -> None:
    assert _chosen(excludes=["Directory/legal"]) == ("Directory/people",)
    assert _chosen(excludes=["FileSet/set"]) == ("Directory/legal", "Directory/people")
    assert _chosen(excludes=["FileSet/set[1.md]"]) == ("Directory/legal", "Directory/people", "FileSet/set[2.md]")


def test_exclusion_wins_over_a_target() -> None:
    assert _chosen(targets=["FileSet/set"], excludes=["FileSet/set[1.md]"]) == (
        "Directory/legal",
        "FileSet/set[2.md]",
    )


def test_item_of_a_manifest_that_is_gone_can_be_selected_but_has_no_labels() -> None:
    gone = file("FileSet/gone[1.md]", parent="legal", lifecycle=Lifecycle(on_remove="forget"))
    there = [live(LEGAL, "dir-1"), live(gone, "f-1", parent="dir-1")]
    remembered = [bound(LEGAL, there[0]), bound(gone, there[1])]

    def chosen(selection: Selection) -> list[str]:
        plan = make_plan([LEGAL], there, remembered, options=PlanOptions(selection=selection))
        assert plan.problems == ()
        return [str(change.address) for change in plan.changes]

    assert chosen(Selection(targets=(address("FileSet/gone"),))) == ["FileSet/gone[1.md]"]
    assert chosen(Selection(labels={"team": "legal"})) == []
    assert chosen(Selection(excludes=(address("Directory/legal"),))) == ["FileSet/gone[1.md]"]


def test_address_that_matches_nothing_is_a_problem_but_an_unchanged_one_is_not() -> None:
    plan = _plan(targets=["Directory/people", "Directory/nobody"], excludes=["FileSet/set[3.md]"])
    assert [(problem.code, problem.detail) for problem in plan.problems] == [
        ("LS310", "--target Directory/nobody matches nothing"),
        ("LS310", "--exclude FileSet/set[3.md] matches nothing"),
    ]
    settled = live(PEOPLE, "dir-2")
    quiet = make_plan(
        [PEOPLE],
        [settled],
        [bound(PEOPLE, settled)],
        options=PlanOptions(selection=Selection(targets=(PEOPLE.address,))),
    )
    assert (quiet.changes, quiet.problems) == ((), ())


def test_guards_count_what_is_selected_only() -> None:
    ones = [configuration(f"c{n}") for n in range(10)]
    there = [live(one, f"cfg-{n}") for n, one in enumerate(ones)]
    remembered = [bound(one, what) for one, what in zip(ones, there, strict=True)]

    def problems(*targets: str) -> list[str]:
        selection = Selection(targets=tuple(address(one) for one in targets))
        plan = make_plan([LEGAL], there, remembered, options=PlanOptions(selection=selection))
        return [problem.code for problem in plan.problems]

    assert problems() == ["LS302"]
    assert problems("Configuration/c0", "Configuration/c1") == []


@given(
    targets=st.lists(st.sampled_from((*EVERYTHING, "FileSet/set"))),
    excludes=st.lists(st.sampled_from((*EVERYTHING, "FileSet/set"))),
)
def test_chosen_part_holds_all_that_it_needs_unless_that_is_unchanged(targets: list[str], excludes: list[str]) -> None:
    whole = _plan()
    plan = _plan(targets=targets, excludes=excludes)
    chosen = {change.address for change in plan.changes}
    for change in plan.changes:
        assert not any(covers(address(one), change.address) for one in excludes)
        for need in change.needs:
            items = {one.address for one in whole.changes if covers(need, one.address)}
            assert items <= chosen

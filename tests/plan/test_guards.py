"""The brakes: deletes by share and by number, an emptied workspace, protection."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llamasync.plan.model import Action, Guards, PlanOptions
from llamasync.workspace.desired import Lifecycle
from tests.plan.pieces import bound, codes, configuration, directory, file, live, make_plan

CONTRACTS = directory("contracts")
LIVE_CONTRACTS = live(CONTRACTS, "dir-1")


def _problems(managed: int, deleted: int, guards: Guards) -> list[tuple[str, str, str]]:
    """Plan to delete so many of so many managed configurations."""
    ones = [configuration(f"c{n}") for n in range(managed)]
    there = [live(one, f"cfg-{n}") for n, one in enumerate(ones)]
    remembered = [bound(one, what) for one, what in zip(ones, there, strict=True)]
    plan = make_plan([*ones[deleted:], CONTRACTS], there, remembered, options=PlanOptions(guards=guards))
    assert plan.summary()[Action.DELETE] == deleted
    return [(problem.code, problem.detail, problem.hint) for problem in plan.problems]


@pytest.mark.parametrize(
    ("managed", "deleted", "refused"),
    [(9, 9, False), (10, 3, False), (10, 4, True), (11, 4, True), (20, 6, False), (20, 7, True), (10, 0, False)],
)
def test_share_counts_from_ten_managed_objects(managed: int, deleted: int, refused: bool) -> None:
    assert [code for code, _, _ in _problems(managed, deleted, Guards())] == ["LS302"] * refused


def test_refusal_says_how_many_and_which_flag_means_it() -> None:
    assert _problems(10, 5, Guards()) == [
        (
            "LS302",
            "5 of 10 managed objects (50%) would be deleted; the limit is 30%",
            "if it is meant: --allow-deletes 5",
        )
    ]


@pytest.mark.parametrize(
    ("guards", "found"),
    [
        (Guards(max_delete_share=None), []),
        (Guards(max_delete_share=None, max_deletes=5), []),
        (Guards(max_delete_share=None, max_deletes=4), ["5 objects would be deleted; the limit is 4"]),
        (Guards(max_deletes=0, allow_deletes=5), []),
        (Guards(allow_deletes=6), []),
        (Guards(max_delete_share=None, allow_deletes=4), ["5 objects would be deleted; --allow-deletes says 4"]),
        (Guards(max_delete_share=1.0, max_deletes=5, allow_deletes=0), [
            "5 objects would be deleted; --allow-deletes says 0"
        ]),
    ],
)  # fmt: skip
def test_numbers_of_deletes_are_limited_and_allowed(guards: Guards, found: list[str]) -> None:
    assert [detail for _, detail, _ in _problems(10, 5, guards)] == found


def test_share_and_number_are_told_together() -> None:
    assert [code for code, _, _ in _problems(10, 5, Guards(max_deletes=1, allow_deletes=2))] == ["LS302", "LS303"]


def test_emptied_workspace_is_refused_unless_it_is_a_destroy_or_only_a_part() -> None:
    remembered = [bound(CONTRACTS, LIVE_CONTRACTS)]
    there = [LIVE_CONTRACTS]
    assert codes(make_plan([], there, remembered)) == ["LS304"]
    assert codes(make_plan([], there, remembered, options=PlanOptions(destroy=True))) == []
    part = make_plan([], there, remembered, options=PlanOptions(partial=True))
    assert (codes(part), part.changes) == ([], ())
    assert codes(make_plan([], there, [])) == []


def test_destroy_needs_no_permission_for_many_deletes() -> None:
    ones = [configuration(f"c{n}") for n in range(20)]
    there = [live(one, f"cfg-{n}") for n, one in enumerate(ones)]
    remembered = [bound(one, what) for one, what in zip(ones, there, strict=True)]
    plan = make_plan(ones, there, remembered, options=PlanOptions(destroy=True))
    assert plan.summary()[Action.DELETE] == 20
    assert codes(plan) == []


def test_protection_holds_when_the_manifest_is_gone() -> None:
    guarded = replace(CONTRACTS, lifecycle=Lifecycle(protect=True))
    plan = make_plan([configuration("c")], [LIVE_CONTRACTS], [bound(guarded, LIVE_CONTRACTS)])
    assert [(problem.code, str(problem.address)) for problem in plan.problems] == [("LS305", "Directory/contracts")]
    assert "would be deleted" in plan.problems[0].detail
    assert plan.problems[0].hint == (
        "if it is meant: declare it with lifecycle: {protect: false} and apply that first; "
        "to let go of it without deleting it: llamasync state rm Directory/contracts"
    )


def test_protection_holds_against_destroy() -> None:
    guarded = replace(CONTRACTS, lifecycle=Lifecycle(protect=True))
    plan = make_plan([guarded], [LIVE_CONTRACTS], [bound(guarded, LIVE_CONTRACTS)], options=PlanOptions(destroy=True))
    assert codes(plan) == ["LS305"]
    assert [change.reason for change in plan.changes] == ["to be destroyed"]


def test_taking_protection_away_in_the_manifest_is_a_change_that_no_guard_refuses() -> None:
    guarded = replace(CONTRACTS, lifecycle=Lifecycle(protect=True))
    plan = make_plan([CONTRACTS], [LIVE_CONTRACTS], [bound(guarded, LIVE_CONTRACTS)])
    assert [(change.action, change.fields[0].path) for change in plan.changes] == [(Action.UPDATE, "lifecycle.protect")]
    assert codes(plan) == []


def test_protected_object_is_not_replaced_but_a_protected_file_gets_new_content() -> None:
    guard = Lifecycle(protect=True)
    reader = configuration("reader", "extract_v2", lifecycle=guard)
    was = live(configuration("reader"), "cfg-1")
    paper = file("File/paper", "two", lifecycle=guard)
    paper_was = live(file("File/paper", "one"), "f-1", parent="dir-1")
    plan = make_plan(
        [CONTRACTS, reader, paper],
        [LIVE_CONTRACTS, was, paper_was],
        [
            bound(CONTRACTS, LIVE_CONTRACTS),
            bound(configuration("reader", lifecycle=guard), was),
            bound(file("File/paper", "one", lifecycle=guard), paper_was),
        ],
    )
    assert [change.action for change in plan.changes] == [Action.REPLACE, Action.REPLACE]
    assert [(problem.code, str(problem.address)) for problem in plan.problems] == [("LS305", "Configuration/reader")]
    assert "would be replaced" in plan.problems[0].detail
    assert plan.problems[0].hint == (
        'to keep it as it is: spec.productType: "parse_v2"; if it is meant: lifecycle: {protect: false} in its manifest'
    )

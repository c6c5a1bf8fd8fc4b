from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.kinds.run_facts import RunOptions
from llamasync.plan.checks import affected_checks, checks_to_run, select_checks, with_needs_of_checks
from llamasync.plan.model import Action, Change, Selection
from llamasync.workspace.desired import DesiredCheck, DesiredRun, DesiredState
from tests.plan.pieces import SOURCE, address, directory, file

DIRECTORY = address("Directory/contracts")
FILES = address("FileSet/contracts")
INDEX = address("Index/contracts")
CHECK = address("Check/contracts")
OTHER = address("Check/other")


def check(place: Address, *needs: Address, **labels: str) -> DesiredCheck:
    return DesiredCheck(address=place, kind="Check", spec=None, source=SOURCE, needs=needs, labels=labels)


def change(place: str, action: Action, **more: Any) -> Change:
    where = address(place)
    return Change(address=where, kind=where.kind, collection="", action=action, reason="", **more)


def desired(*checks: DesiredCheck) -> DesiredState:
    objects = (
        directory("contracts"),
        file("FileSet/contracts[a.pdf]"),
        directory("index", called="index", needs=(str(DIRECTORY),)),
    )
    placed = {one.address: one for one in objects}
    # A stand-in for the index: what matters is that it needs the directory.
    placed[INDEX] = replace(placed.pop(Address("Directory", "index")), address=INDEX)
    listed = checks or (check(CHECK, INDEX, team="legal"), check(OTHER))
    return DesiredState(objects=placed, checks={one.address: one for one in listed})


@pytest.mark.parametrize("action", [Action.CREATE, Action.REPLACE, Action.SYNC, Action.RUN])
def test_a_check_is_affected_by_what_makes_its_index_anew_or_brings_it_up_to_date(action: Action) -> None:
    assert affected_checks([change("Index/contracts", action)], desired()) == (CHECK,)


def test_what_an_index_is_made_of_affects_no_check_unless_the_index_follows() -> None:
    """With `--target`, or `sync.when: never`, files change and what people are told does not."""
    files = [change("Directory/contracts", Action.CREATE), change("FileSet/contracts[a.pdf]", Action.CREATE)]
    assert affected_checks(files, desired()) == ()
    assert affected_checks([*files, change("Index/contracts", Action.SYNC)], desired()) == (CHECK,)


@pytest.mark.parametrize("action", [Action.UPDATE, Action.MOVE, Action.DELETE, Action.FORGET, Action.ADOPT])
def test_what_leaves_an_index_as_it_is_affects_no_check(action: Action) -> None:
    assert affected_checks([change("Index/contracts", action)], desired()) == ()


def test_an_index_that_is_adopted_and_synced_affects_its_checks() -> None:
    assert affected_checks([change("Index/contracts", Action.ADOPT, syncs=True)], desired()) == (CHECK,)


def test_files_affect_a_check_only_through_what_is_synced_with_them_or_where_it_names_them() -> None:
    changes = [change("FileSet/contracts[a.pdf]", Action.CREATE)]
    assert affected_checks(changes, desired()) == ()
    assert affected_checks(changes, desired(check(CHECK, INDEX, FILES))) == (CHECK,)


def test_what_a_run_needs_keeps_the_checks_after_it_from_running() -> None:
    run = address("Batch/contracts")
    listed = desired(check(CHECK, run))
    made = DesiredRun(address=run, kind="Batch", configuration={}, source=SOURCE, options=RunOptions(), needs=(INDEX,))
    runs = {run: made}
    assert affected_checks([change("Batch/contracts", Action.RUN)], replace(listed, runs=runs)) == (CHECK,)
    assert checks_to_run([CHECK], replace(listed, runs=runs), [INDEX]) == ((), {CHECK: INDEX})


def test_nothing_is_affected_where_there_are_no_checks_or_no_changes_or_it_is_excluded() -> None:
    changes = [change("Index/contracts", Action.SYNC)]
    assert affected_checks(changes, DesiredState()) == ()
    assert affected_checks([], desired()) == ()
    assert affected_checks(changes, desired(), [CHECK]) == ()


def test_a_check_waits_for_what_was_not_made() -> None:
    both = desired(check(CHECK, INDEX), check(OTHER, FILES))
    assert checks_to_run([CHECK, OTHER], both, []) == ((CHECK, OTHER), {})
    undone = [Address("FileSet", "contracts", "a.pdf")]
    assert checks_to_run([CHECK, OTHER], both, undone) == ((CHECK,), {OTHER: FILES})
    assert checks_to_run([CHECK, OTHER], both, [DIRECTORY]) == ((), {CHECK: DIRECTORY, OTHER: DIRECTORY})
    twice = desired(check(CHECK, INDEX, DIRECTORY))
    assert checks_to_run([CHECK], twice, [OTHER]) == ((CHECK,), {})


def test_a_check_that_is_a_target_stands_for_what_it_needs() -> None:
    assert with_needs_of_checks(Selection(targets=(CHECK,)), desired()).targets == (CHECK, INDEX)
    assert with_needs_of_checks(Selection(targets=(OTHER,)), desired()).targets == (OTHER,)


LABELS = {CHECK: {"team": "legal"}, OTHER: {}, INDEX: {"team": "sales"}}


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (Selection(), [CHECK, OTHER]),
        (Selection(targets=(CHECK,)), [CHECK]),
        (Selection(targets=(INDEX,)), [CHECK]),
        (Selection(excludes=(INDEX,)), [OTHER]),
        (Selection(excludes=(CHECK, OTHER)), []),
        (Selection(labels={"team": "legal"}), [CHECK]),
        (Selection(labels={"team": "sales"}), []),
    ],
)
def test_checks_are_selected_by_name_by_need_and_by_label(selection: Selection, chosen: list[Address]) -> None:
    found, problems = select_checks(desired().checks, selection, LABELS)
    assert [one.address for one in found] == chosen
    assert problems == []


def test_a_target_that_no_check_has_to_do_with_is_a_problem() -> None:
    for selection in (Selection(targets=(address("Index/none"),)), Selection(labels={"team": "people"})):
        _, problems = select_checks(desired().checks, selection, LABELS)
        assert [problem.code for problem in problems] == ["LS310"]

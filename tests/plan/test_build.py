"""What becomes of each object, and what a plan tells beside its changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llamasync.core.address import Address
from llamasync.core.reference import Reference
from llamasync.plan.model import Action, Drift, Plan, PlanOptions
from llamasync.state.model import Intent
from llamasync.workspace.desired import Lifecycle
from tests.plan.pieces import (
    address,
    bound,
    codes,
    configuration,
    directory,
    file,
    group,
    live,
    make_plan,
    sha256,
)

CONTRACTS = directory("contracts")
LIVE_CONTRACTS = live(CONTRACTS, "dir-1")
HOLD = (bound(CONTRACTS, LIVE_CONTRACTS),)
KEPT = directory("kept")
LIVE_KEPT = live(KEPT, "dir-2")


def told(plan: Plan) -> dict[str, str]:
    return {str(change.address): change.action.value for change in plan.changes}


def test_counts_tell_every_action_and_the_unchanged() -> None:
    plan = make_plan([CONTRACTS, KEPT], [LIVE_CONTRACTS], HOLD)
    counts = plan.summary()
    assert counts.keys() == set(Action)
    assert (counts[Action.CREATE], counts[Action.NOOP], sum(counts.values())) == (1, 1, 2)
    assert (plan.managed, plan.noop) == (1, 1)
    assert not plan.is_empty


# -- moved addresses


def test_moved_address_takes_its_bindings_and_items_along() -> None:
    paper = file("FileSet/new[1.md]")
    old = file("FileSet/old[1.md]")
    was = live(paper, "f-1", parent="dir-1")
    plan = make_plan(
        [CONTRACTS, paper],
        [LIVE_CONTRACTS, was],
        [*HOLD, bound(old, was)],
        moved={Address("FileSet", "old"): Address("FileSet", "new")},
    )
    assert plan.is_empty
    assert plan.renamed == ((address("FileSet/old[1.md]"), address("FileSet/new[1.md]")),)


def test_moved_address_whose_new_one_is_taken_stays() -> None:
    old = directory("old")
    was = live(old, "dir-3")
    plan = make_plan(
        [CONTRACTS],
        [LIVE_CONTRACTS, was],
        [*HOLD, bound(old, was)],
        moved={Address("Directory", "old"): Address("Directory", "contracts")},
    )
    assert plan.renamed == ()
    assert told(plan) == {"Directory/old": "delete"}
    assert [(one.code, str(one.severity), one.detail) for one in plan.problems] == [
        ("LS324", "warning", "Directory/old cannot be called Directory/contracts, which stands for another live object")
    ]


def test_of_two_addresses_that_move_to_one_the_second_stays_with_what_is_in_both() -> None:
    papers = [file(f"FileSet/{name}[{n}.md]", name) for name in ("one", "two") for n in range(7)]
    there = [live(one, f"f-{n}", parent="dir-1") for n, one in enumerate(papers)]
    new = Address("FileSet", "new")
    plan = make_plan(
        [CONTRACTS],
        [LIVE_CONTRACTS, *there],
        [*HOLD, *(bound(one, what) for one, what in zip(papers, there, strict=True))],
        moved={Address("FileSet", "one"): new, Address("FileSet", "two"): new},
    )
    assert [str(old) for old, _ in plan.renamed] == [f"FileSet/one[{n}.md]" for n in range(7)]
    assert plan.problems[0].detail == (
        "FileSet/two cannot be called FileSet/new, which stands for another live object: "
        "0.md, 1.md, 2.md, 3.md, 4.md ..."
    )
    assert len(told(plan)) == 14, "none of them is lost from sight"


# -- removals


def test_removed_object_that_is_gone_or_the_services_is_forgotten() -> None:
    for there in ([], [live(CONTRACTS, "dir-1", foreign="deleted")]):
        plan = make_plan([KEPT], [*there, LIVE_KEPT], [*HOLD, bound(KEPT, LIVE_KEPT)])
        assert told(plan) == {"Directory/contracts": "forget"}
        assert plan.changes[0].reason == "it is gone from the service already"
        assert (plan.changes[0].drift, plan.changes[0].live) == (Drift.SERVICE, None)


def test_removed_object_whose_live_one_goes_to_another_address_is_forgotten() -> None:
    """Two bindings of one live object, as a broken state may have them."""
    plan = make_plan([KEPT], [LIVE_KEPT], [bound(KEPT, LIVE_KEPT), bound(CONTRACTS, LIVE_KEPT)])
    assert told(plan) == {"Directory/contracts": "forget"}
    assert plan.changes[0].reason == "another address stands for its live object now"


def test_what_others_selected_is_left_alone_in_a_part() -> None:
    paper = file("FileSet/a[1.md]")
    was = live(paper, "f-1", parent="dir-1")
    remembered = [*HOLD, bound(paper, was), bound(KEPT, LIVE_KEPT)]
    plan = make_plan(
        [],
        [LIVE_CONTRACTS, was, LIVE_KEPT],
        remembered,
        groups=(group("a"),),
        options=PlanOptions(partial=True),
    )
    assert told(plan) == {"FileSet/a[1.md]": "delete"}


@pytest.mark.parametrize(("prune", "action"), [("owned", "delete"), ("all", "delete"), ("never", "forget")])
def test_file_that_left_its_tree_is_treated_as_prune_says(prune: str, action: str) -> None:
    paper = file("FileSet/a[1.md]")
    was = live(paper, "f-1", parent="dir-1")
    plan = make_plan([CONTRACTS], [LIVE_CONTRACTS, was], [*HOLD, bound(paper, was)], groups=(group("a", prune=prune),))
    assert told(plan) == {"FileSet/a[1.md]": action}
    assert plan.changes[0].reason.startswith("removed from the source")


@pytest.mark.parametrize(("prune", "action"), [("owned", "forget"), ("all", "delete"), ("never", "forget")])
def test_file_that_is_let_go_in_a_directory_without_strangers_is_one_at_once(prune: str, action: str) -> None:
    paper, outside = file("FileSet/a[1.md]"), file("FileSet/a[2.md]", "two")
    was, moved = live(paper, "f-1", parent="dir-1"), live(outside, "f-2", parent="dir-9")
    remembered = [*HOLD, bound(paper, was), bound(outside, moved)]
    lets_go = group("a", prune=prune, lifecycle=Lifecycle(on_remove="forget"))
    plan = make_plan([CONTRACTS], [LIVE_CONTRACTS, was, moved], remembered, groups=(lets_go,))
    assert told(plan) == {"FileSet/a[1.md]": action, "FileSet/a[2.md]": "forget"}


def test_prune_all_takes_each_stranger_once_and_nothing_of_ours() -> None:
    ours, single = file("FileSet/a[1.md]"), file("File/single", "two")
    there = [
        LIVE_CONTRACTS,
        live(ours, "f-1", parent="dir-1"),
        live(single, "f-2", parent="dir-1"),
        live(file("File/theirs", "three"), "f-3", parent="dir-1"),
        live(file("File/elsewhere", "four"), "f-4", parent="dir-9"),
        live(file("File/deleted", "four"), "f-5", parent="dir-1", foreign="deleted"),
    ]
    plan = make_plan(
        [CONTRACTS, ours, single],
        there,
        HOLD,
        groups=(group("a", prune="all"), group("b", prune="all")),
    )
    assert told(plan) == {"File/single": "adopt", "FileSet/a[1.md]": "adopt", "FileSet/a[theirs]": "delete"}
    assert plan.changes[-1].id == "f-3"
    assert [one.id for one in plan.unmanaged] == ["f-4"]


def test_prune_all_leaves_what_another_workspaces_part_put_there() -> None:
    other = file("FileSet/b[2.md]", "two")
    was = live(other, "f-2", parent="dir-1")
    plan = make_plan(
        [],
        [LIVE_CONTRACTS, was],
        [*HOLD, bound(other, was)],
        groups=(group("a", parent=Reference("Directory", id="dir-1"), prune="all"),),
        options=PlanOptions(partial=True),
    )
    assert plan.is_empty


def test_prune_all_of_a_directory_that_is_still_to_be_made_takes_nothing() -> None:
    stray = live(file("File/stray"), "f-1", parent="")
    plan = make_plan([CONTRACTS], [stray], groups=(group("a", prune="all"),))
    assert told(plan) == {"Directory/contracts": "create"}


# -- directories that go


def _removed(*, delete_contents: bool, strangers: int) -> Plan:
    gone = replace(CONTRACTS, delete_contents=delete_contents)
    paper = file("FileSet/a[1.md]")
    there = [
        LIVE_CONTRACTS,
        LIVE_KEPT,
        live(paper, "f-1", parent="dir-1"),
        *(live(file(f"File/theirs{n}", f"theirs {n}"), f"f-9{n}", parent="dir-1") for n in range(strangers)),
    ]
    return make_plan([KEPT], there, [bound(gone, LIVE_CONTRACTS), bound(KEPT, LIVE_KEPT), bound(paper, there[2])])


def test_directory_with_files_of_others_is_not_deleted_and_they_are_named() -> None:
    assert [problem.detail for problem in _removed(delete_contents=False, strangers=2).problems] == [
        "Directory/contracts holds 2 of them: theirs0, theirs1"
    ]
    assert _removed(delete_contents=False, strangers=6).problems[0].detail.endswith("theirs3, theirs4 ...")
    assert codes(_removed(delete_contents=False, strangers=0)) == []


def test_contents_are_deleted_by_name_where_the_manifest_said_so() -> None:
    plan = _removed(delete_contents=True, strangers=2)
    assert told(plan) == {
        "Directory/contracts": "delete",
        "Directory/contracts[theirs0]": "delete",
        "Directory/contracts[theirs1]": "delete",
        "FileSet/a[1.md]": "delete",
    }
    assert codes(plan) == []
    needs = {str(change.address): [str(need) for need in change.needs] for change in plan.changes}
    assert needs["Directory/contracts"] == [
        "Directory/contracts[theirs0]",
        "Directory/contracts[theirs1]",
        "FileSet/a[1.md]",
    ]


def test_forgotten_files_keep_their_directory_from_being_deleted() -> None:
    paper = file("FileSet/a[1.md]", lifecycle=Lifecycle(on_remove="forget"))
    was = live(paper, "f-1", parent="dir-1")
    plan = make_plan([KEPT], [LIVE_CONTRACTS, LIVE_KEPT, was], [*HOLD, bound(KEPT, LIVE_KEPT), bound(paper, was)])
    assert told(plan) == {"Directory/contracts": "delete", "FileSet/a[1.md]": "forget"}
    assert [(one.code, one.detail) for one in plan.problems] == [("LS307", "Directory/contracts holds 1 of them: 1.md")]


# -- bytes that exist nowhere else


def _saves(*, here: bool, known: bool = True, file_id: str = "bytes-1") -> bool:
    gone = file("FileSet/a[1.md]", "precious")
    was = replace(live(gone, "f-1", parent="dir-1"), sha256=sha256("precious") if known else "", file_id=file_id)
    others = [file("File/copy", "precious")] if here else []
    there = [LIVE_CONTRACTS, was, *(live(one, "f-2", parent="dir-1") for one in others)]
    remembered = [*HOLD, bound(gone, was), *(bound(one, there[2]) for one in others)]
    plan = make_plan([CONTRACTS, *others], there, remembered, groups=(group("a"),))
    assert told(plan) == {"FileSet/a[1.md]": "delete"}
    return plan.changes[0].saves_bytes


def test_bytes_are_saved_unless_the_workspace_has_them() -> None:
    assert _saves(here=False)
    assert not _saves(here=True)
    assert _saves(here=True, known=False), "bytes that are not known may be anything"
    assert not _saves(here=False, file_id=""), "there is nothing to fetch"


# -- what state remembers of the manifest


def test_change_of_lifecycle_alone_is_an_update_that_sends_nothing() -> None:
    new = replace(CONTRACTS, lifecycle=Lifecycle(protect=True, on_remove="forget"), delete_contents=True)
    plan = make_plan([new], [LIVE_CONTRACTS], HOLD)
    assert told(plan) == {"Directory/contracts": "update"}
    assert [(field.path, field.before, field.after) for field in plan.changes[0].fields] == [
        ("lifecycle.protect", False, True),
        ("lifecycle.onRemove", "delete", "forget"),
        ("spec.deleteContents", False, True),
    ]
    assert plan.changes[0].send == {}
    assert plan.changes[0].reason == "3 fields changed in the manifest"


def test_record_that_state_lacks_is_remembered_without_a_change() -> None:
    bare = replace(HOLD[0], fields={}, needs=(Address("Directory", "old"),), applied_at="2025")
    plan = make_plan([CONTRACTS], [LIVE_CONTRACTS], [bare])
    assert plan.is_empty
    assert plan.remembered == (replace(HOLD[0], applied_at="2025"),)
    assert make_plan([CONTRACTS], [LIVE_CONTRACTS], HOLD).remembered == ()


def test_reference_is_remembered_as_the_id_it_stands_for() -> None:
    linked = directory("linked", fields={"description": Reference("Directory", id="dir-8")})
    assert bound(linked, live(linked, "dir-3", fields={"description": "dir-8"})).fields["description"] == "dir-8"


# -- replacements


def test_replaced_object_is_sent_whole() -> None:
    reader = configuration("reader", "extract_v2", parameters={"extra": 1})
    was = live(configuration("reader"), "cfg-1")
    plan = make_plan([reader], [was], [bound(configuration("reader"), was)])
    assert told(plan) == {"Configuration/reader": "replace"}
    assert plan.changes[0].send == reader.fields


def test_new_content_takes_along_keys_that_others_set_but_none_that_were_ours() -> None:
    old = file("File/paper", "one", fields={"metadata": {"ours": 1, "dropped": 2}})
    theirs = {"ours": 5, "dropped": 2, "theirs": 3, "llamasync_sha256": "x"}
    was = live(old, "f-1", parent="dir-1", fields={"metadata": theirs})
    new = file("File/paper", "two", fields={"metadata": {"ours": 1}})
    remembered = make_plan([CONTRACTS, new], [LIVE_CONTRACTS, was], [*HOLD, bound(old, was)]).changes[0]
    adopted = make_plan([CONTRACTS, new], [LIVE_CONTRACTS, was], HOLD).changes[0]
    assert remembered.send["metadata"] == {"ours": 1, "theirs": 3}
    assert adopted.send["metadata"] == {"ours": 1, "dropped": 2, "theirs": 3}
    assert (remembered.reason, adopted.reason) == ("content changed", "exists already, with other content")


def test_content_that_nobody_knows_is_uploaded_to_be_sure() -> None:
    paper = file("File/paper")
    was = replace(live(paper, "f-1", parent="dir-1"), sha256="")
    plan = make_plan([CONTRACTS, paper], [LIVE_CONTRACTS, was], [*HOLD, bound(paper, was)])
    assert told(plan) == {"File/paper": "replace"}
    assert plan.changes[0].reason == "its content is not known to be the one in the workspace"


def test_fields_changed_by_both_sides_are_told_as_both() -> None:
    before = directory("contracts", fields={"description": "old"})
    after = directory("contracts", fields={"description": "new"})
    shown = live(before, "dir-1", fields={"name": "renamed by them"})
    plan = make_plan([after], [shown], [bound(before, LIVE_CONTRACTS)])
    assert (plan.changes[0].drift, plan.changes[0].reason) == (
        Drift.BOTH,
        "2 fields changed in the manifest and in the service",
    )


# -- leftovers of interrupted runs


def _intent(key: str, place: str, *, collection: str = "directories", parent: str = "") -> Intent:
    return Intent(number=1, address=address(place), collection=collection, key=(key,), parent_id=parent)


def test_what_an_interrupted_create_made_is_deleted_when_nobody_wants_it() -> None:
    lost = live(directory("lost"), "dir-5")
    intent = _intent("lost", "Directory/lost")
    plan = make_plan([KEPT], [LIVE_KEPT, lost], [bound(KEPT, LIVE_KEPT)], intents=(intent,))
    assert told(plan) == {"Directory/lost": "delete"}
    assert plan.changes[0].reason == "left by an interrupted run"
    assert plan.settled == (intent,)
    assert plan.unmanaged == ()


def test_intent_that_came_to_nothing_or_is_claimed_or_bound_is_settled_without_a_change() -> None:
    intents = (_intent("nothing", "Directory/nothing"), _intent("contracts", "Directory/contracts"))
    plan = make_plan([CONTRACTS], [LIVE_CONTRACTS], HOLD, intents=intents)
    assert plan.is_empty
    assert plan.settled == intents


def test_two_intents_of_one_object_make_one_delete() -> None:
    lost = live(directory("lost"), "dir-5")
    twice = (_intent("lost", "Directory/lost"), replace(_intent("lost", "Directory/lost"), number=2))
    plan = make_plan([KEPT], [LIVE_KEPT, lost], [bound(KEPT, LIVE_KEPT)], intents=twice)
    assert [(str(change.address), change.action) for change in plan.changes] == [("Directory/lost", Action.DELETE)]
    assert plan.settled == twice


def test_object_as_any_of_two_intents_was_to_make_it_is_ours() -> None:
    lost = live(directory("lost", fields={"description": "new"}), "dir-5")
    old, new = (
        replace(_intent("lost", "Directory/lost"), number=number, sent={"name": "lost", "description": text})
        for number, text in enumerate(("old", "new"), 1)
    )
    for intents in ((old, new), (new, old)):
        plan = make_plan([KEPT], [LIVE_KEPT, lost], [bound(KEPT, LIVE_KEPT)], intents=intents)
        assert (told(plan), plan.problems) == ({"Directory/lost": "delete"}, ())
    plan = make_plan([KEPT], [LIVE_KEPT, lost], [bound(KEPT, LIVE_KEPT)], intents=(old, replace(old, number=3)))
    assert (told(plan), [one.code for one in plan.problems]) == ({}, ["LS327"])


def test_staged_leftover_is_told_under_its_own_name() -> None:
    paper = file("FileSet/a[1.md]")
    was = live(paper, "f-1", parent="dir-1")
    stray = replace(live(file("File/x", "two"), "f-2", parent="dir-1"), key=("1.md~0123456789ab",))
    intent = _intent("1.md~0123456789ab", "FileSet/a[1.md]", collection="directory-files", parent="dir-1")
    plan = make_plan([CONTRACTS, paper], [LIVE_CONTRACTS, was, stray], [*HOLD, bound(paper, was)], intents=(intent,))
    assert told(plan) == {"FileSet/a[1.md~0123456789ab]": "delete"}
    assert plan.changes[0].id == "f-2"

"""Which live object an address stands for: by remembered id, then by name, then by content."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llamasync.core.diagnostic import Severity
from llamasync.core.reference import Reference
from llamasync.core.staging import staged_key
from llamasync.plan.model import Plan
from llamasync.workspace.desired import Lifecycle
from tests.plan.pieces import bound, codes, directory, file, group, live, make_plan, sha256

CONTRACTS = directory("contracts")
LIVE_CONTRACTS = live(CONTRACTS, "dir-1")
HOLD = (bound(CONTRACTS, LIVE_CONTRACTS),)


def told(plan: Plan) -> dict[str, tuple[str, str | None]]:
    """Return {address: (action, live id)}."""
    return {str(change.address): (change.action.value, change.id) for change in plan.changes}


def test_remembered_id_wins_over_the_name() -> None:
    renamed = live(CONTRACTS, "dir-1", fields={"name": "renamed by them"})
    namesake = live(CONTRACTS, "dir-2")
    plan = make_plan([CONTRACTS], [renamed, namesake], HOLD)
    assert told(plan) == {"Directory/contracts": ("update", "dir-1")}


def test_object_that_became_the_services_is_not_ours_any_more() -> None:
    taken = live(CONTRACTS, "dir-1", foreign="filled by a connector")
    plan = make_plan([CONTRACTS], [taken], HOLD)
    assert told(plan) == {"Directory/contracts": ("create", None)}
    assert plan.changes[0].reason == "it was deleted in the service"


def test_lost_object_is_found_again_by_its_name() -> None:
    plan = make_plan([CONTRACTS], [live(CONTRACTS, "dir-2")], HOLD)
    assert told(plan) == {"Directory/contracts": ("adopt", "dir-2")}
    assert plan.changes[0].binding is None, "what was applied to another object tells nothing of this one"


def test_object_is_found_by_a_previous_name_but_the_present_one_goes_first() -> None:
    wanted = directory("agreements", previous_keys=(("contracts",),))
    assert told(make_plan([wanted], [LIVE_CONTRACTS])) == {"Directory/agreements": ("adopt", "dir-1")}
    both = [LIVE_CONTRACTS, live(directory("agreements"), "dir-2")]
    assert told(make_plan([wanted], both)) == {"Directory/agreements": ("adopt", "dir-2")}


def test_object_goes_to_whom_it_is_named_after_and_not_to_one_that_had_its_name_before() -> None:
    other = directory("agreements", previous_keys=(("contracts",),))
    plan = make_plan([other, CONTRACTS], [LIVE_CONTRACTS])
    assert told(plan) == {"Directory/agreements": ("create", None), "Directory/contracts": ("adopt", "dir-1")}


def test_object_that_another_address_stands_for_is_not_taken_by_its_name() -> None:
    other = directory("other", fields={"name": "contracts"})
    plan = make_plan([CONTRACTS, other], [LIVE_CONTRACTS], [bound(other, LIVE_CONTRACTS)])
    assert told(plan) == {"Directory/contracts": ("create", None)}


def test_object_of_a_removed_address_is_taken_over_by_its_name_under_a_new_one() -> None:
    old = directory("old", fields={"name": "contracts"})
    plan = make_plan([CONTRACTS], [LIVE_CONTRACTS], [bound(old, LIVE_CONTRACTS)])
    assert told(plan) == {"Directory/contracts": ("adopt", "dir-1")}
    assert plan.changes[0].reason == "was Directory/old"
    assert str(plan.changes[0].renamed_from) == "Directory/old"


def test_the_oldest_of_several_with_one_name_is_a_problem_for_a_person() -> None:
    twins = [replace(live(CONTRACTS, f"dir-{n}"), created_at=f"2026-01-0{n}") for n in (3, 1, 2)]
    plan = make_plan([CONTRACTS], twins)
    assert told(plan) == {"Directory/contracts": ("adopt", "dir-1")}
    assert [(one.code, one.severity, one.hint) for one in plan.problems] == [
        ("LS301", Severity.ERROR, "llamasync adopt Directory/contracts dir-1")
    ]


def test_files_with_one_name_are_told_apart_by_their_bytes() -> None:
    paper = file("File/paper", "mine")
    twins = [
        replace(live(file("File/paper", text), f"f-{n}", parent="dir-1"), created_at=f"2026-01-0{n}")
        for n, text in enumerate(("theirs", "mine", "mine"), 1)
    ]
    plan = make_plan([CONTRACTS, paper], [LIVE_CONTRACTS, *twins], HOLD)
    assert told(plan) == {"File/paper": ("adopt", "f-2")}
    assert [(one.code, one.severity) for one in plan.problems] == [("LS301", Severity.WARNING)]
    assert plan.problems[0].detail.endswith("f-1, f-2, f-3; f-2 is taken, the others are left alone")


def test_the_oldest_is_taken_when_no_bytes_are_right() -> None:
    twins = [live(file("File/paper", text), f"f-{text}", parent="dir-1") for text in ("b", "a")]
    plan = make_plan([CONTRACTS, file("File/paper", "mine")], [LIVE_CONTRACTS, *twins], HOLD)
    assert told(plan) == {"File/paper": ("replace", "f-a")}


def _renamed(*names: str, text: str = "one", life: Lifecycle | None = None, sha: str | None = None) -> Plan:
    """Plan the files `names` in place of the applied `old/a.md`, all with the same bytes."""
    old = file("FileSet/a[old/a.md]", "one", lifecycle=life or Lifecycle())
    was = live(old, "f-1", parent="dir-1")
    if sha is not None:
        was = replace(was, sha256=sha)
    new = [file(f"FileSet/a[{name}]", text) for name in names]
    return make_plan([CONTRACTS, *new], [LIVE_CONTRACTS, was], [*HOLD, bound(old, was)], groups=(group("a"),))


def test_file_under_a_new_path_with_the_same_bytes_is_a_move() -> None:
    plan = _renamed("new/a.md")
    assert told(plan) == {"FileSet/a[new/a.md]": ("move", "f-1")}
    assert plan.changes[0].estimate.bytes == 0
    assert plan.changes[0].reason == "was FileSet/a[old/a.md]"


def test_only_one_of_several_new_paths_is_the_moved_one() -> None:
    assert told(_renamed("new/a.md", "new/b.md")) == {
        "FileSet/a[new/a.md]": ("move", "f-1"),
        "FileSet/a[new/b.md]": ("create", None),
    }


@pytest.mark.parametrize(
    "plan",
    [
        _renamed("new/a.md", text="two"),
        _renamed("new/a.md", life=Lifecycle(on_remove="forget")),
        _renamed("new/a.md", sha=""),
    ],
    ids=["other bytes", "onRemove: forget", "bytes unknown"],
)
def test_file_under_a_new_path_is_a_new_file_when(plan: Plan) -> None:
    assert told(plan)["FileSet/a[new/a.md]"] == ("create", None)


def test_of_several_old_files_with_the_bytes_the_one_with_the_same_last_name_is_moved() -> None:
    old = [file(f"FileSet/a[old/{name}.md]") for name in "ab"]
    was = [live(one, f"f-{n}", parent="dir-1") for n, one in enumerate(old)]
    plan = make_plan(
        [CONTRACTS, file("FileSet/a[new/b.md]")],
        [LIVE_CONTRACTS, *was],
        [*HOLD, *(bound(one, what) for one, what in zip(old, was, strict=True))],
        groups=(group("a"),),
    )
    assert told(plan) == {"FileSet/a[new/b.md]": ("move", "f-1"), "FileSet/a[old/a.md]": ("delete", "f-0")}


def test_gone_file_of_another_live_type_or_that_is_deleted_is_not_moved() -> None:
    old = file("FileSet/a[old/a.md]")
    plan = make_plan(
        [CONTRACTS, file("FileSet/a[new/a.md]")],
        [LIVE_CONTRACTS],
        [*HOLD, bound(old, live(old, "f-1", parent="dir-1"))],
    )
    assert told(plan) == {"FileSet/a[new/a.md]": ("create", None), "FileSet/a[old/a.md]": ("forget", None)}


def _staged(text: str, identity: str = "f-9") -> object:
    return replace(
        live(file("File/paper", text), identity, parent="dir-1"),
        key=(staged_key("paper", sha256(text)),),
    )


def test_staged_bytes_are_used_and_are_no_stranger() -> None:
    was = live(file("File/paper", "one"), "f-1", parent="dir-1")
    there = [LIVE_CONTRACTS, was, _staged("two")]
    plan = make_plan([CONTRACTS, file("File/paper", "two")], there, [*HOLD, bound(file("File/paper", "one"), was)])
    assert told(plan) == {"File/paper": ("replace", "f-1")}
    assert plan.changes[0].staged is not None
    assert plan.changes[0].staged.id == "f-9"
    assert plan.changes[0].estimate.bytes == 0
    assert plan.unmanaged == ()


def test_staged_bytes_of_other_content_are_not_used() -> None:
    plan = make_plan([CONTRACTS, file("File/paper", "two")], [LIVE_CONTRACTS, _staged("three")], HOLD)
    assert told(plan) == {"File/paper": ("create", None)}
    assert plan.changes[0].staged is None


def test_staged_bytes_are_not_looked_at_when_the_file_is_right_already() -> None:
    right = live(file("File/paper", "two"), "f-1", parent="dir-1")
    there = [LIVE_CONTRACTS, right, _staged("two")]
    plan = make_plan([CONTRACTS, file("File/paper", "two")], there, [*HOLD, bound(file("File/paper", "two"), right)])
    assert plan.is_empty
    assert [one.id for one in plan.unmanaged] == ["f-9"]


THEIRS = live(directory("theirs"), "dir-8")
FOREIGN = live(directory("service"), "dir-9", foreign="of type index, made by the service")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        (Reference("Directory", id="dir-8"), []),
        (Reference("Directory", name="theirs"), []),
        (Reference("Directory", id="dir-0"), [("LS308", "the project holds no Directory with the id dir-0")]),
        (Reference("Directory", id="dir-9"), [("LS314", "dir-9 is of type index, made by the service")]),
        (Reference("Directory", name="nobody"), [("LS309", "the project holds no Directory named 'nobody'")]),
        (Reference("Directory", name="service"), [("LS309", "the project holds no Directory named 'service'")]),
        (Reference("Directory", name="twin"), [("LS301", "the project holds 2 Directory named 'twin'")]),
    ],
)
def test_reference_to_what_others_manage_must_lead_to_exactly_one_object(
    reference: Reference, found: list[tuple[str, str]]
) -> None:
    there = [THEIRS, FOREIGN, live(directory("twin"), "dir-6"), live(directory("twin"), "dir-7")]
    plan = make_plan([file("FileSet/a[1.md]", parent=reference)], there, groups=(group("a", parent=reference),))
    assert [(problem.code, problem.detail) for problem in plan.problems] == found
    if not found:
        assert plan.changes[0].parent == "dir-8"


def test_reference_of_a_field_is_checked_and_resolved_too() -> None:
    linked = directory("linked", fields={"description": Reference("Directory", name="theirs")})
    plan = make_plan([linked], [THEIRS])
    assert plan.changes[0].send["description"] == "dir-8"
    assert codes(make_plan([linked], [])) == ["LS309"]


def test_empty_group_with_a_wrong_reference_is_reported() -> None:
    plan = make_plan([], groups=(group("a", parent=Reference("Directory", name="nobody")),))
    assert [(problem.code, str(problem.address)) for problem in plan.problems] == [("LS309", "FileSet/a")]


@pytest.mark.parametrize(
    ("taker", "protects", "action"),
    [("FileSet/a[2.md]", None, "move"), ("File/other", None, "create"), ("File/other", True, "move")],
)
def test_protected_file_is_moved_by_its_content_only_where_it_stays_protected(
    taker: str, protects: bool | None, action: str
) -> None:
    paper = file("FileSet/a[1.md]", lifecycle=Lifecycle(protect=True))
    was = live(paper, "f-1", parent="dir-1")
    wanted = file(taker, lifecycle=Lifecycle(protect=protects))
    remembered = replace(bound(paper, was), protect=True)
    plan = make_plan([CONTRACTS, wanted], [LIVE_CONTRACTS, was], [*HOLD, remembered])
    assert told(plan)[taker][0] == action
    assert [one.code for one in plan.problems] == ([] if action == "move" else ["LS305"])


@pytest.mark.parametrize("text", ["two", "three"])
def test_file_of_ours_that_is_called_like_staged_content_is_not_taken_for_it(text: str) -> None:
    was, now = (file("File/a", content, unique_id="a.md") for content in ("one", "two"))
    other = file("File/b", text, unique_id=staged_key("a.md", sha256("two")))
    there = [LIVE_CONTRACTS, live(was, "f-1", parent="dir-1"), live(other, "f-2", parent="dir-1")]
    held = [*HOLD, bound(was, there[1]), bound(other, there[2])]
    plan = make_plan([CONTRACTS, now, other], there, held)
    assert told(plan) == {"File/a": ("replace", "f-1")}
    assert plan.changes[0].staged is None
    assert [(one.code, one.severity) for one in plan.problems] == [("LS301", Severity.ERROR)]


def test_half_of_a_replacement_whose_old_half_is_gone_keeps_what_others_had_set() -> None:
    lifecycle = Lifecycle(ignore_changes=("spec.displayName",))
    was, now = (
        file("File/a", text, unique_id="a.md", fields={"metadata": {"team": "x"}}, lifecycle=lifecycle)
        for text in ("one", "two")
    )
    name = staged_key("a.md", sha256("two"))
    fields = {"unique_id": name, "display_name": "Theirs", "metadata": {"team": "x", "theirs": 1}}
    half = live(now, "f-2", parent="dir-1", fields=fields)
    gone = live(was, "f-1", parent="dir-1")
    plan = make_plan([CONTRACTS, now], [LIVE_CONTRACTS, half], [*HOLD, bound(was, gone)])
    (change,) = plan.changes
    assert (change.action, change.staged) == ("create", half)
    assert change.reason == "an interrupted run left its content half-way; it is finished without uploading again"
    assert change.send == {"unique_id": "a.md", "display_name": "Theirs", "metadata": {"team": "x", "theirs": 1}}

"""What differs, and whose change it was, for each kind of field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.facts import Collection, FieldFact, Kind, ReferenceFact
from llamasync.live.model import LiveObject
from llamasync.plan.compare import Comparison, compare
from llamasync.plan.model import Drift, FieldChange
from llamasync.state.model import Binding
from llamasync.workspace.desired import Content, Desired, Lifecycle

THING = Address("Thing", "one")
MANIFEST, SERVICE, BOTH = Drift.MANIFEST, Drift.SERVICE, Drift.BOTH


def _compare(
    fact: FieldFact,
    wanted: Any,
    shown: Any,
    last: Any = None,
    *,
    observed: Any = None,
    named: bool = True,
    ignored: tuple[str, ...] = (),
) -> Comparison:
    """Compare one object of one field; `last` None is an object that was never applied."""
    kind = Kind(
        name="Thing",
        summary="",
        spec=object,
        collection=Collection(name="things", path="/things", key={"name": "name"}),
        fields=(fact,),
    )
    desired = Desired(
        address=THING,
        kind="Thing",
        fields={fact.name: wanted} if named else {},
        key=("one",),
        source=Source("a.yaml"),
        lifecycle=Lifecycle(ignore_changes=ignored),
    )
    live = LiveObject(collection="things", id="t-1", key=("one",), fields={fact.name: shown})
    binding = None
    if last is not None:
        binding = Binding(
            address=THING,
            collection="things",
            id="t-1",
            key=("one",),
            fields={fact.name: last},
            observed={} if observed is None else {fact.name: observed},
        )
    return compare(desired, live, binding, kind, "", lambda reference: reference)


PLAIN = FieldFact(name="f", spec="spec.f")
IMMUTABLE = FieldFact(name="f", spec="spec.f", immutable=True)
UNORDERED = FieldFact(name="f", spec="spec.f", unordered=True)
EMPTY_IS_NULL = FieldFact(name="f", spec="spec.f", empty_is_null=True, clear_with="")
OWNED = FieldFact(name="f", spec="spec.f", owned_keys=True, clear_with={})
FILLED = FieldFact(name="f", spec="spec.f", server_fills=True, clear_with={})


@pytest.mark.parametrize("fact", [PLAIN, IMMUTABLE, EMPTY_IS_NULL], ids=["plain", "immutable", "empty is null"])
@pytest.mark.parametrize(
    ("last", "shown", "wanted", "drift"),
    [
        ("a", "a", "b", MANIFEST),
        ("b", "a", "b", SERVICE),
        ("x", "a", "b", BOTH),
        (None, "a", "b", MANIFEST),
    ],
)
def test_change_of_a_plain_value_is_told_by_what_was_applied_last(
    fact: FieldFact, last: Any, shown: Any, wanted: Any, drift: Drift
) -> None:
    found = _compare(fact, wanted, shown, last)
    assert found.fields == (
        FieldChange(path="spec.f", before=shown, after=wanted, forces_replace=fact.immutable, drift=drift),
    )
    assert found.send == {"f": wanted}
    assert found.immutable is fact.immutable
    assert not found.content
    assert not found.moved


@pytest.mark.parametrize(
    ("last", "shown", "wanted", "drift"),
    [
        ({"k": 1}, {"k": 1}, {"k": 2}, MANIFEST),
        ({"k": 2}, {"k": 1}, {"k": 2}, SERVICE),
        ({"k": 3}, {"k": 1}, {"k": 2}, BOTH),
        ({"k": 2}, {}, {"k": 2}, SERVICE),
        ({}, {"k": 1}, {"k": 2}, MANIFEST),
    ],
)
@pytest.mark.parametrize("fact", [OWNED, FILLED], ids=["owned keys", "server fills"])
def test_change_inside_of_a_map_is_told_key_by_key(
    fact: FieldFact, last: Any, shown: Any, wanted: Any, drift: Drift
) -> None:
    found = _compare(fact, wanted, shown, last, observed=last)
    assert found.fields == (FieldChange(path="spec.f.k", before=shown.get("k"), after=2, drift=drift),)
    assert found.send == {"f": wanted}


@pytest.mark.parametrize(
    ("fact", "shown", "wanted"),
    [
        (PLAIN, "a", "a"),
        (UNORDERED, ["b", "a"], ["a", "b"]),
        (EMPTY_IS_NULL, None, ""),
        (EMPTY_IS_NULL, "", None),
        (OWNED, {"k": 1, "theirs": 2}, {"k": 1}),
        (OWNED, None, {}),
        (FILLED, {"k": 1, "default": 2}, {"k": 1}),
        (FILLED, {"k": 1, "empty": None}, {"k": 1, "other": None}),
    ],
)
def test_values_that_mean_the_same_are_no_change(fact: FieldFact, shown: Any, wanted: Any) -> None:
    for last in (None, wanted):
        found = _compare(fact, wanted, shown, last)
        assert found.fields == ()
        assert found.send == {}


@pytest.mark.parametrize(("shown", "wanted"), [(["a", "a"], ["a"]), (["a"], ["b"]), ("a", ["a"])])
def test_unordered_list_counts_what_it_holds(shown: Any, wanted: Any) -> None:
    assert _compare(UNORDERED, wanted, shown).send == {"f": wanted}


def test_ordered_list_in_another_order_is_a_change() -> None:
    assert _compare(PLAIN, ["a", "b"], ["b", "a"]).send == {"f": ["a", "b"]}


@pytest.mark.parametrize(
    ("fact", "last", "shown", "changes", "sent"),
    [
        (PLAIN, "a", "a", True, None),
        (EMPTY_IS_NULL, "a", "a", True, ""),
        (EMPTY_IS_NULL, "a", None, False, None),
        (EMPTY_IS_NULL, "", "theirs", False, None),
        (OWNED, {"k": 1}, {"k": 1}, True, {}),
        (PLAIN, None, "theirs", False, None),
    ],
)
def test_field_removed_from_the_manifest_is_cleared_if_it_was_ours(
    fact: FieldFact, last: Any, shown: Any, changes: bool, sent: Any
) -> None:
    found = _compare(fact, None, shown, last, named=False)
    assert bool(found.fields) is changes
    assert found.send == ({"f": sent} if changes else {})


def test_removed_field_that_the_service_changed_too_is_told_as_both() -> None:
    assert _compare(PLAIN, None, "theirs", "ours", named=False).fields[0].drift is BOTH


def test_keys_of_others_are_kept_and_removed_keys_of_ours_go() -> None:
    found = _compare(OWNED, {"a": 1}, {"a": 2, "old": 3, "theirs": 4}, {"a": 2, "old": 3})
    assert [(change.path, change.before, change.after) for change in found.fields] == [
        ("spec.f.a", 2, 1),
        ("spec.f.old", 3, None),
    ]
    assert found.send == {"f": {"a": 1, "theirs": 4}}


def test_removed_key_that_is_gone_already_is_no_change() -> None:
    assert _compare(OWNED, {"a": 1}, {"a": 1}, {"a": 1, "old": 3}).fields == ()


def test_default_that_the_service_changes_later_is_drift() -> None:
    quiet = _compare(FILLED, {"k": 1}, {"k": 1, "d": "v1"}, {"k": 1}, observed={"k": 1, "d": "v1"})
    drifted = _compare(FILLED, {"k": 1}, {"k": 1, "d": "v2"}, {"k": 1}, observed={"k": 1, "d": "v1"})
    assert quiet.fields == ()
    assert [(change.path, change.before, change.after) for change in drifted.fields] == [("spec.f.d", "v2", None)]
    assert drifted.send == {"f": {"k": 1}}


def test_deep_changes_are_told_leaf_by_leaf_with_their_own_author() -> None:
    found = _compare(
        FILLED,
        {"list": [{"a": 1, "b": 5}], "deep": {"x": 1}},
        {"list": [{"a": 2, "b": 3}], "deep": {"x": 1, "filled": 0}},
        {"list": [{"a": 1, "b": 4}], "deep": {"x": 1}},
    )
    assert [(change.path, change.drift) for change in found.fields] == [
        ("spec.f.list[0].a", SERVICE),
        ("spec.f.list[0].b", BOTH),
    ]


@pytest.mark.parametrize("key", ["a.b", "a[0]", "l[x]", "l", ".", "[", ""])
def test_author_of_a_leaf_is_known_whatever_its_key_is_called(key: str) -> None:
    ours, theirs = {"deep": {"l": [1], key: {"type": "number"}}}, {"deep": {"l": [1], key: {"type": "string"}}}
    (found,) = _compare(FILLED, ours, theirs, ours).fields
    assert (found.path, found.drift) == (f"spec.f.deep.{key}.type", SERVICE)


def test_null_that_was_applied_is_absence_when_it_is_asked_whose_change_it_was() -> None:
    found = _compare(FILLED, {"kept": 1}, {"kept": 1, "gone": {"a": 1}}, {"kept": 1, "gone": {"a": 1, "none": None}})
    assert [(change.path, change.drift) for change in found.fields] == [("spec.f.gone", MANIFEST)]


def test_leaf_that_was_not_there_last_time_is_the_manifests() -> None:
    found = _compare(FILLED, {"list": [1, 2]}, {"list": [1]}, {"list": "text"})
    assert [(change.path, change.before, change.after, change.drift) for change in found.fields] == [
        ("spec.f.list[1]", None, 2, MANIFEST)
    ]


def test_ignored_field_is_no_change() -> None:
    assert _compare(PLAIN, "a", "b", ignored=("spec.f",)).send == {}
    assert _compare(PLAIN, "a", "b", ignored=("spec.other",)).send == {"f": "a"}


def test_ignored_path_is_no_prefix_of_another_name() -> None:
    assert _compare(OWNED, {"state": 1, "states": 2}, {}, ignored=("spec.f.state",)).send == {"f": {"states": 2}}


@pytest.mark.parametrize(
    ("fact", "shown", "wanted", "ignored", "sent"),
    [
        (OWNED, {"a": 1, "b": 1}, {"a": 2, "b": 2}, "spec.f.b", {"a": 2, "b": 1}),
        (OWNED, {"a": 1}, {"a": 2, "b": 2}, "spec.f.b", {"a": 2}),
        (OWNED, {"a": 1, "b.c": 1, "b": 0}, {"a": 2, "b": 0, "b.c": 2}, "spec.f.b.c", {"a": 2, "b": 0, "b.c": 1}),
        (FILLED, {"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 2}}, "spec.f.a.x", {"a": {"x": 1, "y": 2}}),
        (FILLED, {"a": {"y": 1}}, {"a": {"x": 2, "y": 2}}, "spec.f.a.x", {"a": {"y": 2}}),
        (FILLED, {"a": [{"x": 1, "y": 1}]}, {"a": [{"x": 2, "y": 2}]}, "spec.f.a[0].x", {"a": [{"x": 1, "y": 2}]}),
        (FILLED, {"a": [1], "b": 1}, {"a": [2, 3], "b": 2}, "spec.f.a", {"a": [1], "b": 2}),
        (FILLED, {"b": 1}, {"a": [2, 3], "b": 2}, "spec.f.a", {"b": 2}),
    ],
)
def test_ignored_part_of_a_map_is_sent_as_the_service_has_it(
    fact: FieldFact, shown: Any, wanted: Any, ignored: str, sent: Any
) -> None:
    assert _compare(fact, wanted, shown, ignored=(ignored,)).send == {"f": sent}


def _with_parts(*, key: str = "one", parent: str = "p-1", sha: str = "aa", remembered: str = "aa") -> Comparison:
    """Compare an object with bytes and a place: wanted under `one` in `p-1` with the bytes `aa`."""
    kind = Kind(
        name="Thing",
        summary="",
        spec=object,
        collection=Collection(
            name="things", path="/{parent}/things", key={"name": "name"}, parent="holders", move_keys=("parent_id",)
        ),
        fields=(FieldFact(name="name", spec="spec.name"), FieldFact(name="other", spec="spec.other")),
        references=(ReferenceFact(field="holder", kind="Holder", parent=True),),
    )
    desired = Desired(
        address=THING,
        kind="Thing",
        fields={"name": "one", "other": Reference("Thing", id="t-2")},
        key=("one",),
        source=Source("a.yaml"),
        content=Content("aa", 1, "one"),
    )
    live = LiveObject(
        collection="things",
        id="t-1",
        key=(key,),
        fields={"name": key, "other": "t-2"},
        parent_id=parent,
        sha256=sha,
    )
    binding = Binding(
        address=THING, collection="things", id="t-1", key=("one",), parent_id="p-1", sha256=remembered,
        fields={"name": "one", "other": "t-2"},
    )  # fmt: skip
    return compare(desired, live, binding, kind, "p-1", lambda reference: reference.id)


def test_object_that_is_all_right_has_no_changes_and_its_references_are_resolved() -> None:
    found = _with_parts()
    assert found == replace(found, fields=(), send={}, content=False, moved=False, immutable=False)


def test_another_name_or_parent_is_a_move_whose_author_is_known() -> None:
    renamed, moved = _with_parts(key="two"), _with_parts(parent="p-2")
    assert (renamed.moved, renamed.send) == (True, {"name": "one"})
    assert (moved.moved, moved.send) == (True, {})
    assert moved.fields == (FieldChange(path="spec.holder", before="p-2", after="p-1", drift=SERVICE),)


@pytest.mark.parametrize(
    ("live", "last", "drift"), [("bb", "bb", MANIFEST), ("bb", "aa", SERVICE), ("bb", "cc", BOTH), ("", "aa", SERVICE)]
)
def test_other_bytes_are_a_change_of_content_with_an_author(live: str, last: str, drift: Drift) -> None:
    found = _with_parts(sha=live, remembered=last)
    assert found.content
    assert found.fields == (FieldChange(path="content", before=live or None, after="aa", drift=drift),)

"""When two values mean the same, and what of a live value counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.plan.values import leaf_changes, ours, with_shown, without_nulls

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(("", "a", "b.c")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "c.d")), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("live", "desired", "last", "observed", "kept"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, None, None, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2}, None, {"a": 1, "b": 2}),
        ({"a": 1, "b": None}, {"a": 1}, {"a": 1, "b": 2}, None, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1}, {"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1, "b": 3}, {"a": 1}, {"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 3}),
        ({"a": 1, "b": 3}, {"a": 1}, {"a": 1}, {"a": 1}, {"a": 1, "b": 3}),
        ([{"a": 1, "b": 2}], [{"a": 1}], None, None, [{"a": 1}]),
        ([{"a": 1, "b": 2}], [{"a": 1}], [{"b": 5}], None, [{"a": 1, "b": 2}]),
        ([{"a": 1, "b": 2}], [{"a": 1}], [], [{"b": 3}], [{"a": 1, "b": 2}]),
        ([{"a": 1, "b": 2}], [{"a": 1}, {}], None, None, [{"a": 1, "b": 2}]),
        ("text", {"a": 1}, None, None, "text"),
    ],
)
def test_of_a_live_value_counts_what_is_named_was_named_or_has_changed(
    live: Any, desired: Any, last: Any, observed: Any, kept: Any
) -> None:
    assert ours(live, desired, last, observed) == kept


@given(value=JSON)
def test_a_value_has_no_leaf_changes_to_itself_and_is_all_ours(value: Any) -> None:
    assert ours(value, value, None, None) == value
    if isinstance(value, dict | list):
        assert leaf_changes(value, value, value, "spec") == []


@given(before=st.dictionaries(st.sampled_from("abc"), JSON), after=st.dictionaries(st.sampled_from("abc"), JSON))
def test_taking_every_difference_from_the_other_value_makes_it_the_other(before: Any, after: Any) -> None:
    value = before
    for path, _, _, _ in leaf_changes(before, after, None, ""):
        value = with_shown(value, after, path)
    assert without_nulls(value) == without_nulls(after)


def test_second_difference_in_a_list_that_was_taken_whole_changes_nothing_more() -> None:
    value, shown = {"c": [{"a": 1, "b": 2}, 3]}, {"c": [{}]}
    assert [path for path, _, _, _ in leaf_changes(value, shown, None, "")] == [".c[0].a", ".c[0].b", ".c[1]"]
    for path in (".c[0].a", ".c[0].b", ".c[1]"):
        value = with_shown(value, shown, path)
    assert value == shown


def test_nulls_go_at_every_depth_but_not_out_of_lists() -> None:
    assert without_nulls({"a": [None, {"b": None}], "c": ()}) == {"a": [None, {}], "c": []}


def test_values_of_different_shape_change_as_a_whole() -> None:
    assert leaf_changes("a", {"b": 1}, "c", "spec.f") == [("spec.f", "a", {"b": 1}, "c")]
    assert leaf_changes({"b": {"c": 1}}, {"b": [1]}, {"b": 2}, "spec.f") == [("spec.f.b", {"c": 1}, [1], 2)]


def test_leaves_are_told_in_order_of_their_paths() -> None:
    found = leaf_changes({"b": 1, "l": [1, 2]}, {"a": 2, "l": [1, 3, 4]}, {"b": 7, "l": [0, 9]}, "f")
    assert found == [("f.a", None, 2, None), ("f.b", 1, None, 7), ("f.l[1]", 2, 3, 9), ("f.l[2]", None, 4, None)]

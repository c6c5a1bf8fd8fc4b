"""Fields that the service never shows, or masks: what is known of them is what was applied last."""

from __future__ import annotations

from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.secret import Secret, sealed
from llamasync.kinds.facts import FieldFact
from llamasync.live.model import LiveObject
from llamasync.plan.hidden import compare_hidden
from llamasync.plan.model import Drift, FieldChange
from llamasync.state.model import Binding

KEY = b"key"
UNSEEN = FieldFact(name="f", spec="spec.f", write_only=True, clear_with=0)
SECRET = FieldFact(
    name="f", spec="spec.f", write_only=True, secret=True, shown_by="has", empty_is_null=True, clear_with=""
)
NOTHING = object()


def _compare(
    fact: FieldFact, wanted: Any, last: Any = NOTHING, *, has: bool | None = None
) -> tuple[list[FieldChange], Any]:
    """Compare; `wanted` NOTHING is a field that is not named, `last` NOTHING an object that was never applied."""
    live = LiveObject(collection="things", id="t-1", key=("one",), fields={} if has is None else {"has": has})
    binding = None
    if last is not NOTHING:
        fields = {"f": sealed(last, KEY)}
        binding = Binding(address=Address("T", "one"), collection="things", id="t-1", key=("one",), fields=fields)
    return compare_hidden(fact, wanted is not NOTHING, None if wanted is NOTHING else wanted, live, binding, KEY)


def test_unseen_field_is_compared_with_what_was_applied_last() -> None:
    assert _compare(UNSEEN, 1, 1) == ([], None)
    assert _compare(UNSEEN, 2, 1) == ([FieldChange(path="spec.f", before=1, after=2)], 2)
    assert _compare(UNSEEN, NOTHING, 1) == ([FieldChange(path="spec.f", before=1, after=0)], 0)


def test_unseen_field_of_which_nothing_is_known_is_sent() -> None:
    assert _compare(UNSEEN, 1) == ([FieldChange(path="spec.f", before=None, after=1)], 1)
    assert _compare(UNSEEN, NOTHING) == ([], None)


@pytest.mark.parametrize(
    ("wanted", "last", "has", "expected"),
    [
        (Secret("a"), Secret("a"), True, None),
        (Secret("a"), Secret("a"), None, None),
        (Secret("a"), Secret("a"), False, (None, "(secret)", Drift.SERVICE)),
        (Secret("b"), Secret("a"), True, ("(secret)", "(secret)", Drift.MANIFEST)),
        (Secret("b"), Secret("a"), False, (None, "(secret)", Drift.BOTH)),
        (Secret("b"), None, False, (None, "(secret)", Drift.MANIFEST)),
        (Secret("b"), None, True, ("(secret)", "(secret)", Drift.MANIFEST)),
        (Secret("a"), NOTHING, True, ("(secret)", "(secret)", Drift.UNKNOWN)),
        (Secret("a"), NOTHING, False, (None, "(secret)", Drift.MANIFEST)),
        (NOTHING, Secret("a"), True, ("(secret)", "None", Drift.MANIFEST)),
        (NOTHING, Secret("a"), False, None),
        (NOTHING, None, True, None),
        (NOTHING, NOTHING, True, None),
    ],
)
def test_secret_differs_when_it_is_another_or_gone(wanted: Any, last: Any, has: bool | None, expected: Any) -> None:
    changes, _ = _compare(SECRET, wanted, last, has=has)
    found = [(one.before and str(one.before), str(one.after), one.drift) for one in changes]
    assert found == ([] if expected is None else [expected])

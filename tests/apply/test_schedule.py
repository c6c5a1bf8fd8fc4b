"""What may start when, what goes first, and what a failure keeps from starting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llamasync.apply.schedule import Schedule
from llamasync.core.address import Address, parse_address
from llamasync.plan.model import Action, Change


def _address(text: str) -> Address:
    found = parse_address(text)
    assert found is not None, text
    return found


def _schedule(needs: dict[str, list[str]]) -> Schedule:
    return Schedule(
        Change(
            address=_address(one),
            kind="Thing",
            collection="things",
            action=Action.CREATE,
            reason="",
            needs=tuple(map(_address, wanted)),
        )
        for one, wanted in needs.items()
    )


def _take(schedule: Schedule) -> list[str]:
    """Take all that may start now."""
    taken = []
    while (change := schedule.take()) is not None:
        taken.append(str(change.address))
    return taken


def test_what_needs_nothing_starts_at_once_the_deepest_first() -> None:
    schedule = _schedule({"T/a": [], "T/b": [], "T/c": ["T/b"], "T/d": ["T/c"], "T/e": ["T/a"]})
    assert _take(schedule) == ["T/b", "T/a"]


def test_change_starts_when_the_last_of_its_needs_is_done() -> None:
    schedule = _schedule({"T/a": [], "T/b": [], "T/c": ["T/a", "T/b"]})
    _take(schedule)
    schedule.finish(_address("T/a"))
    assert _take(schedule) == []
    schedule.finish(_address("T/b"))
    assert _take(schedule) == ["T/c"]


def test_need_of_a_manifest_waits_for_all_of_its_items() -> None:
    schedule = _schedule({"T/set[1]": [], "T/set[2]": [], "T/after": ["T/set"]})
    assert _take(schedule) == ["T/set[1]", "T/set[2]"]
    schedule.finish(_address("T/set[1]"))
    assert _take(schedule) == []
    schedule.finish(_address("T/set[2]"))
    assert _take(schedule) == ["T/after"]


def test_need_of_what_is_not_in_the_plan_is_no_need() -> None:
    assert _take(_schedule({"T/a": ["T/unchanged", "T/set"]})) == ["T/a"]


def test_failure_keeps_exactly_its_dependents_from_starting() -> None:
    schedule = _schedule({"T/a": [], "T/b": ["T/a"], "T/c[1]": ["T/b"], "T/d": ["T/c"], "T/e": [], "T/f": ["T/e"]})
    _take(schedule)
    assert list(map(str, schedule.fail(_address("T/a")))) == ["T/b", "T/c[1]", "T/d"]
    schedule.finish(_address("T/e"))
    assert _take(schedule) == ["T/f"]
    assert schedule.rest() == []


def test_what_a_failure_skipped_is_told_once_and_never_starts() -> None:
    schedule = _schedule({"T/a": [], "T/b": [], "T/c": ["T/a", "T/b"]})
    _take(schedule)
    assert list(map(str, schedule.fail(_address("T/a")))) == ["T/c"]
    assert schedule.fail(_address("T/b")) == []
    schedule.finish(_address("T/b"))
    assert _take(schedule) == []


def test_change_that_a_failure_skipped_does_not_start_when_its_other_need_is_done_later() -> None:
    """`c` waits for a set one item of which fails; the other item is done after that."""
    schedule = _schedule({"T/set[1]": [], "T/set[2]": [], "T/c": ["T/set"], "T/d": ["T/set[2]"]})
    _take(schedule)
    assert list(map(str, schedule.fail(_address("T/set[1]")))) == ["T/c"]
    schedule.finish(_address("T/set[2]"))
    assert _take(schedule) == ["T/d"]


def test_rest_is_what_was_not_handed_out_and_nothing_starts_after_it() -> None:
    schedule = _schedule({"T/a": [], "T/b": ["T/a"], "T/c": []})
    first = schedule.take()
    assert first is not None
    assert list(map(str, schedule.rest())) == ["T/b", "T/c"]
    schedule.finish(first.address)
    assert schedule.take() is None


GRAPHS = (
    st.integers(1, 8)
    .flatmap(
        lambda size: st.tuples(*(st.sets(st.integers(0, node - 1)) if node else st.just(set()) for node in range(size)))
    )
    .map(lambda needs: {f"T/{n}": [f"T/{need}" for need in sorted(wanted)] for n, wanted in enumerate(needs)})
)


@given(needs=GRAPHS, fails=st.sets(st.integers(0, 7)), data=st.data())
def test_whatever_fails_each_change_is_done_failed_or_skipped_and_skipped_only_for_a_need(
    needs: dict[str, list[str]], fails: set[int], data: st.DataObject
) -> None:
    schedule = _schedule(needs)
    flying, done, failed, skipped = [], set(), set(), set()
    while True:
        flying += _take(schedule)
        if not flying:
            break
        one = flying.pop(data.draw(st.integers(0, len(flying) - 1)))
        assert set(needs[one]) <= done
        if int(one[2:]) in fails:
            failed.add(one)
            skipped |= set(map(str, schedule.fail(_address(one))))
        else:
            done.add(one)
            schedule.finish(_address(one))
    assert done | failed | skipped == needs.keys()
    assert not done & skipped
    assert not failed & skipped
    for one, wanted in needs.items():
        assert (one in skipped) == bool(set(wanted) & (failed | skipped))

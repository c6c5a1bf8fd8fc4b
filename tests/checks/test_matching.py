"""Patterns: what is searched for here, what in a process of its own, and that none hangs the command."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from llamasync.checks import matching
from llamasync.checks.matching import Patterns, TakesTooLong
from llamasync.checks.model import Outcome
from tests.checks.conftest import Make
from tests.support.checking import TRAVEL

HOSTILE = ("(a+)+$", "a" * 60 + "b")
POLYNOMIAL = (r".*.*.*.*.*.*.*.*=x$", "=" * 20_000)


@pytest.fixture
def patterns() -> Iterator[Patterns]:
    with closing(Patterns()) as patterns:
        yield patterns


@pytest.mark.parametrize(
    ("pattern", "text", "is_there"),
    [
        ("London", TRAVEL, True),
        ("Paris", TRAVEL, False),
        (r"\b1\d+ pounds", TRAVEL, True),
        (r"\A\d+", TRAVEL, False),
        ("(?s)Travel.+class", TRAVEL, True),
        ("a|b", "\udcff b \n", True),
        ("", "", True),
    ],
)
def test_a_pattern_is_found_or_not(patterns: Patterns, pattern: str, text: str, is_there: bool) -> None:
    assert patterns.finds(pattern, text) is is_there


@pytest.mark.parametrize(("pattern", "text"), [HOSTILE, POLYNOMIAL])
def test_a_pattern_that_would_take_for_ever_is_given_up_and_the_next_one_is_searched_for(
    monkeypatch: pytest.MonkeyPatch, pattern: str, text: str
) -> None:
    monkeypatch.setattr(matching, "LIMIT_S", 0.3)
    with closing(Patterns()) as patterns:
        with pytest.raises(TakesTooLong, match=r"was given up after 0\.3 s in a text of "):
            patterns.finds(pattern, text)
        assert patterns.finds("b+", "ab")


def test_a_process_that_died_is_begun_anew(patterns: Patterns) -> None:
    assert patterns.finds("b+", "ab")
    assert patterns._child is not None
    patterns._child.kill()
    patterns._child.wait()
    assert patterns.finds("b+", "ab")


def test_a_process_that_dies_of_every_pattern_is_told(monkeypatch: pytest.MonkeyPatch, patterns: Patterns) -> None:
    monkeypatch.setattr(matching, "_CHILD", "raise MemoryError")
    with pytest.raises(TakesTooLong, match="died twice"):
        patterns.finds("b+", "ab")


def test_many_threads_get_the_answers_to_their_own_questions(patterns: Patterns) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: patterns.finds(f"^{number % 3}+$", str(number % 2)), range(60)))
    assert found == [number % 3 == number % 2 for number in range(60)]


def test_a_check_whose_pattern_takes_too_long_could_not_be_checked_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    monkeypatch.setattr(matching, "LIMIT_S", 0.3)
    world = make()
    hostile: Any = {"read": {"file": "leave.md", "expect": {"matches": r"(\w|\s|.)*(\w|\s|.)*(\w|\s|.)*!$"}}}
    fine: Any = {"read": {"file": "leave.md", "expect": {"matches": r"\d+ days"}}}
    report = world.ask(hostile, fine)
    one, other = (result.verdict for result in report.checks[0].assertions)
    assert (one.outcome, other.outcome) == (Outcome.UNKNOWN, Outcome.OK)
    assert one.problem is not None
    assert one.problem.code == "LS712"

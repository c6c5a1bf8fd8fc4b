from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.api.retry import Attempt, Effect, GiveUp, Patience, Retry, Trouble, Unknown, backoff, decide

PATIENCE = Patience()
OUTCOMES = [Trouble.NOT_SENT, Trouble.LOST, 400, 401, 404, 408, 409, 422, 429, 500, 501, 502, 503, 504]


def decided(effect: Effect, outcome: int | Trouble, number: int = 1, **more: object) -> object:
    return decide(Attempt(effect=effect, number=number, outcome=outcome, **more), PATIENCE, Random(1))  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", [Trouble.LOST, 408, 500, 501, 502, 503, 504])
def test_create_is_not_repeated_when_it_may_have_happened(outcome: int | Trouble) -> None:
    assert decided(Effect.ONCE, outcome) == Unknown()
    assert decided(Effect.ONCE, outcome, retry_after_s=1.0) == Unknown()


@pytest.mark.parametrize("outcome", [Trouble.NOT_SENT, 429])
def test_create_is_repeated_when_it_cannot_have_happened(outcome: int | Trouble) -> None:
    assert isinstance(decided(Effect.ONCE, outcome), Retry)


@pytest.mark.parametrize("outcome", [400, 401, 402, 403, 404, 409, 413, 422])
@pytest.mark.parametrize("effect", list(Effect))
def test_refusal_is_final(effect: Effect, outcome: int) -> None:
    assert decided(effect, outcome) == GiveUp()


@pytest.mark.parametrize("effect", [Effect.READ, Effect.REPEATABLE])
@pytest.mark.parametrize("outcome", [Trouble.NOT_SENT, Trouble.LOST, 408, 429, 500, 502, 503, 504])
def test_what_may_be_repeated_is_repeated(effect: Effect, outcome: int | Trouble) -> None:
    assert isinstance(decided(effect, outcome), Retry)


def test_not_implemented_is_not_repeated() -> None:
    assert decided(Effect.READ, 501) == GiveUp()


def test_wish_of_the_service_is_honoured_to_the_second() -> None:
    assert decided(Effect.READ, 503, retry_after_s=17.0) == Retry(17.0)
    assert decided(Effect.READ, 429, retry_after_s=0.0) == Retry(0.0)


def test_wish_beyond_the_cap_ends_it() -> None:
    assert decided(Effect.READ, 429, retry_after_s=121.0) == GiveUp()
    assert decided(Effect.REPEATABLE, 503, retry_after_s=121.0) == Unknown()


def test_budget_of_time_ends_it() -> None:
    assert decided(Effect.READ, 429, retry_after_s=100.0, elapsed_s=201.0) == GiveUp()
    assert decided(Effect.READ, 429, retry_after_s=100.0, elapsed_s=200.0) == Retry(100.0)


def test_refusals_before_work_are_repeated_twice_as_often() -> None:
    assert isinstance(decided(Effect.READ, 503, 5), Retry)
    assert decided(Effect.READ, 503, 6) == GiveUp()
    assert isinstance(decided(Effect.READ, 429, 11), Retry)
    assert decided(Effect.READ, 429, 12) == GiveUp()


def test_missing_connection_is_noticed_sooner() -> None:
    assert isinstance(decided(Effect.READ, Trouble.NOT_SENT, 3), Retry)
    assert decided(Effect.READ, Trouble.NOT_SENT, 4) == GiveUp()


def test_change_that_never_got_an_answer_is_unknown_in_the_end() -> None:
    assert decided(Effect.REPEATABLE, Trouble.LOST, 6) == Unknown()
    assert decided(Effect.REPEATABLE, 503, 6) == Unknown()
    assert decided(Effect.REPEATABLE, Trouble.NOT_SENT, 4, maybe_done=True) == Unknown()
    assert decided(Effect.REPEATABLE, Trouble.NOT_SENT, 4) == GiveUp()


@pytest.mark.parametrize("outcome", [404, 409, 410])
def test_refusal_that_the_first_attempt_may_have_caused_is_unknown(outcome: int) -> None:
    assert decided(Effect.REPEATABLE, outcome, 2, maybe_done=True) == Unknown()
    assert decided(Effect.REPEATABLE, 422, 2, maybe_done=True) == GiveUp()


@given(st.integers(1, 100), st.integers())
def test_backoff_grows_to_its_ceiling_with_full_jitter(number: int, seed: int) -> None:
    assert 0 <= backoff(number, PATIENCE, Random(seed)) <= min(20.0, 0.5 * 2 ** (number - 1))


@given(
    st.sampled_from(Effect),
    st.sampled_from(OUTCOMES),
    st.integers(1, 20),
    st.none() | st.floats(0, 1000),
    st.floats(0, 1000),
    st.booleans(),
)
def test_create_with_effect_is_never_followed_by_another(
    effect: Effect, outcome: int | Trouble, number: int, wait: float | None, elapsed: float, maybe: bool
) -> None:
    attempt = Attempt(
        effect=effect, number=number, outcome=outcome, retry_after_s=wait, elapsed_s=elapsed, maybe_done=maybe
    )
    decision = decide(attempt, PATIENCE, Random(0))
    if isinstance(decision, Retry):
        assert decision.delay_s >= 0
        assert elapsed + decision.delay_s <= PATIENCE.budget_s
        assert not (effect is Effect.ONCE and attempt.ambiguous)
    if effect is Effect.READ and not maybe:
        assert decision != Unknown()

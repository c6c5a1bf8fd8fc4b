"""Whether to send a call again: a pure decision. A create is special, for it must never take effect twice."""

from __future__ import annotations

from enum import StrEnum
from random import Random

from llamasync.core.lean import lean_dataclass

CONNECT_ATTEMPTS = 4


class Effect(StrEnum):
    """What sending a call twice would do: nothing (a read), the same again (PUT, PATCH, DELETE), or a twin (POST)."""

    READ = "read"
    REPEATABLE = "repeatable"
    ONCE = "once"


class Trouble(StrEnum):
    """Why there is no answer: no connection was made, so nothing was sent; or it was sent and the answer is lost."""

    NOT_SENT = "not sent"
    LOST = "lost"


@lean_dataclass(frozen=True, slots=True)
class Patience:
    """How long to insist. A 429 did no harm, so it is tried twice as often as `max_attempts` says."""

    max_attempts: int = 6
    base_s: float = 0.5
    longest_s: float = 20.0
    longest_retry_after_s: float = 120.0
    budget_s: float = 300.0


@lean_dataclass(frozen=True, slots=True)
class Retry:
    """Send it again after `delay_s` seconds."""

    delay_s: float


@lean_dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not send it again; it certainly had no effect."""


@lean_dataclass(frozen=True, slots=True)
class Unknown:
    """Do not send it again; it may have had its effect."""


Decision = Retry | GiveUp | Unknown


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One failed attempt. `number` counts from 1; `outcome` is a status, or why there is none; `maybe_done` says that
    an earlier attempt of the same call may have had its effect; `elapsed_s` counts from the first attempt."""

    effect: Effect
    number: int
    outcome: int | Trouble
    retry_after_s: float | None = None
    elapsed_s: float = 0.0
    maybe_done: bool = False

    @property
    def ambiguous(self) -> bool:
        """Say whether this attempt may have changed something."""
        lost = self.outcome is Trouble.LOST or (isinstance(self.outcome, int) and _is_lost(self.outcome))
        return lost and self.effect is not Effect.READ


def decide(attempt: Attempt, patience: Patience, random: Random) -> Decision:
    """Decide what follows a failed attempt. Never raises; draws from `random` only for a backoff.

    A create is sent again only where nothing can have happened: no connection was made, or the answer was 429. Anything
    else is sent again on a lost answer, 408, 429 and 5xx (not 501), with exponential backoff and full jitter, or after
    the `Retry-After` of the service.

    >>> decide(Attempt(effect=Effect.ONCE, number=1, outcome=503, retry_after_s=1), Patience(), Random(0))
    Unknown()
    >>> decide(Attempt(effect=Effect.ONCE, number=1, outcome=429, retry_after_s=2), Patience(), Random(0))
    Retry(delay_s=2)
    >>> decide(Attempt(effect=Effect.READ, number=1, outcome=404), Patience(), Random(0))
    GiveUp()
    """
    if attempt.effect is Effect.ONCE and attempt.ambiguous:
        return Unknown()
    # After an attempt that may have worked, "not there" and "conflict" may be its own doing (a moved object).
    after_own_success = attempt.maybe_done and attempt.outcome in (404, 409, 410)
    end = Unknown() if attempt.ambiguous or _still_open(attempt) or after_own_success else GiveUp()
    if not _worth_another(attempt.outcome) or attempt.number >= _most_attempts(attempt.outcome, patience):
        return end
    if attempt.retry_after_s is not None:
        delay_s = attempt.retry_after_s
        if delay_s > patience.longest_retry_after_s:
            return end
    else:
        delay_s = backoff(attempt.number, patience, random)
    return end if attempt.elapsed_s + delay_s > patience.budget_s else Retry(delay_s)


def backoff(number: int, patience: Patience, random: Random) -> float:
    """Return a delay before the attempt after `number`: full jitter below an exponential ceiling, in seconds."""
    return random.uniform(0, min(patience.longest_s, patience.base_s * 2.0 ** (number - 1)))


def _is_lost(status: int) -> bool:
    return status == 408 or status >= 500


def _worth_another(outcome: int | Trouble) -> bool:
    return isinstance(outcome, Trouble) or outcome in (408, 429) or (outcome >= 500 and outcome != 501)


def _still_open(attempt: Attempt) -> bool:
    # Given up for want of an answer to the last attempt, while an earlier one may have worked.
    return attempt.maybe_done and _worth_another(attempt.outcome)


def _most_attempts(outcome: int | Trouble, patience: Patience) -> int:
    if outcome == 429:
        return patience.max_attempts * 2
    return min(CONNECT_ATTEMPTS, patience.max_attempts) if outcome is Trouble.NOT_SENT else patience.max_attempts

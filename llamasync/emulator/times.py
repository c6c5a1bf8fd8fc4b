"""RFC 3339 times in UTC with microseconds: one fixed width, so that text compares as time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def now_utc() -> datetime:
    """Tell the time: the default clock."""
    return datetime.now(UTC)


class MovableClock:
    """A clock that shows what another one does, and later once it was moved. Safe for many threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self._clock() + self._ahead

    def move(self, seconds: float) -> None:
        """Show a later time from now on."""
        self._ahead += timedelta(seconds=seconds)


def format_time(moment: datetime) -> str:
    """Write a time as the service does; a naive one counts as UTC.

    >>> format_time(datetime(2026, 5, 4, 3, 2, 1, 7))
    '2026-05-04T03:02:01.000007Z'
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> str:
    """Normalise an RFC 3339 time to the form of `format_time`. Raises ValueError or OverflowError.

    >>> parse_time("2026-05-04T05:00:00+02:00")
    '2026-05-04T03:00:00.000000Z'
    """
    return format_time(datetime.fromisoformat(text))


def is_time(text: str) -> bool:
    """Tell whether `parse_time` takes the text. Never raises."""
    try:
        parse_time(text)
    except (ValueError, OverflowError):
        return False
    return len(text) > len("2026-05-04")

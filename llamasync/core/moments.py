"""Moments as the service writes them: RFC 3339 texts, which are compared as times and not as texts."""

from __future__ import annotations

from datetime import UTC, datetime

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def moment(text: str) -> datetime:
    """Return the time that `text` names, aware; a time before all others for "" and for what is no time.

    >>> moment("2026-01-01T00:00:00Z") == moment("2026-01-01T01:00:00.000+01:00")
    True
    >>> moment("") < moment("2026-01-01T00:00:00")
    True
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _LONG_AGO
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def latest(*texts: str) -> str:
    """Return the latest of some times as it was written, "" when there is none.

    >>> latest("", "2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z")
    '2026-01-01T00:00:00Z'
    """
    return max(texts, key=moment, default="")

"""Asks an address for its time, for `doctor`: a clock that is off breaks presigned links and certificates."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

_TIMEOUT_S = 10


def clock_skew_s(base_url: str) -> float | None:
    """Return how many seconds our clock is ahead of the service's; None when it does not say. Never raises."""
    try:
        request = Request(f"{base_url}/api/health", method="HEAD")  # noqa: S310 - the endpoint's scheme was checked
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                told = answer.headers.get("Date")
        except HTTPError as refused:
            told = refused.headers.get("Date")
            refused.close()
        moment = parsedate_to_datetime(told) if told else None
    except (OSError, ValueError, HTTPException):
        return None
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (datetime.now(UTC) - moment).total_seconds()

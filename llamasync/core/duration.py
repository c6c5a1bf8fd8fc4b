"""Durations as manifests write them: `30s`, `5m`, `2h`."""

from __future__ import annotations

import re

DURATION_PATTERN = "^[0-9]+(s|m|h)$"

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse_duration(text: str) -> float:
    """Return the seconds that `text` names. Raises ValueError for a text that is not of the pattern.

    >>> parse_duration("30m")
    1800.0
    """
    if re.fullmatch(DURATION_PATTERN, text) is None:
        raise ValueError(f"{text!r} is no duration: write 30s, 5m or 2h")
    return float(int(text[:-1]) * _SECONDS[text[-1]])

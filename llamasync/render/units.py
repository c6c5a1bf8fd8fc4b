"""Numbers for people: bytes, durations, counted nouns."""

from __future__ import annotations

import re

_FRACTION = re.compile(r"(?<=:\d\d)\.\d+")
_UTC = re.compile(r"[+-]00:00$")


def human_bytes(size_bytes: int) -> str:
    """Say a size in decimal units, as the service's own limits are.

    >>> [human_bytes(n) for n in (0, 999, 1500, 41_200_000)]
    ['0 B', '999 B', '1.5 kB', '41.2 MB']
    """
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.95 or unit == "GB":
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")


def human_seconds(seconds: float) -> str:
    """Say a duration.

    >>> [human_seconds(s) for s in (0.04, 3.25, 75, 3700)]
    ['0.0 s', '3.2 s', '1 min 15 s', '1 h 1 min']
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def human_time(text: str) -> str:
    """Say a time of the state or the service in whole seconds; what is none stays as it is.

    >>> human_time("2026-01-02T03:04:05.678901+00:00"), human_time("2026-01-02T03:04:05Z"), human_time("")
    ('2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', '')
    """
    return _UTC.sub("Z", _FRACTION.sub("", text))


def counted(number: int, noun: str, plural: str = "") -> str:
    """Say how many.

    >>> counted(1, "object"), counted(2, "object"), counted(0, "directory", "directories")
    ('1 object', '2 objects', '0 directories')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"

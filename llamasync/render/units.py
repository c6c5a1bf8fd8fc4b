"""Numbers for people: bytes, durations, counted nouns."""

from __future__ import annotations


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


def counted(number: int, noun: str, plural: str = "") -> str:
    """Say how many.

    >>> counted(1, "object"), counted(2, "object"), counted(0, "directory", "directories")
    ('1 object', '2 objects', '0 directories')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"

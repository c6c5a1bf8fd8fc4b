"""One stable diagnostic code and its page."""

from __future__ import annotations

from llamasync.core.lean import lean_dataclass


@lean_dataclass(frozen=True, slots=True)
class Code:
    """What a code means. `summary` is the constant headline (no full stop, lower case); `why` says what would go wrong
    without the check, in a sentence or two; `fix` says what to do. Without `quotes` the place in the file is named, but
    what stands there is not shown."""

    summary: str
    why: str
    fix: str
    quotes: bool = True

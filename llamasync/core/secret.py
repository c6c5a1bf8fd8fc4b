"""Values that must not be shown. Redaction is by type: whatever is a Secret prints as `(secret)`, everywhere."""

from __future__ import annotations

import hashlib
import hmac

REDACTED = "(secret)"


class Secret:
    """A text that no output, state, journal or log may hold; only `reveal` gives it, for the request that needs it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def digest(self, key: bytes) -> str:
        """Return a keyed digest (HMAC-SHA-256, hex), by which a change is noticed without keeping the text."""
        return "hmac-sha256:" + hmac.new(key, self._text.encode(), hashlib.sha256).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be pickled")

"""Values that must not be shown. Redaction is by type: whatever is a Secret prints as `(secret)`, everywhere."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from llamasync.core.nested import holds

REDACTED = "(secret)"


class Secret:
    """A text that no output, state, journal or log may hold; only `reveal` gives it, for the request that needs it.

    `shown` stands for it in outputs: of a URL with a password, say, all but that.
    """

    __slots__ = ("_shown", "_text")

    def __init__(self, text: str, shown: str = REDACTED) -> None:
        self._text = text
        self._shown = shown

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def hidden(self) -> str:
        """Return the part of the text that is not shown.

        >>> Secret("https://me:x@a/", "https://(secret)@a/").hidden()
        'me:x'
        """
        before, found, after = self._shown.partition(REDACTED)
        inside = self._text.removeprefix(before).removesuffix(after)
        return inside if found and f"{before}{inside}{after}" == self._text else self._text

    def digest(self, key: bytes) -> str:
        """Return a keyed digest (HMAC-SHA-256, hex), by which a change is noticed without keeping the text."""
        return "hmac-sha256:" + hmac.new(key, self._text.encode(), hashlib.sha256).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return self._shown

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be pickled")

    # Read by pydantic when schemas are generated, never at run time: a text that is written and never read.

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: Any) -> dict[str, Any]:
        text = {"type": "str", "min_length": 1, "strict": True}
        return {"type": "function-after", "function": {"type": "no-info", "function": cls}, "schema": text}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {**handler(core_schema), "writeOnly": True}


UNKNOWN = Secret("")  # stands for a value that is there and that nobody shows


def sealing_key(lineage: str) -> bytes:
    """Return the key of the digests in the state of this lineage; empty while it has none."""
    return hashlib.sha256(f"llamasync secrets {lineage}".encode()).digest() if lineage else b""


def sealed(value: Any, key: bytes) -> Any:
    """Return `value` with a keyed digest in the place of every Secret, at any depth: what state and fingerprints hold.

    With an empty key there is no digest that others could not make, so what is shown of the Secret stands there.

    >>> sealed({"a": [Secret("x")], "b": 1}, b"")
    {'a': ['(secret)'], 'b': 1}
    """
    return _each(value, lambda secret: secret.digest(key) if key else str(secret))


def plainly(value: Any) -> Any:
    """Return `value` with what is shown of every Secret in its place.

    >>> plainly([Secret("https://me@a/", "https://(secret)@a/")])
    ['https://(secret)@a/']
    """
    return _each(value, str)


def revealed(value: Any) -> Any:
    """Return `value` with the text of every Secret in its place: for a request, and nothing else."""
    return _each(value, Secret.reveal)


def holds_secret(value: Any) -> bool:
    """Say whether a Secret is in `value`, at any depth."""
    return holds(value, Secret)


def _each(value: Any, change: Callable[[Secret], Any]) -> Any:
    if isinstance(value, Secret):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each(item, change) for item in value]
    return value

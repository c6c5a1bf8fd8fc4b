"""Field values of a plan, for programs and for people. Secrets and ids that do not exist yet are said, never shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from llamasync.core.reference import Reference
from llamasync.core.secret import REDACTED, Secret

KNOWN_AFTER_APPLY = "(known after apply)"
_DIGEST = re.compile(r"((hmac-)?sha256:)?[0-9a-f]{64}")
_DIGEST_SHOWN = 12


def json_value(value: Any) -> Any:
    """Turn a field value into what JSON can hold.

    >>> json_value({"key": Secret("x"), "in": Reference("Directory", id="dir-1")})
    {'key': '(secret)', 'in': 'dir-1'}
    """
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, Reference):
        return value.id or KNOWN_AFTER_APPLY
    if isinstance(value, Mapping):
        return {str(key): json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def text_value(value: Any, limit: int = 0) -> str:
    r"""Say a value on one line; beyond `limit` characters (0: none) the middle of it is left out.

    >>> text_value("x"), text_value(None), text_value(Reference("Directory", name="Contracts"))
    ('"x"', '(none)', "Directory named 'Contracts' (known after apply)")
    >>> text_value("sha256:" + "ab" * 32)
    'sha256:abababababab'
    >>> text_value("abcdefghijklmnop", limit=10)
    '"abc...op"'
    >>> text_value("\x9b31m") == '"\\x9b31m"'
    True
    """
    if value is None:
        return "(none)"
    if isinstance(value, Secret) and str(value) == REDACTED:
        return REDACTED
    if isinstance(value, Reference):
        return value.id or safe_text(f"{value} {KNOWN_AFTER_APPLY}")
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        head, colon, digest = value.rpartition(":")
        return f"{head}{colon}{digest[:_DIGEST_SHOWN]}"
    return _shorten(safe_text(json.dumps(json_value(value), ensure_ascii=False)), limit)


def text_pair(before: Any, after: Any, limit: int = 0) -> tuple[str, str]:
    """Say two values that differ, so that the difference is seen also where both are cut to `limit`.

    >>> text_pair("a" * 50 + "x" + "b" * 50, "a" * 50 + "y" + "b" * 50, limit=20)
    ('...aaaaaaaaxbbbbb...', '...aaaaaaaaybbbbb...')
    """
    short = text_value(before, limit), text_value(after, limit)
    full = text_value(before), text_value(after)
    if short[0] != short[1] or full[0] == full[1]:
        return short
    start = max(0, _shared(*full) - limit // 2 + 2)
    return _window(full[0], start, limit), _window(full[1], start, limit)


def _shared(one: str, other: str) -> int:
    """Count the characters that both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _window(text: str, start: int, limit: int) -> str:
    shown = text[start : start + limit - 6]
    return f"{'...' if start else ''}{shown}{'...' if start + len(shown) < len(text) else ''}"


def safe_text(text: str) -> str:
    r"""Make names from outside fit for one line of a terminal: control characters are written out.

    >>> safe_text("a\nb\x1b[31m") == "a\\nb\\x1b[31m"
    True
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _shorten(text: str, limit: int) -> str:
    if not limit or len(text) <= limit:
        return text
    tail = (limit - 3) // 2
    return f"{text[: limit - 3 - tail]}...{text[-tail:]}"

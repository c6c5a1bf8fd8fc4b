"""Staged content: a file's new bytes under a temporary unique id that names them, until the old ones are gone.

The name makes recovery exact: whoever finds `<unique_id>~<first 12 hex digits of the SHA-256>` knows what it holds.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"(?P<key>.+)~(?P<digest>[0-9a-f]{12})", re.DOTALL)


def staged_key(key: str, sha256: str) -> str:
    """Return the temporary unique id of content `sha256` (hex) that is to be `key` in the end.

    >>> staged_key("a.pdf", "0123456789abcdef")
    'a.pdf~0123456789ab'
    """
    return f"{key}~{sha256[:12]}"


def parse_staged_key(key: str) -> tuple[str, str] | None:
    """Return the final key and the first 12 hex digits of the content, None for an ordinary key.

    >>> parse_staged_key("a.pdf~0123456789ab")
    ('a.pdf', '0123456789ab')
    >>> parse_staged_key("a.pdf") is None
    True
    """
    found = _FORM.fullmatch(key)
    return (found["key"], found["digest"]) if found else None

"""Staged content: a file's new bytes under a temporary unique id that names them, until the old ones are gone.

The name makes recovery exact: whoever finds `<unique_id>~<first 12 hex digits of the SHA-256>` knows what it holds.
"""

from __future__ import annotations


def staged_key(key: str, sha256: str) -> str:
    """Return the temporary unique id of content `sha256` (hex) that is to be `key` in the end.

    >>> staged_key("a.pdf", "0123456789abcdef")
    'a.pdf~0123456789ab'
    """
    return f"{key}~{sha256[:12]}"

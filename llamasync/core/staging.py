"""Staged content: a file's new bytes under a temporary unique id that names them, until the old ones are gone.

The name makes recovery exact: whoever finds `<unique_id>~<first 12 hex digits of the SHA-256>` knows what it holds.
"""

from __future__ import annotations

import re

_STAGED = re.compile(r"(?s)(.+)~[0-9a-f]{12}\Z")


def staged_key(key: str, sha256: str) -> str:
    """Return the temporary unique id of content `sha256` (hex) that is to be `key` in the end.

    >>> staged_key("a.pdf", "0123456789abcdef")
    'a.pdf~0123456789ab'
    """
    return f"{key}~{sha256[:12]}"


def staged_for(key: str) -> str:
    """Return the unique id that what has this one is to have in the end, "" when it is no name of staged content.

    >>> staged_for("a.pdf~0123456789ab"), staged_for("a.pdf")
    ('a.pdf', '')
    """
    found = _STAGED.match(key)
    return found[1] if found else ""

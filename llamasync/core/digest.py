"""Digests of plain values, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """Serialise JSON-like `value` with sorted keys and no spaces. Raises TypeError for what JSON cannot hold.

    >>> canonical_json({"b": 1, "a": [True, None]})
    '{"a":[true,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


DIGEST_BYTES = 16


def short_digest(value: Any) -> bytes:
    """Return a digest of the canonical JSON of `value`, in DIGEST_BYTES bytes: for telling many values apart."""
    return hashlib.blake2b(canonical_json(value).encode(), digest_size=DIGEST_BYTES).digest()


def digest(value: Any) -> str:
    """Return `sha256:` and the hex digest of the canonical JSON of `value`."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode()).hexdigest()

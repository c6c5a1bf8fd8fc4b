"""Takes secrets out of what a service says, for a service may quote the request that it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from llamasync.core.secret import REDACTED


def silenced(body: bytes, secrets: Iterable[str]) -> bytes:
    """Return the body of an answer with `(secret)` in the place of every text of `secrets`, longer ones first.

    Of JSON only the texts are changed, so that it stays JSON.

    >>> silenced(b'{"detail": "hunter2 is not hunter2x"}', ["hunter2", ""])
    b'{"detail": "(secret) is not (secret)x"}'
    """
    texts = sorted(filter(None, secrets), key=len, reverse=True)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        for text in texts:
            body = body.replace(text.encode(errors="replace"), REDACTED.encode())
        return body
    told = _silenced(value, texts)
    return body if told == value else json.dumps(told).encode()


def _silenced(value: Any, texts: list[str]) -> Any:
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, REDACTED)
        return value
    if isinstance(value, dict):
        return {_silenced(key, texts): _silenced(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_silenced(item, texts) for item in value]
    return value

"""Keys of items: the text by which an item is called, whatever type its identifying value has."""

from __future__ import annotations

import math
from typing import Any


def key_text(value: Any) -> str:
    """Return the text of an identifying value, "" for one that identifies nothing: no text and no number, or empty.

    A number and its text are one key, since both are written alike in an address.

    >>> key_text("INV-1"), key_text(7), key_text(7.0), key_text(1.5), key_text(True), key_text(None)
    ('INV-1', '7', '7', '1.5', '', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value)
        return text if math.isfinite(value) else ""
    return str(value)


def key_values(text: str) -> list[str | int | float]:
    """Return the values that have this text as their key.

    >>> key_values("7"), key_values("007"), key_values("1.5")
    (['7', 7], ['007'], ['1.5', 1.5])
    """
    for make in (int, float):
        try:
            number = make(text)
        except (ValueError, OverflowError):
            continue
        if key_text(number) == text:
            return [text, number]
    return [text]

"""Overlays: partial manifests of an environment, merged over those with the same address."""

from __future__ import annotations

from typing import Any


def merge(base: Any, overlay: Any) -> Any:
    """Merge `overlay` over `base`: maps by key, anything else replaces, and a null in a map removes. Changes neither.

    >>> merge({"a": {"b": 1, "c": 2}, "d": [1, 2]}, {"a": {"b": None, "e": 3}, "d": [4]})
    {'a': {'c': 2, 'e': 3}, 'd': [4]}
    """
    if not isinstance(overlay, dict):
        return overlay
    merged = dict(base) if isinstance(base, dict) else {}
    for key, value in overlay.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged

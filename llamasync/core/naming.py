"""Names as Python writes them and as manifests do."""

from __future__ import annotations


def to_camel(name: str) -> str:
    """Turn a Python name into a manifest's field name.

    >>> to_camel("previous_names"), to_camel("from_")
    ('previousNames', 'from')
    """
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)

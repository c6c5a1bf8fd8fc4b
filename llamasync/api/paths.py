"""Paths and queries of calls, percent-encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

_ID_SEGMENT = re.compile(r"(?<=/)(?!v\d+/)[^/]*[\d%][^/]*")


def path_for(template: str, **ids: str) -> str:
    """Fill `{name}` places of a path, percent-encoding each id whole. Raises KeyError for a missing one, ValueError for
    an empty one, which would address the collection instead of the object.

    >>> path_for("/api/v1/beta/directories/{directory_id}/files", directory_id="a/b c")
    '/api/v1/beta/directories/a%2Fb%20c/files'
    """
    for name, value in ids.items():
        if not value or value in (".", ".."):
            raise ValueError(f"{name} of {template} is {value!r}")
    return template.format_map({name: quote(value, safe="") for name, value in ids.items()})


def template_of(path: str) -> str:
    """Return `path` with its ids left out, so that calls of one kind can be told from others.

    >>> template_of("/api/v1/beta/directories/dir-0b4f/files")
    '/api/v1/beta/directories/{}/files'
    """
    return _ID_SEGMENT.sub("{}", path)


def encode_query(query: Mapping[str, Any]) -> str:
    """Encode a query: None is left out, a list repeats its key, booleans are `true` and `false`.

    >>> encode_query({"expand": ["a", "b"], "deep": True, "name": "x y&z", "no": None, "n": 5})
    'expand=a&expand=b&deep=true&name=x%20y%26z&n=5'
    """
    return "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in _pairs(query))


def _pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        for each in value if isinstance(value, (list, tuple, set, frozenset)) else (value,):
            if each is not None:
                yield name, _text(each)


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)

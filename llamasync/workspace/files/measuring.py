"""Measures documents, each content once: what was found is kept by SHA-256 and type, in the workspace's file cache."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from posixpath import splitext

from llamasync.workspace.desired import Content
from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.lengths import length_of
from llamasync.workspace.measure import PAGE, Document, Measure

RULES = "1"  # grows when documents are measured otherwise, so that what was kept is not used any more


def measure(documents: Iterable[Document], cache: FileCache | None) -> dict[str, Measure]:
    """Return the length of each document whose bytes are known, by its key. Never raises.

    Documents whose bytes are not at hand are told only if the same content was measured earlier.
    """
    asked = {one.key: one for one in documents if one.key}
    kept = cache.lengths([f"{RULES}:{key}" for key in asked]) if cache else {}
    found, learnt = {}, {}
    for key, one in asked.items():
        known = _read(kept.get(f"{RULES}:{key}", ""))
        if known is None and one.content is None:
            known = Measure(PAGE, why="its bytes are not at hand")
        elif known is None and one.content is not None:
            try:
                known = _measure(one.content, splitext(one.filename)[1].lower())
            except OSError as error:
                known = Measure(PAGE, why=f"it cannot be read: {error.strerror or error}")
            else:
                learnt[f"{RULES}:{key}"] = json.dumps([known.unit, known.count, known.why])
        assert known is not None, "one of the three"
        found[key] = known
    if cache and learnt:
        cache.keep_lengths(learnt)
    return found


def _measure(content: Content, suffix: str) -> Measure:
    if content.inline is not None:
        return length_of(io.BytesIO(content.inline), suffix)
    with open(content.path, "rb") as stream:
        return length_of(stream, suffix)


def _read(text: str) -> Measure | None:
    """Read what was kept; None for what this program did not write."""
    try:
        unit, count, why = json.loads(text)
    except (ValueError, TypeError):
        return None
    is_good = isinstance(unit, str) and isinstance(count, int | None) and isinstance(why, str)
    return Measure(unit, count, why) if is_good else None

"""Splitting a document: each page goes to the category whose words it shares most, runs of pages become segments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

UNCATEGORIZED = "uncategorized"
_SILENT = "the and for with that this from are was has have its any all each page pages document other"
SILENT = frozenset(_SILENT.split())


def words_of(text: str) -> frozenset[str]:
    """Return the words that say something, without a plural s.

    >>> sorted(words_of("The Invoices, and a Total"))
    ['invoice', 'total']
    """
    found = (word.removesuffix("s") for word in re.findall(r"[^\W_]{3,}", text.lower()))
    return frozenset(found) - SILENT


def split_pages(
    pages: Sequence[str], categories: Iterable[Mapping[str, Any]], allow_uncategorized: str = "include"
) -> list[dict[str, Any]]:
    """Split pages into segments, in their order, pages counted from 1.

    A page that shares no word is uncategorized: kept as such, left out (`omit`), or given to the category of the page
    before it (`forbid`).

    >>> split_pages(["an invoice", "a poem"], [{"name": "Invoices"}], "omit")
    [{'category': 'Invoices', 'pages': [1], 'confidence_category': 'high'}]
    """
    known = [(str(each["name"]), words_of(f"{each['name']} {each.get('description') or ''}")) for each in categories]
    judged: list[tuple[str, str]] = []
    for page in pages:
        category, confidence = _judge(words_of(page), known)
        if category == UNCATEGORIZED and allow_uncategorized == "forbid":
            category, confidence = (judged[-1][0] if judged else known[0][0]), "low"
        judged.append((category, confidence))
    segments = []
    for category, run in groupby(enumerate(judged, 1), key=lambda each: each[1][0]):
        members = list(run)
        if category != UNCATEGORIZED or allow_uncategorized == "include":
            weakest = max((each[1][1] for each in members), key=("high", "medium", "low").index)
            numbers = [number for number, _ in members]
            segments.append({"category": category, "pages": numbers, "confidence_category": weakest})
    return segments


def _judge(words: frozenset[str], known: Sequence[tuple[str, frozenset[str]]]) -> tuple[str, str]:
    """Choose the category that shares most words, the first of equals."""
    scores = [len(words & wanted) for _, wanted in known]
    best = max(scores)
    if best == 0:
        return UNCATEGORIZED, "low"
    rivals = sorted(scores, reverse=True)[1:2] or [0]
    confidence = "high" if best >= 2 * rivals[0] else "medium"
    return known[scores.index(best)][0], "low" if best == rivals[0] else confidence

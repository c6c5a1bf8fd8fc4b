"""What the service answers, as values, and how it is taken out of the JSON of either dialect. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.api.errors import NotLlamaCloud
from llamasync.checks.model import Shown
from llamasync.checks.wording import snippet
from llamasync.core.lean import lean_dataclass


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A hit of a query. `score` is that by which hits are in order: the rerank score where there is one."""

    content: str
    file_id: str = ""
    score: float | None = None
    pages: str = ""


@lean_dataclass(frozen=True, slots=True)
class IndexFile:
    """A file of an index. Its id is one that it has in the index only."""

    id: str
    name: str


@lean_dataclass(frozen=True, slots=True)
class Place:
    """A place in a text that matches, with the text around it."""

    content: str
    start: int


@lean_dataclass(frozen=True, slots=True)
class Listed:
    """Some of a file's places, or an index's files. When it `may_be_cut`, there may be more of them."""

    items: tuple[Any, ...]
    may_be_cut: bool = False


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ChatAnswer:
    """What a chat said. `drawn_from` are the texts in the results of its tools: names and ids of files among them."""

    text: str
    drawn_from: frozenset[str] = frozenset()
    error: str = ""


Names = Mapping[str, str]
"""Names of files by their ids in the index, as far as they are known."""


def passages_of(answer: Any, path: str) -> tuple[Passage, ...]:
    """Return the hits of a query, in the service's order. Raises NotLlamaCloud for another shape."""
    found = answer.get("results") if isinstance(answer, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise NotLlamaCloud("a list was expected, under `results`", method="POST", path=path)
    return tuple(_passage(one) for one in found)


def _passage(raw: Mapping[str, Any]) -> Passage:
    fixed = raw.get("static_fields") or {}
    first, last = fixed.get("page_range_start"), fixed.get("page_range_end")
    reranked = raw.get("rerank_score")
    return Passage(
        content=str(raw.get("content") or ""),
        file_id=str(fixed.get("parsed_directory_file_id") or ""),
        score=raw.get("score") if reranked is None else reranked,
        pages="" if first is None else f"{first}" if last in (None, first) else f"{first}-{last}",
    )


def show_passage(passage: Passage, names: Names) -> Shown:
    """Return a hit as people are shown it."""
    file = names.get(passage.file_id, passage.file_id)
    return Shown(text=snippet(passage.content), file=file, pages=passage.pages, score=passage.score)

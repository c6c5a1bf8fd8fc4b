"""An answer to a prompt: the sentences of the retrieved chunks that say most about it, word for word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llamasync.emulator.indexing.ranking import fold, words_of

MAX_SENTENCES = 3
MAX_TITLE = 60
NOTHING = "I found nothing about this in the indexed documents."


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk, as far as an answer needs it."""

    content: str
    file_name: str
    page: int


def compose_answer(prompt: str, passages: Sequence[Passage]) -> str:
    """Quote what fits a prompt best, each quotation with its file and page; say so where nothing does.

    >>> compose_answer("rent?", [Passage("Hello. The rent is due monthly.", "lease.pdf", 2)])
    'The rent is due monthly. (lease.pdf, page 2)'
    """
    words = words_of(prompt)
    rated = []
    for place, passage in enumerate(passages):
        for sentence in sentences_of(passage.content):
            hits = sum(word[:5] in fold(sentence) for word in words)
            if hits:
                rated.append((-hits, place, f"{sentence} ({passage.file_name}, page {passage.page})"))
    best = sorted(rated)[:MAX_SENTENCES]
    chosen = list(dict.fromkeys(text for _, _, text in best))
    return "\n".join(chosen) or NOTHING


def sentences_of(text: str) -> list[str]:
    """Split a text into sentences and lines, the empty ones left out."""
    return [each.strip() for each in re.split(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n+", text) if each.strip()]


def make_title(message: str) -> str:
    """Make a title of a first message: its beginning, cut at a word.

    >>> make_title("  What is the   notice period? ")
    'What is the notice period?'
    """
    text = " ".join(message.split())
    if len(text) > MAX_TITLE:
        text = text[:MAX_TITLE].rsplit(" ", 1)[0] + "…"
    return text or "New chat"


def deltas(text: str) -> Iterable[str]:
    """Part a text into the pieces that are streamed; joined they are the text again."""
    return re.findall(r"\S+\s*|\s+", text)

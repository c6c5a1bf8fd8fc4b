"""Chunks in the order of their relevance: full text by SQLite's bm25, and shared trigrams in the place of vectors.

Scores are between 0 and 1. No model is asked, so that the same question has the same answer everywhere.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from llamasync.emulator.calls import Call, to_json
from llamasync.emulator.indexing.served import ServedFile

MAX_WORDS = 64
MAX_SCANNED = 2000
FAINT = 0.25
_STOP = (
    "a an and are as at be by can do does for from has have how i in is it its me of on or our that the their this to"
    " was we were what when where which who why will with you your"
)
STOP_WORDS = frozenset(_STOP.split())
COLUMNS = "index_chunks.*, chunk_words.content"
JOINED = "chunk_words JOIN index_chunks ON index_chunks.seq = chunk_words.rowid"
HERE = "sync_seq = ? AND file_seq IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and how much its two ways of searching count; `candidates` is how many chunks are looked at."""

    text: str
    vector_weight: float = 0.5
    full_text_weight: float = 0.5
    candidates: int = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk and its scores: `score` of the search, `rerank_score` of a closer look."""

    chunk: sqlite3.Row
    file: ServedFile
    score: float
    rerank_score: float


def words_of(text: str) -> list[str]:
    """Split a query into the words that say something, each once.

    >>> words_of("What is the Notice period, the notice?")
    ['notice', 'period']
    """
    words = list(dict.fromkeys(re.findall(r"\w+", text.lower())))[:MAX_WORDS]
    return [word for word in words if word not in STOP_WORDS] or words


def rank(call: Call, sync_seq: int, files: Mapping[int, ServedFile], question: Question) -> list[Hit]:
    """Find the chunks of these files that fit a question, the best `score` first."""
    words = words_of(question.text)
    if not words or not files:
        return []
    here = (sync_seq, to_json(list(files)))
    found = _by_words(call, words, here, question.candidates)
    strongest = max((-row["rank"] for row in found), default=0.0) or 1.0
    rows = {row["seq"]: (row, -row["rank"] / strongest) for row in found}
    if len(rows) < question.candidates:
        sql = f"SELECT {COLUMNS} FROM {JOINED} WHERE {HERE} ORDER BY index_chunks.seq LIMIT {MAX_SCANNED}"  # noqa: S608
        for row in call.db.execute(sql, here):
            rows.setdefault(row["seq"], (row, 0.0))
    hits = [_hit(row, files[row["file_seq"]], strength, words, question) for row, strength in rows.values()]
    hits.sort(key=lambda hit: (-hit.score, hit.chunk["seq"]))
    return [hit for hit in hits if hit.score > 0][: question.candidates]


def _by_words(call: Call, words: list[str], here: tuple[int, str], limit: int) -> list[sqlite3.Row]:
    match = " OR ".join(f'"{word}"' for word in words)
    sql = f"""SELECT {COLUMNS}, bm25(chunk_words) AS rank FROM {JOINED}
        WHERE chunk_words MATCH ? AND {HERE} ORDER BY rank, index_chunks.seq LIMIT ?"""  # noqa: S608 - of constants
    return call.db.execute(sql, (match, *here, limit)).fetchall()


def _hit(row: sqlite3.Row, file: ServedFile, strength: float, words: list[str], question: Question) -> Hit:
    content = row["content"].lower()
    present = set(re.findall(r"\w+", content))
    covered = sum(any(_is_form_of(word, each) for each in present) for word in words) / len(words)
    shared = _shared(" ".join(words), content)
    full_text = covered * (0.5 + 0.5 * strength) if strength else 0.0
    likeness = shared if shared >= FAINT or strength else 0.0
    total = question.vector_weight + question.full_text_weight
    weights = (question.vector_weight / total, question.full_text_weight / total) if total else (0.5, 0.5)
    score = weights[0] * likeness + weights[1] * full_text
    literally = 1.0 if question.text.strip().lower() in content else 0.0
    return Hit(row, file, round(score, 6), round(0.6 * covered + 0.3 * shared + 0.1 * literally, 6))


def _is_form_of(word: str, other: str) -> bool:
    """Tell, roughly, whether two words have a stem in common: short ones must be the same.

    >>> _is_form_of("contracts", "contracting"), _is_form_of("not", "notice")
    (True, False)
    """
    return other == word if len(word) < 4 else other.startswith(word[: max(4, len(word) - 3)])


def _shared(words: str, content: str) -> float:
    """Return the share of the trigrams of some words that a text has too.

    >>> _shared("contract", "the contracts")
    1.0
    """
    wanted = _trigrams(words)
    return len(wanted & _trigrams(content)) / len(wanted) if wanted else 0.0


def _trigrams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}

"""Chunks in the order of their relevance: full text by SQLite's bm25, and shared trigrams in the place of vectors.

Scores are between 0 and 1. No model is asked, so that the same question has the same answer everywhere.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
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
# Scripts that are written without spaces: Han, Kana, Bopomofo, Thai, Lao, Khmer, Burmese.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)
COLUMNS = "index_chunks.*, chunk_words.content"
JOINED = "chunk_words JOIN index_chunks ON index_chunks.seq = chunk_words.rowid"
HERE = "sync_seq = ? AND file_seq IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and how much its two ways of searching count; `candidates` is how many chunks are looked at.

    Without `vectors` the full text alone counts, whatever the weights say.
    """

    text: str
    vector_weight: float = 0.5
    full_text_weight: float = 0.5
    candidates: int = 200
    vectors: bool = True

    @property
    def weights(self) -> tuple[float, float]:
        """Return how much vectors and full text count; together they are 1."""
        if not self.vectors:
            return 0.0, 1.0
        total = self.vector_weight + self.full_text_weight
        return (self.vector_weight / total, self.full_text_weight / total) if total else (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk and its scores: `score` of the search, `rerank_score` of a closer look."""

    chunk: sqlite3.Row
    file: ServedFile
    score: float
    rerank_score: float


def words_of(text: str) -> list[str]:
    """Split a query into the words that say something, each once, folded; text without spaces into pairs of characters.

    >>> words_of("What is the Notice period, the notice?")
    ['notice', 'period']
    >>> words_of("R\u00e9sum\u00e9 \u5951\u7d04\u66f8")
    ['resume', '\u5951\u7d04', '\u7d04\u66f8']
    """
    pieces = (piece for word in re.findall(r"\w+", fold(text)) for piece in _pieces(word))
    words = list(dict.fromkeys(pieces))[:MAX_WORDS]
    return [word for word in words if word not in STOP_WORDS] or words


def fold(text: str) -> str:
    """Write a text small, its letters without accents, however they were written.

    >>> fold("R\u00e9sume\u0301")
    'resume'
    """
    if text.isascii():
        return text.lower()
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not "\u0300" <= each <= "\u036f")
    return unicodedata.normalize("NFC", bare).lower()


def _pieces(word: str) -> list[str]:
    run = UNSPACED.fullmatch(word)
    return [word[i : i + 2] for i in range(len(word) - 1)] if run and len(word) > 2 else [word]


def rank(call: Call, sync_seq: int, files: Mapping[int, ServedFile], question: Question) -> list[Hit]:
    """Find the chunks of these files that fit a question, the best `score` first."""
    words = words_of(question.text)
    if not words or not files:
        return []
    here = (sync_seq, to_json(list(files)))
    found = _by_words(call, list(dict.fromkeys([*words, *_spelled(question.text)])), here, question.candidates)
    strongest = max((-row["rank"] for row in found), default=0.0) or 1.0
    rows = {row["seq"]: (row, -row["rank"] / strongest) for row in found}
    if len(rows) < question.candidates:
        sql = f"SELECT {COLUMNS} FROM {JOINED} WHERE {HERE} ORDER BY index_chunks.seq LIMIT {MAX_SCANNED}"  # noqa: S608
        for row in call.db.execute(sql, here):
            rows.setdefault(row["seq"], (row, 0.0))
    hits = [_hit(row, files[row["file_seq"]], strength, words, question) for row, strength in rows.values()]
    hits.sort(key=lambda hit: (-hit.score, hit.chunk["seq"]))
    return [hit for hit in hits if hit.score > 0][: question.candidates]


def _spelled(text: str) -> list[str]:
    """Return the words of a query as they are spelled: SQLite keeps some of the accents that `fold` takes away."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())[:MAX_WORDS]
    return [word for word in words if word not in STOP_WORDS]


def _by_words(call: Call, words: list[str], here: tuple[int, str], limit: int) -> list[sqlite3.Row]:
    match = " OR ".join(f'"{word}"' for word in words)
    sql = f"""SELECT {COLUMNS}, bm25(chunk_words) AS rank FROM {JOINED}
        WHERE chunk_words MATCH ? AND {HERE} ORDER BY rank, index_chunks.seq LIMIT ?"""  # noqa: S608 - of constants
    return call.db.execute(sql, (match, *here, limit)).fetchall()


def _hit(row: sqlite3.Row, file: ServedFile, strength: float, words: list[str], question: Question) -> Hit:
    content = fold(row["content"])
    present = " ".join(["", *re.findall(r"\w+", content), ""])
    covered = sum(_is_in(word, content, present) for word in words) / len(words)
    if not strength and any(UNSPACED.fullmatch(word) and word in content for word in words):
        # SQLite takes a text without spaces for one word, and finds nothing in it.
        strength = covered
    shared = _shared(" ".join(words), content)
    full_text = covered * (0.5 + 0.5 * strength) if strength else 0.0
    likeness = shared if shared >= FAINT or strength else 0.0
    score = question.weights[0] * likeness + question.weights[1] * full_text
    literally = 1.0 if fold(question.text.strip()) in content else 0.0
    return Hit(row, file, round(score, 6), round(0.6 * covered + 0.3 * shared + 0.1 * literally, 6))


def _is_in(word: str, content: str, present: str) -> bool:
    """Tell, roughly, whether a text has a word or one with its stem: short ones must be the same.

    `present` are the words of the text, each between spaces: looking into them at once is a hundred times as quick.

    >>> _is_in("contracts", "", " new contracting "), _is_in("not", "", " notice "), _is_in("act", "", " act ")
    (True, False, True)
    """
    if UNSPACED.fullmatch(word):
        return word in content
    return (f" {word} " if len(word) < 4 else f" {word[: max(4, len(word) - 3)]}") in present


def _shared(words: str, content: str) -> float:
    """Return the share of the trigrams of some words that a text has too.

    >>> _shared("contract", "the contracts")
    1.0
    """
    wanted = _trigrams(words)
    return len(wanted & _trigrams(content)) / len(wanted) if wanted else 0.0


def _trigrams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}

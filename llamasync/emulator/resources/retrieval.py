"""Retrieval from an index: chunks for a question, files by name, matches of a pattern, text by offset."""

from __future__ import annotations

import sqlite3
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.errors import invalid
from llamasync.emulator.indexing.attachments import references
from llamasync.emulator.indexing.filters import keeps
from llamasync.emulator.indexing.ranking import Hit, Question, rank
from llamasync.emulator.indexing.served import find_served_file, find_served_sync, has_vectors, served_files
from llamasync.emulator.paging import Listing, page_size_of, reply_page_of_body
from llamasync.emulator.patterns import PatternRefused, find_all

RETRIEVE = "/api/v1/retrieval/retrieve"
FILES = "/api/v1/retrieval/files"
TOP_K, MAX_TOP_K = 10, 500
PARSED_ID = "parsed_directory_file_id"
MAX_CANDIDATES = 10_000
MAX_MATCHES = 10_000
# A page of matches, each with all of a long text around it, would be too much for anybody.
MAX_CONTEXT = 10_000
# A list of [start, end] as a table to page over.
SPANS = """(SELECT key AS seq, json_extract(value, '$[0]') AS start_char, json_extract(value, '$[1]') AS end_char
    FROM json_each(?))"""


@endpoint("POST", RETRIEVE)
def retrieve(call: Call) -> Reply:
    """Answer the chunks that fit a question best."""
    body = call.body
    top_k = _count(body, "top_k", TOP_K, MAX_TOP_K)
    candidates = max(top_k, min(_count(body, "num_candidates", 200), MAX_CANDIDATES))
    rerank = body.get("rerank") or {}
    top_n = _count(rerank, "top_n", MAX_TOP_K, place="rerank")
    weights = _weight(body, "vector_pipeline_weight"), _weight(body, "full_text_pipeline_weight")
    sync_seq = find_served_sync(call, body["index_id"])
    question = Question(body["query"], *weights, candidates, has_vectors(call, sync_seq))
    # Of the static ones only this is known, and what is not known is ignored, as everywhere in a body.
    fixed = {PARSED_ID: (body.get("static_filters") or {}).get(PARSED_ID)}
    custom = body.get("custom_filters")
    files = served_files(call, sync_seq, lambda parsed, own: keeps(fixed, {PARSED_ID: parsed}) and keeps(custom, own))
    threshold = body.get("score_threshold") or 0
    hits = [hit for hit in rank(call, sync_seq, files, question) if hit.score >= threshold][:top_k]
    reranked = rerank.get("enabled", True)
    if reranked:
        hits.sort(key=lambda hit: (-hit.rerank_score, -hit.score, hit.chunk["seq"]))
        hits = hits[:top_n]
    return call.reply({"results": [_shown(call, hit, reranked=reranked) for hit in hits]})


def _shown(call: Call, hit: Hit, *, reranked: bool) -> dict[str, Any]:
    chunk = hit.chunk
    return {
        "content": chunk["content"],
        "score": hit.score,
        "rerank_score": hit.rerank_score if reranked else None,
        "metadata": dict(hit.file.metadata),
        "static_fields": {
            "parsed_directory_file_id": hit.file.parsed_id,
            "page_range_start": chunk["first_page"],
            "page_range_end": chunk["last_page"],
            "chunk_start_char": chunk["start_char"],
            "chunk_end_char": chunk["end_char"],
            "chunk_index": chunk["chunk_index"],
            "chunk_token_count": len(chunk["content"].split()),
            "attachments": references(call, chunk, hit.file.parsed_id),
        },
    }


@endpoint("POST", FILES + "/find")
def find_files(call: Call) -> Reply:
    """List files by name, page by page."""
    listing = _named(call)
    return reply_page_of_body(call, listing, lambda row: call.object_text(dict(row)))


@endpoint("POST", FILES + "/search")
def search_files(call: Call) -> Reply:
    """List files by name: the older form."""
    limit = page_size_of(call, call.body.get("limit"), ("body", "limit"))
    listing = _named(call)
    sql = f"SELECT {listing.columns} FROM {listing.table} WHERE {' AND '.join(listing.where)} ORDER BY seq LIMIT ?"  # noqa: S608
    rows = call.db.execute(sql, (*listing.values, limit))
    return call.reply({"files": [{"file_id": row["file_id"], "file_name": row["file_name"]} for row in rows]})


@endpoint("POST", FILES + "/grep")
def grep_file(call: Call) -> Reply:
    """Answer the matches of a pattern in the text of one file."""
    body = call.body
    paged = "limit" not in call.operation.body_fields
    context = min(_at_least(0, body, "context_chars", 0), MAX_CONTEXT)
    size = MAX_MATCHES if paged else page_size_of(call, body.get("limit"), ("body", "limit"))
    text = _text(call)
    try:
        spans = find_all(body["pattern"], text, size)
    except PatternRefused as why:
        raise invalid(["body", "pattern"], str(why)) from None

    def show(start: int, end: int) -> dict[str, Any]:
        return {"start_char": start, "end_char": end, "content": text[max(0, start - context) : end + context]}

    if not paged:
        return call.reply({"matches": [show(*span) for span in spans]})

    def render(row: sqlite3.Row) -> str:
        return to_json(show(row["start_char"], row["end_char"]))

    return reply_page_of_body(call, Listing(SPANS, ("1",), (to_json(spans),)), render)


@endpoint("POST", FILES + "/read")
def read_file(call: Call) -> Reply:
    """Answer a window of the text of one file."""
    offset = _at_least(0, call.body, "offset", 0)
    text = _text(call)
    length = _at_least(0, call.body, "max_length", len(text))
    return call.reply({"content": text[offset : offset + length]})


def _text(call: Call) -> str:
    """Return the text of the file that the body names. Raises Refusal 404."""
    sync_seq = find_served_sync(call, call.body["index_id"])
    return str(find_served_file(call, sync_seq, call.body["file_id"])["text"])


def _named(call: Call) -> Listing:
    where, values = ["sync_seq = ?", "status = 'done'"], [find_served_sync(call, call.body["index_id"])]
    if call.body.get("file_name") is not None:
        where.append("file_name = ?")
        values.append(call.body["file_name"])
    if call.body.get("file_name_contains") is not None:
        where.append("instr(lower(file_name), lower(?)) > 0")
        values.append(call.body["file_name_contains"])
    return Listing("index_files", tuple(where), tuple(values), "seq, parsed_id AS file_id, file_name")


def _count(body: dict[str, Any], name: str, default: int, largest: int | None = None, place: str = "") -> int:
    """Read a count from 1. Raises Refusal 422."""
    loc = ["body", *([place] if place else []), name]
    value = default if body.get(name) is None else int(body[name])
    if value < 1:
        raise invalid(loc, "Input should be greater than or equal to 1", "greater_than_equal")
    if largest is not None and value > largest:
        raise invalid(loc, f"Input should be less than or equal to {largest}", "less_than_equal")
    return value


def _at_least(least: int, body: dict[str, Any], name: str, default: int) -> int:
    value = default if body.get(name) is None else int(body[name])
    if value < least:
        raise invalid(["body", name], f"Input should be greater than or equal to {least}", "greater_than_equal")
    return value


def _weight(body: dict[str, Any], name: str) -> float:
    value = 0.5 if body.get(name) is None else body[name]
    if not 0 <= value <= 1:
        raise invalid(["body", name], "Input should be from 0 to 1")
    return float(value)

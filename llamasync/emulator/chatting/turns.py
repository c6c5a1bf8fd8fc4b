"""One turn of a chat: retrieve from each index, answer, and tell it in events of every type."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.calls import Call
from llamasync.emulator.chatting.answers import Passage, compose_answer, deltas
from llamasync.emulator.indexing.attachments import references
from llamasync.emulator.indexing.ranking import Hit, Question, rank, words_of
from llamasync.emulator.indexing.served import find_served_sync, has_vectors, served_files
from llamasync.emulator.indexing.starting import take_failure

TOP_K = 5
# What is streamed, but not kept with the session: the whole texts are.
PASSING = frozenset({"thinking_delta", "text_delta"})


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn gave: its events in order, and what the session says of its last run."""

    events: list[dict[str, Any]]
    job_metadata: dict[str, Any]

    @property
    def kept(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] not in PASSING]


def take_turn(call: Call, session_id: str, indexes: Sequence[sqlite3.Row], prompt: str, number: int) -> Turn:
    """Answer a prompt out of the indexes. A failure that a test has planned ends it without an answer."""
    error = take_failure(call, "chat", session_id)
    thought = f"I look for {', '.join(words_of(prompt)) or 'nothing'} in {len(indexes)} indexes."
    events: list[dict[str, Any]] = [{"type": "user_input", "content": prompt}]
    events += _told("thinking", thought)
    hits: list[Hit] = []
    for i, index in enumerate(indexes):
        found = _retrieve(call, index, prompt)
        events += _tool(call, f"call-{number}-{i + 1}", index, prompt, found)
        hits += found
    hits.sort(key=lambda hit: (-hit.rerank_score, -hit.score))
    answer = ""
    if not error:
        answer = compose_answer(
            prompt, [Passage(hit.chunk["content"], hit.file.file_name, hit.chunk["first_page"]) for hit in hits[:TOP_K]]
        )
        events += _told("text", answer)
    usage = {
        "total_input_tokens": len(prompt.split()) + sum(len(hit.chunk["content"].split()) for hit in hits),
        "total_output_tokens": len(thought.split()) + len(answer.split()),
        "turns": number,
        "duration_ms": 0.0,
    }
    events.append({"type": "stop", "usage": usage, "is_error": error is not None, "error": error})
    exports = [index["export_config_id"] for index in indexes]
    return Turn(events, {**usage, "is_error": error is not None, "error": error, "export_config_ids": exports})


def _retrieve(call: Call, index: sqlite3.Row, prompt: str) -> list[Hit]:
    accepted = "export_config_id" if call.switches.index_id_accepted == "export_config_id" else "id"
    sync_seq = find_served_sync(call, index[accepted])
    files = served_files(call, sync_seq, lambda *_: True)
    return rank(call, sync_seq, files, Question(prompt, vectors=has_vectors(call, sync_seq)))[:TOP_K]


def _told(kind: str, text: str) -> list[dict[str, Any]]:
    """Tell a text in pieces, then as a whole."""
    return [
        *({"type": f"{kind}_delta", "content": piece} for piece in deltas(text)),
        {"type": kind, "content": text},
    ]


def _tool(call: Call, call_id: str, index: sqlite3.Row, prompt: str, hits: Sequence[Hit]) -> list[dict[str, Any]]:
    arguments = {"index_id": index["id"], "query": prompt, "top_k": TOP_K}
    results = [
        {
            "content": hit.chunk["content"],
            "score": hit.score,
            "file_name": hit.file.file_name,
            "page_range_start": hit.chunk["first_page"],
            "page_range_end": hit.chunk["last_page"],
        }
        for hit in hits
    ]
    named = {"name": "retrieve", "call_id": call_id}
    return [
        {"type": "tool_call", **named, "arguments": arguments},
        {"type": "tool_result", **named, "result": {"results": results}, "image_attachment": _screenshot(call, hits)},
    ]


def _screenshot(call: Call, hits: Sequence[Hit]) -> dict[str, Any] | None:
    """Refer to the picture of the page that fits best, where the index keeps pictures."""
    found = (each for hit in hits for each in references(call, hit.chunk, hit.file.parsed_id))
    screenshot = next((each for each in found if each["type"] == "screenshot"), None)
    return screenshot and {name: screenshot[name] for name in ("source_id", "attachment_name")}

"""Chats: sessions, and messages that are answered as server-sent events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.chatting.answers import make_title
from llamasync.emulator.chatting.turns import take_turn
from llamasync.emulator.errors import conflict, invalid, not_found
from llamasync.emulator.indexing.lookup import find_index
from llamasync.emulator.paging import Listing, default_descending, reply_page
from llamasync.emulator.rows import insert, row_values

COLLECTION = "/api/v1/chat"
ONE = COLLECTION + "/{session_id}"
MAX_INDEXES = 10
EVENTS = "text/event-stream; charset=utf-8"


@endpoint("POST", COLLECTION)
def create_session(call: Call) -> Reply:
    """Make a session, bound to indexes or not."""
    asked = (call.body or {}).get("index_ids")
    bound = [index["id"] for index in _indexes(call, asked)] if asked else None
    sequence = call.new_sequence()
    row = {
        "seq": sequence,
        "id": call.services.identities.uuid("chat", sequence),
        "project_id": call.project_id,
        "index_ids": None if bound is None else to_json(bound),
        "title": None,
        "turns": 0,
        "job_metadata": None,
        "events": "[]",
        "created_at": call.now,
        "updated_at": call.now,
        "deleted_at": None,
    }
    insert(call.db, "chats", row)
    return _reply(call, _shown(row))


@endpoint("GET", COLLECTION)
def list_sessions(call: Call) -> Reply:
    """List without events."""
    where = ("project_id = ?", "deleted_at IS NULL")
    listing = Listing("chats", where, (call.project_id,), descending=default_descending(call))
    reply = reply_page(call, listing, lambda row: _text(call, _shown(row_values(row))))
    # The contract has no total here; it is what a page ends with.
    return replace(reply, text=reply.text.rpartition(',"total_size":')[0] + "}")


@endpoint("GET", ONE)
def get_session(call: Call) -> Reply:
    """Answer a session with its events."""
    row = _find(call)
    return _reply(call, {**_shown(row_values(row)), "events": json.loads(row["events"])})


@endpoint("GET", ONE + "/summary")
def get_session_summary(call: Call) -> Reply:
    """Answer a session without its events."""
    return _reply(call, _shown(row_values(_find(call))))


@endpoint("DELETE", ONE)
def delete_session(call: Call) -> Reply:
    """Mark as deleted."""
    row = _find(call, gone_is_fine=True)
    call.db.execute("UPDATE chats SET deleted_at = ? WHERE seq = ?", (call.now, row["seq"]))
    return Reply(204)


@endpoint("POST", ONE + "/title")
def title_session(call: Call) -> Reply:
    """Make a title of a first message."""
    row = _find(call)
    return _reply(call, _shown(_update(call, row, title=make_title(call.body["first_message"]))))


@endpoint("POST", ONE + "/messages/stream")
def stream_message(call: Call) -> Reply:
    """Answer a prompt. The first one fixes which indexes the session is about."""
    row = _find(call)
    indexes = _indexes(call, call.body["index_ids"])
    bound = [index["id"] for index in indexes]
    if row["turns"] and set(bound) != set(json.loads(row["index_ids"])):
        raise conflict(f"The sources of session {row['id']} are locked after its first message")
    number, prompt = row["turns"] + 1, call.body["prompt"]
    turn = take_turn(call, row["id"], indexes, prompt, number)
    _update(
        call,
        row,
        index_ids=row["index_ids"] if row["turns"] else to_json(bound),
        title=row["title"] or make_title(prompt),
        turns=number,
        job_metadata=to_json(turn.job_metadata),
        events=to_json([*json.loads(row["events"]), *turn.kept]),
    )
    frames = [f"data: {to_json(event)}\n\n".encode() for event in turn.events]
    headers = (("Cache-Control", "no-cache"),)
    return Reply(call.operation.status, "", headers, EVENTS, iter(frames), sum(map(len, frames)))


def _indexes(call: Call, identities: Iterable[str]) -> list[sqlite3.Row]:
    """Find indexes, each once. Raises Refusal 404, or 422 for too many."""
    found = {index["id"]: index for index in (find_index(call, each) for each in dict.fromkeys(identities))}
    if len(found) > MAX_INDEXES:
        raise invalid(["body", "index_ids"], f"List should have at most {MAX_INDEXES} items", "too_long")
    return list(found.values())


def _find(call: Call, *, gone_is_fine: bool = False) -> sqlite3.Row:
    wanted = call.parameters["session_id"]
    row = call.one("SELECT * FROM chats WHERE id = ? AND project_id = ?", wanted, call.project_id)
    again = gone_is_fine and call.switches.deleted_again == "no_content"
    if row is None or (row["deleted_at"] and not again):
        raise not_found("Session", wanted)
    return row


def _update(call: Call, row: sqlite3.Row, **values: Any) -> dict[str, Any]:
    after = {**row_values(row), **values, "updated_at": call.now}
    names = ", ".join(f"{name} = :{name}" for name in (*values, "updated_at"))
    call.db.execute(f"UPDATE chats SET {names} WHERE seq = :seq", after)  # noqa: S608 - names are constants
    return after


def _reply(call: Call, value: Mapping[str, Any]) -> Reply:
    return Reply(call.operation.status, _text(call, value))


def _text(call: Call, value: Mapping[str, Any]) -> str:
    """Write a session in the fields of this dialect, and the newer one where the switch says so."""
    shown = call.switches.chat_shared_access == "shown"
    return call.object_text({**value, "shared_access": "read_only"} if shown else value)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "session_id": row["id"],
        "generated_title": row["title"],
        "last_updated_at": row["updated_at"],
        "job_metadata": None if row["job_metadata"] is None else json.loads(row["job_metadata"]),
        "index_ids": None if row["index_ids"] is None else json.loads(row["index_ids"]),
    }

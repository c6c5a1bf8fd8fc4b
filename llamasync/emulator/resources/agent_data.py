"""Agent data: create, get, put, delete, and search, aggregate and delete by filter."""

# ruff: noqa: S608 - the SQL is put together from constants and quoted keys; values are always bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.documents import Condition, FilterRules, filter_conditions, group_columns, order_terms
from llamasync.emulator.errors import Refusal, invalid, not_found
from llamasync.emulator.paging import Listing, default_descending, reply_page_of_body
from llamasync.emulator.rows import insert

COLLECTION = "/api/v1/beta/agent-data"
ONE = COLLECTION + "/{item_id}"
PUBLIC = "_public"


@endpoint("POST", COLLECTION)
def create_agent_data(call: Call) -> Reply:
    """Add an item; what it holds may be the same as another's."""
    _check_deployment(call)
    row = add_agent_data(call, call.body["deployment_name"], _collection(call), call.body["data"])
    return Reply(call.operation.status, agent_data_text(row))


def add_agent_data(call: Call, deployment: str, collection: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Insert an item and return its row. Raises Refusal 422 for data that is nested too deep to be searched."""
    sequence = call.new_sequence()
    row = {
        "seq": sequence,
        "id": call.services.identities.uuid("agent-data", sequence),
        "project_id": call.project_id,
        "deployment_name": deployment,
        "collection": collection,
        "data": _document(call, data),
        "created_at": call.now,
        "updated_at": call.now,
        "deleted_at": None,
    }
    insert(call.db, "agent_data", row)
    return row


@endpoint("GET", ONE)
def get_agent_data(call: Call) -> Reply:
    """Answer one item."""
    return Reply(call.operation.status, agent_data_text(_find(call)))


@endpoint("PUT", ONE)
def put_agent_data(call: Call) -> Reply:
    """Overwrite the whole data of an item."""
    row = dict(_find(call))
    row |= {"data": _document(call, call.body["data"]), "updated_at": call.now}
    call.db.execute("UPDATE agent_data SET data = :data, updated_at = :updated_at WHERE seq = :seq", row)
    return Reply(call.operation.status, agent_data_text(row))


@endpoint("DELETE", ONE)
def delete_agent_data(call: Call) -> Reply:
    """Mark as deleted."""
    row = _find(call, gone_is_fine=True)
    if not row["deleted_at"]:
        call.db.execute("UPDATE agent_data SET deleted_at = ? WHERE seq = ?", (call.now, row["seq"]))
    return Reply(call.operation.status, "{}")


@endpoint("POST", COLLECTION + "/:search")
def search_agent_data(call: Call) -> Reply:
    """List the items of a collection that a filter takes."""
    chosen = _chosen(call)
    listing = Listing(
        "agent_data",
        tuple(each.sql for each in chosen),
        tuple(value for each in chosen for value in each.values),
        descending=default_descending(call),
        order=order_terms(call.body.get("order_by")),
        offset=call.body.get("offset") or 0,
        counted=bool(call.body.get("include_total")),
    )
    return reply_page_of_body(call, listing, agent_data_text)


@endpoint("POST", COLLECTION + "/:aggregate")
def aggregate_agent_data(call: Call) -> Reply:
    """Group the items that a filter takes; without keys to group by all of them are one group."""
    chosen, keys = _chosen(call), list(call.body.get("group_by") or ())
    columns = group_columns(keys)
    named = "".join(f", {sql} AS g{i}" for i, sql in enumerate(columns))
    grouped = f"GROUP BY {', '.join(f'g{i}' for i in range(len(columns)))}" if columns else ""
    # Bare columns come from the row that has the minimum, which is the first one made.
    inner = f"""SELECT min(seq) AS seq, count(*) AS n, data, created_at, updated_at{named} FROM agent_data
        WHERE {" AND ".join(each.sql for each in chosen)} {grouped}"""
    listing = Listing(
        f"({inner})",
        ("1",),
        tuple(value for each in chosen for value in each.values),
        order=order_terms(call.body.get("order_by")),
        offset=call.body.get("offset") or 0,
    )
    return reply_page_of_body(call, listing, lambda row: to_json(_group(call, row, keys)))


@endpoint("POST", COLLECTION + "/:delete")
def delete_agent_data_by_query(call: Call) -> Reply:
    """Mark as deleted what a filter takes; without a filter, the whole collection."""
    chosen = _chosen(call)
    done = call.db.execute(
        f"UPDATE agent_data SET deleted_at = ? WHERE {' AND '.join(each.sql for each in chosen)}",
        (call.now, *(value for each in chosen for value in each.values)),
    )
    return call.reply({"deleted_count": done.rowcount})


def agent_data_text(row: Mapping[str, Any] | sqlite3.Row) -> str:
    """Write an item as it is answered; its data is stored as text and goes out as it is."""
    names = ("id", "deployment_name", "project_id", "collection", "created_at", "updated_at")
    return f'{to_json({name: row[name] for name in names})[:-1]},"data":{row["data"]}}}'


def _group(call: Call, row: sqlite3.Row, keys: list[str]) -> dict[str, Any]:
    group: dict[str, Any] = {"group_key": {key: json.loads(row[f"g{i}"])[0] for i, key in enumerate(keys)}}
    group["count"] = row["n"] if call.body.get("count") else None
    group["first_item"] = json.loads(row["data"]) if call.body.get("first") and row["data"] else None
    return group


def _chosen(call: Call) -> list[Condition]:
    """Read collection and filter of the body. Raises Refusal 404 or 422."""
    _check_deployment(call)
    rules = FilterRules(
        null_counts=call.switches.agent_data_null_filter == "null",
        absent_differs=call.switches.agent_data_ne_absent == "match",
    )
    place = (call.project_id, call.body["deployment_name"], _collection(call))
    here = "project_id = ? AND deployment_name = ? AND collection = ? AND deleted_at IS NULL"
    return [Condition(here, place), *filter_conditions(call.body.get("filter"), rules)]


def _collection(call: Call) -> str:
    return str(call.body.get("collection", "default"))


def _check_deployment(call: Call) -> None:
    known, name = call.services.deployments, call.body["deployment_name"]
    if known is None or name == PUBLIC or name in known:
        return
    if call.switches.agent_data_unknown_deployment == "not_found":
        raise not_found("Deployment", name)
    raise Refusal(400, f"Deployment {name} does not exist")


def _document(call: Call, data: Mapping[str, Any]) -> str:
    text = to_json(data)
    if not call.db.execute("SELECT json_valid(?)", (text,)).fetchone()[0]:
        raise invalid(["body", "data"], "Data is nested too deep")
    return text


def _find(call: Call, *, gone_is_fine: bool = False) -> sqlite3.Row:
    wanted = call.parameters["item_id"]
    row = call.one("SELECT * FROM agent_data WHERE id = ? AND project_id = ?", wanted, call.project_id)
    if row is not None and not row["deleted_at"]:
        return row
    if row is None or not (gone_is_fine and call.switches.deleted_again == "no_content"):
        raise not_found("Agent data", wanted)
    return row

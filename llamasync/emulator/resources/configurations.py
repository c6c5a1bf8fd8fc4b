"""Product configurations: upsert, list, get, put, delete; and the built-in ones, which nobody can change."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint, to_json
from llamasync.emulator.contract import Contract
from llamasync.emulator.errors import Refusal, conflict, not_found
from llamasync.emulator.paging import Listing, default_descending, reply_page
from llamasync.emulator.rows import insert, row_values

COLLECTION = "/api/v1/beta/configurations"
ONE = COLLECTION + "/{config_id}"
TIERS = ("fast", "cost_effective", "agentic", "agentic_plus")
LATEST = """version = (SELECT max(version) FROM configurations AS other
    WHERE other.project_id = all_configurations.project_id AND other.name = all_configurations.name AND
    other.product_type = all_configurations.product_type AND other.deleted_at IS NULL)"""
SAME = "project_id = ? AND name = ? AND product_type = ? AND deleted_at IS NULL"


def _builtin(tier: str, position: int) -> dict[str, Any]:
    since = "2026-01-01T00:00:00.000000Z"
    parameters = to_json({"product_type": "parse_v2", "tier": tier, "version": "latest"})
    return {
        "seq": -1 - position,
        "id": f"cfg-PARSE_{tier.upper()}",
        "project_id": "",
        "name": f"parse-{tier}",
        "product_type": "parse_v2",
        "version": 1,
        "parameters": parameters,
        "created_at": since,
        "updated_at": since,
        "deleted_at": None,
    }


BUILTIN = {row["id"]: row for row in (_builtin(tier, position) for position, tier in enumerate(TIERS))}


@endpoint("POST", COLLECTION)
def upsert_configuration(call: Call) -> Reply:
    """Make a configuration, or change the one of that name and product type."""
    name, parameters = call.body["name"], _parameters(call, call.body["parameters"])
    product_type = parameters["product_type"]
    latest = f"SELECT * FROM configurations WHERE {SAME} ORDER BY version DESC"
    existing = call.one(latest, call.project_id, name, product_type)
    if existing is not None and call.switches.configuration_upsert == "update":
        return call.reply(_update(call, existing, name, parameters))
    sequence = call.new_sequence()
    row = {
        "seq": sequence,
        "id": call.services.identities.prefixed("cfg", sequence),
        "project_id": call.project_id,
        "name": name,
        "product_type": product_type,
        "version": existing["version"] + 1 if existing else 1,
        "parameters": to_json(parameters),
        "created_at": call.now,
        "updated_at": call.now,
        "deleted_at": None,
    }
    insert(call.db, "configurations", row)
    return call.reply(_shown(row))


@endpoint("GET", COLLECTION)
def list_configurations(call: Call) -> Reply:
    """List by name and product types."""
    asked = call.parameters
    where, values = ["project_id IN (?, '')", "deleted_at IS NULL"], [call.project_id]
    if asked.get("name") is not None:
        where.append("name = ?")
        values.append(asked["name"])
    if asked.get("product_type"):
        where.append(f"product_type IN ({', '.join('?' * len(asked['product_type']))})")
        values.extend(asked["product_type"])
    if asked.get("latest_only"):
        where.append(f"(project_id = '' OR {LATEST})")
    listing = Listing(_source(call), tuple(where), tuple(values), descending=default_descending(call))
    return reply_page(call, listing, lambda row: call.object_text(_shown(row_values(row))))


@endpoint("GET", ONE)
def get_configuration(call: Call) -> Reply:
    """Answer one configuration, a built-in one too."""
    builtin = BUILTIN.get(call.parameters["config_id"])
    return call.reply(_shown(builtin if builtin else row_values(_find(call))))


@endpoint("PUT", ONE)
def put_configuration(call: Call) -> Reply:
    """Change name and parameters; what is not given stays."""
    row = _find(call)
    name = call.body.get("name") or row["name"]
    sent = call.body.get("parameters")
    parameters = json.loads(row["parameters"]) if sent is None else _parameters(call, sent)
    other = call.one(
        f"SELECT 1 FROM configurations WHERE {SAME} AND name != ?",
        call.project_id, name, parameters["product_type"], row["name"],
    )  # fmt: skip
    if other is not None and call.switches.configuration_name_conflict == "conflict":
        raise conflict(f"Configuration with name {name!r} already exists")
    return call.reply(_update(call, row, name, parameters))


@endpoint("DELETE", ONE)
def delete_configuration(call: Call) -> Reply:
    """Mark as deleted."""
    row = _find(call, gone_is_fine=True)
    call.db.execute("UPDATE configurations SET deleted_at = ? WHERE seq = ?", (call.now, row["seq"]))
    return Reply(204)


def _update(call: Call, row: sqlite3.Row, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    after = {
        **row_values(row),
        "name": name,
        "product_type": parameters["product_type"],
        "parameters": to_json(parameters),
        "version": row["version"] + 1,
        "updated_at": call.now,
    }
    names = ", ".join(f"{column} = :{column}" for column in after)
    call.db.execute(f"UPDATE configurations SET {names} WHERE seq = :seq", after)
    return _shown(after)


def _find(call: Call, *, gone_is_fine: bool = False) -> sqlite3.Row:
    """Find the configuration of the path. Raises Refusal 404, or 403 for a built-in one."""
    wanted = call.parameters["config_id"]
    if wanted in BUILTIN:
        raise Refusal(403, f"Configuration {wanted} is built in and cannot be changed")
    row = call.one("SELECT * FROM configurations WHERE id = ? AND project_id = ?", wanted, call.project_id)
    if row is not None and not row["deleted_at"]:
        return row
    again = gone_is_fine and call.switches.deleted_again == "no_content"
    if row is None or not again:
        raise not_found("Configuration", wanted)
    return row


def _source(call: Call) -> str:
    """Name the table to list: the stored configurations, with the built-in ones where the switch says so."""
    if call.switches.builtin_configurations_listed == "no":
        return "(SELECT * FROM configurations) AS all_configurations"
    literals = ", ".join(
        "({})".format(", ".join("NULL" if v is None else repr(v) for v in row.values())) for row in BUILTIN.values()
    )
    return f"(SELECT * FROM configurations UNION ALL SELECT * FROM (VALUES {literals})) AS all_configurations"


def _parameters(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    if call.switches.configuration_parameters == "as_sent":
        return sent
    contract = call.services.contract
    union = contract.components["schemas"]["ConfigurationCreateRequest"]["properties"]["parameters"]
    reference = union["discriminator"]["mapping"][sent["product_type"]]
    filled = fill_defaults(contract, {"$ref": reference}, sent)
    return dict(filled)


def fill_defaults(contract: Contract, schema: Mapping[str, Any], value: Any) -> Any:
    """Add the defaults of a schema to an object and to the objects inside it."""
    shape = contract.resolve(schema)
    for alternative in shape.get("anyOf", ()):
        if contract.resolve(alternative).get("type") == "object" and isinstance(value, dict):
            return fill_defaults(contract, alternative, value)
    properties = shape.get("properties")
    if not isinstance(value, dict) or not properties:
        return value
    known = {name: fill_defaults(contract, properties.get(name, {}), each) for name, each in value.items()}
    missing = {name: each["default"] for name, each in properties.items() if "default" in each and name not in value}
    return {**known, **missing}


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "version": str(row["version"]), "parameters": json.loads(row["parameters"])}

"""Projects and organizations, v1 and v2. They are made by the options only."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import sqlite3
from typing import Any

from llamasync.emulator.calls import Call, Reply, endpoint
from llamasync.emulator.errors import not_found
from llamasync.emulator.paging import Listing, reply_page
from llamasync.emulator.rows import row_values

ORGANIZATIONS = """(SELECT min(seq) AS seq, organization_id AS id, organization_name AS name,
    min(created_at) AS created_at, min(updated_at) AS updated_at FROM projects GROUP BY organization_id)"""
EXTRA: dict[str, Any] = {
    "parse_plan_level": "DEFAULT",
    "stripe_customer_id": None,
    "feature_flags": None,
    "metadata": {},
}


@endpoint("GET", "/api/v1/projects")
def list_projects_v1(call: Call) -> Reply:
    """Answer all projects as a bare array."""
    where, values = _filters(call, name="project_name", organization_id="organization_id")
    rows = call.db.execute(f"SELECT * FROM projects WHERE {' AND '.join(where)} ORDER BY seq", values)
    return _array(call, [_project(row) for row in rows])


@endpoint("GET", "/api/v2/projects")
def list_projects_v2(call: Call) -> Reply:
    """Answer a page of projects."""
    where, values = _filters(call, name="name", organization_id="organization_id")
    return reply_page(call, Listing("projects", where, values), lambda row: call.object_text(_project(row)))


@endpoint("GET", "/api/v1/projects/{project_id}")
@endpoint("GET", "/api/v2/projects/{project_id}")
def get_project(call: Call) -> Reply:
    """Answer one project."""
    wanted = call.parameters["project_id"]
    where, values = _filters(call, organization_id="organization_id")
    row = call.one(f"SELECT * FROM projects WHERE id = ? AND {' AND '.join(where)}", wanted.lower(), *values)
    if row is None:
        raise not_found("Project", wanted)
    return call.reply(_project(row))


@endpoint("GET", "/api/v1/organizations")
def list_organizations_v1(call: Call) -> Reply:
    """Answer all organizations as a bare array."""
    rows = call.db.execute(f"SELECT * FROM {ORGANIZATIONS} ORDER BY seq")
    return _array(call, [{**row_values(row), **EXTRA} for row in rows])


@endpoint("GET", "/api/v2/organizations")
def list_organizations_v2(call: Call) -> Reply:
    """Answer a page of organizations."""
    where, values = _filters(call, name="name")
    listing = Listing(ORGANIZATIONS, where, values)
    return reply_page(call, listing, lambda row: call.object_text({**row_values(row), **EXTRA}))


@endpoint("GET", "/api/v1/organizations/{organization_id}")
@endpoint("GET", "/api/v2/organizations/{organization_id}")
def get_organization(call: Call) -> Reply:
    """Answer one organization."""
    wanted = call.parameters["organization_id"]
    row = call.one(f"SELECT * FROM {ORGANIZATIONS} WHERE id = ?", wanted.lower())
    if row is None:
        raise not_found("Organization", wanted)
    return call.reply({**row_values(row), **EXTRA})


def _filters(call: Call, **columns: str) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Make conditions of the parameters that were given: column name -> parameter name."""
    given = {column: call.parameters.get(name) for column, name in columns.items()}
    used = {column: value for column, value in given.items() if value is not None}
    return ("1", *(f"{column} = ?" for column in used)), tuple(used.values())


def _project(row: sqlite3.Row) -> dict[str, Any]:
    return {**row_values(row), "is_default": bool(row["is_default"])}


def _array(call: Call, items: list[dict[str, Any]]) -> Reply:
    return Reply(call.operation.status, f"[{','.join(map(call.object_text, items))}]")

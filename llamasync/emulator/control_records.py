"""For tests only: agent data past all rules, in bulk, and as it is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from llamasync.emulator.calls import Call
from llamasync.emulator.resources.agent_data import PUBLIC, add_agent_data

OpenCall = Callable[[], AbstractContextManager[Call]]


class AgentDataControl:
    """The back door to agent data of the default project."""

    def __init__(self, open_call: OpenCall) -> None:
        self._open_call = open_call

    def add(
        self, items: Iterable[Mapping[str, Any]], *, deployment: str = PUBLIC, collection: str = "default"
    ) -> list[str]:
        """Add items at once and return their ids, in order. No deployment needs to exist."""
        with self._open_call() as call:
            return [str(add_agent_data(call, deployment, collection, each)["id"]) for each in items]

    def all(self, *, deployment: str = PUBLIC, collection: str = "default") -> list[dict[str, Any]]:
        """Return the data of all items that are not deleted, oldest first."""
        sql = """SELECT data FROM agent_data WHERE project_id = ? AND deployment_name = ? AND collection = ?
            AND deleted_at IS NULL ORDER BY seq"""
        with self._open_call() as call:
            rows = call.db.execute(sql, (call.project_id, deployment, collection)).fetchall()
        return [json.loads(row["data"]) for row in rows]

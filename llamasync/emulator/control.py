"""For tests only: look into the emulator and change what no client can, past all rules and without a request."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llamasync.emulator.calls import Call, Services, to_json
from llamasync.emulator.contract import Operation
from llamasync.emulator.control_jobs import JobControl
from llamasync.emulator.control_records import AgentDataControl
from llamasync.emulator.indexing.settling import settle_all
from llamasync.emulator.resources.directories import add_directory
from llamasync.emulator.resources.directory_uploads import Entry, place
from llamasync.emulator.resources.files import store_file
from llamasync.emulator.rows import delete_directory_files, row_values, write_directory_file
from llamasync.emulator.snapshots import take_snapshot
from llamasync.emulator.store import Store
from llamasync.emulator.times import MovableClock, format_time
from llamasync.emulator.uploads import FilePart


class Control:
    """The back door. All methods take effect at once; ids that do not exist raise LookupError."""

    def __init__(self, store: Store, services: Services, project_id: str, clock: MovableClock) -> None:
        self._store = store
        self._services = services
        self._project_id = project_id
        self._clock = clock
        self.agent_data = AgentDataControl(self._call)
        self.jobs = JobControl(self._call)

    def snapshot(self, *, ids: bool = True, project_id: str | None = None) -> dict[str, Any]:
        """Describe what is not deleted, sorted, as JSON-able values; `ids` stands for times and versions too."""
        with self._call(project_id) as call:
            settle_all(call)
            return take_snapshot(call.db, call.project_id, ids=ids)

    @property
    def blob_folder(self) -> Path:
        """Where the bytes are kept."""
        return self._services.blobs.folder

    def blob(self, file_id: str) -> bytes:
        """Read the bytes of a file, deleted or not."""
        return self._services.blobs.read(str(self._row("files", file_id)["sha256"]))

    def add_directory(
        self,
        name: str,
        *,
        type: str = "user",
        description: str | None = None,
        connector_subscription_id: str | None = None,
        system_metadata: dict[str, Any] | None = None,
        project_id: str | None = None,
    ) -> str:
        """Make a directory of any type, such as the service's own, and return its id."""
        with self._call(project_id) as call:
            made = add_directory(
                call,
                name=name,
                description=description,
                type=type,
                connector_subscription_id=connector_subscription_id,
                system_metadata=system_metadata,
            )
            return str(made["id"])

    def add_file(
        self,
        directory_id: str,
        unique_id: str,
        *,
        content: bytes = b"content",
        metadata: Mapping[str, Any] | None = None,
        display_name: str | None = None,
        system_metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Put a file into a directory, and return the id of the directory file."""
        directory = self._row("directories", directory_id)
        name = display_name or unique_id
        with self._call(directory["project_id"]) as call:
            file = self._store_bytes(call, name, content)
            row = place(call, Entry(directory_id, file["id"], unique_id, name, dict(metadata or {})))
            if system_metadata:
                write_directory_file(call.db, {**row, "system_metadata": to_json(dict(system_metadata))})
            return str(row["id"])

    def set_system_metadata(self, directory_file_id: str, metadata: Mapping[str, Any]) -> None:
        """Replace the layer that the service owns; updated_at stays."""
        self._change(directory_file_id, system_metadata=to_json(dict(metadata)))

    def set_user_metadata(self, directory_file_id: str, metadata: Mapping[str, Any]) -> None:
        """Replace the user layer, as somebody else's PATCH would; updated_at moves."""
        with self._call() as call:
            now = call.now
        self._change(directory_file_id, user_metadata=to_json(dict(metadata)), updated_at=now)

    def replace_content(self, directory_file_id: str, content: bytes) -> str:
        """Give a directory file other bytes, and return the id of the new file. Nothing else shows the change."""
        row = self._row("directory_files", directory_file_id)
        with self._call(row["project_id"]) as call:
            file = self._store_bytes(call, row["display_name"], content)
            write_directory_file(call.db, {**row_values(row), "file_id": file["id"]})
            return str(file["id"])

    def damage(self, file_id: str, content: bytes = b"damaged") -> None:
        """Change the stored bytes of a file in place, as a broken disk would."""
        self._services.blobs.write_over(str(self._row("files", file_id)["sha256"]), content)

    def webhook_config(self, identity: str) -> dict[str, Any]:
        """Read a webhook configuration as it is stored, secrets unmasked."""
        row = row_values(self._row("webhook_configs", identity))
        return {**row, "headers": json.loads(row["headers"]), "events": json.loads(row["events"])}

    def delete_file(self, directory_file_id: str) -> None:
        """Delete a directory file, as somebody else would."""
        with self._call() as call:
            delete_directory_files(call, "id = ?", directory_file_id)

    def fail_next_sync(self, source_directory_id: str = "", message: str = "sync failed on demand") -> None:
        """Make one sync that begins from now on end as failed: of that directory, or of any. Can be called often."""
        self._plan_failure("sync", source_directory_id, message)

    def finish_syncs(self) -> None:
        """Bring all running syncs to their end, whatever the clock says."""
        with self._call() as call:
            call.db.execute("UPDATE index_syncs SET ends_at = ? WHERE status = 'running'", (call.now,))
            settle_all(call)

    def move_clock(self, seconds: float) -> str:
        """Let so much time pass at once, for syncs, jobs and links; return what time it is then."""
        self._clock.move(seconds)
        return format_time(self._clock())

    def fail_next_chat(self, session_id: str = "", message: str = "chat failed on demand") -> None:
        """Make one message end with an error event: of that session, or of any."""
        self._plan_failure("chat", session_id, message)

    def _plan_failure(self, area: str, target: str, message: str) -> None:
        with self._call() as call:
            values = (call.new_sequence(), area, target, message)
            call.db.execute("INSERT INTO planned_failures VALUES (?, ?, ?, ?)", values)

    def _store_bytes(self, call: Call, name: str, content: bytes) -> dict[str, Any]:
        pending = self._services.blobs.put(content)
        file = store_file(call, FilePart(name, None, pending), external_file_id=None, purpose="user_data")
        self._services.blobs.adopt(pending)
        return file

    def _change(self, directory_file_id: str, **values: Any) -> None:
        row = self._row("directory_files", directory_file_id)
        with self._store.transaction() as db:
            write_directory_file(db, {**row_values(row), **values})

    def _row(self, table: str, identity: str) -> sqlite3.Row:
        with self._store.transaction(reads_only=True) as db:
            row: sqlite3.Row | None = db.execute(f"SELECT * FROM {table} WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise LookupError(f"no {identity} in {table}")
        return row

    @contextmanager
    def _call(self, project_id: str | None = None) -> Iterator[Call]:
        operation: Operation = self._services.contract.operations[0]
        with self._store.transaction() as db:
            yield Call(
                services=self._services,
                operation=operation,
                db=db,
                project_id=project_id or self._project_id,
                moment=self._services.clock(),
                base_url="",
                parameters={},
            )

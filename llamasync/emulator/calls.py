"""One request on its way to a resource, and the answer on its way back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from llamasync.emulator.blobs import BlobStore
from llamasync.emulator.contract import Contract, Operation
from llamasync.emulator.errors import Refusal
from llamasync.emulator.signing import Signer
from llamasync.emulator.store import Identities
from llamasync.emulator.switches import Switches
from llamasync.emulator.times import format_time
from llamasync.emulator.uploads import Upload


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. With `stream` the text is not used, and `length` says how many bytes will come."""

    status: int
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    stream: Iterator[bytes] | None = None
    length: int = 0


@dataclass(frozen=True, slots=True)
class Services:
    """What every resource may use; fixed while the emulator lives."""

    contract: Contract
    switches: Switches
    identities: Identities
    blobs: BlobStore
    signer: Signer
    clock: Callable[[], datetime]
    presigned_for_s: int
    deployments: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the contract: its values typed, its project known, the store held for it."""

    services: Services
    operation: Operation
    db: sqlite3.Connection
    project_id: str
    moment: datetime
    base_url: str
    parameters: Mapping[str, Any]
    body: Any = None
    upload: Upload | None = None

    @property
    def switches(self) -> Switches:
        return self.services.switches

    @property
    def now(self) -> str:
        return format_time(self.moment)

    def new_sequence(self) -> int:
        return self.services.identities.next_sequence(self.db)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return row

    def reply(self, value: Mapping[str, Any]) -> Reply:
        """Answer with one object, cut down to the fields that this dialect knows."""
        return Reply(self.operation.status, self.object_text(value))

    def object_text(self, value: Mapping[str, Any]) -> str:
        fields = self.operation.fields
        return to_json({name: each for name, each in value.items() if name in fields})

    def presigner(self, for_s: int | None = None) -> Callable[[str], dict[str, Any]]:
        """Return what makes links to the bytes of files, in the contract's shape; all of them expire together."""
        ends = self.moment + timedelta(seconds=for_s or self.services.presigned_for_s)
        expires, expires_at = int(ends.timestamp()), format_time(ends.replace(microsecond=0))
        link, base_url = self.services.signer.link, self.base_url

        def presign(file_id: str) -> dict[str, Any]:
            return {"url": link(base_url, file_id, expires), "expires_at": expires_at, "form_fields": None}

        return presign


# One for all: json.dumps makes a new one each time that it is called with options.
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

Endpoint = Callable[[Call], Reply]
ENDPOINTS: dict[tuple[str, str], Endpoint] = {}


def endpoint(method: str, template: str) -> Callable[[Endpoint], Endpoint]:
    """Make a function the answer to one operation of the contract, in every dialect that has it."""

    def register(function: Endpoint) -> Endpoint:
        ENDPOINTS[method, template] = function
        return function

    return register


def to_json(value: Any) -> str:
    """Write compact JSON. Raises ValueError for a number that JSON does not have."""
    return ENCODER.encode(value)


def error_reply(refusal: Refusal) -> Reply:
    """Turn a refusal into its answer."""
    return Reply(refusal.status, to_json({"detail": refusal.detail}), refusal.headers)

"""What the tests of the emulator share: a client in process, a clock that is told what time it is."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from llamasync.emulator import Emulator, Options, Switches
from llamasync.emulator.contract import load_contract
from llamasync.emulator.validation import Validator

BASE = "http://emulator.local"
DIRECTORIES = "/api/v1/beta/directories"
FILES = "/api/v1/beta/files"
CONFIGURATIONS = "/api/v1/beta/configurations"
PARSE = {"product_type": "parse_v2", "tier": "fast", "version": "latest"}


@dataclass(slots=True)
class Clock:
    """Stands still until it is moved; each look moves it by one microsecond, so that times differ."""

    now: datetime = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class World:
    """An emulator and a client that reaches it without a port."""

    emulator: Emulator
    clock: Clock
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.WSGITransport(app=self.emulator)
        self.client = httpx.Client(transport=transport, base_url=BASE, headers={"Authorization": "Bearer key"})

    def directory(self, name: str = "docs", **body: Any) -> str:
        return str(self.ok("POST", DIRECTORIES, json={"name": name, **body})["id"])

    def upload(
        self, directory_id: str, name: str = "a.txt", content: bytes = b"hello", **fields: str
    ) -> httpx.Response:
        path = f"{DIRECTORIES}/{directory_id}/files/upload"
        return self.client.post(path, files={"upload_file": (name, content)}, data=fields)

    def uploaded(self, directory_id: str, name: str = "a.txt", content: bytes = b"hello", **fields: str) -> Any:
        answer = self.upload(directory_id, name, content, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def ok(self, method: str, path: str, **request: Any) -> Any:
        answer = self.client.request(method, path, **request)
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def status(self, method: str, path: str, **request: Any) -> int:
        return self.client.request(method, path, **request).status_code

    def items(self, path: str, **query: Any) -> list[Any]:
        """Read all pages."""
        items: list[Any] = []
        while True:
            page = self.ok("GET", path, params=query)
            items += page["items"]
            if not page.get("next_page_token"):
                return items
            query["page_token"] = page["next_page_token"]

    def close(self) -> None:
        self.client.close()
        self.emulator.close()


def make_world(switches: dict[str, Any] | None = None, **options: Any) -> World:
    clock = options.pop("clock", None) or Clock()
    return World(Emulator(Options(switches=Switches(**(switches or {})), clock=clock, **options)), clock)


def check_against_contract(dialect: str, method: str, path: str, answer: httpx.Response) -> None:
    """Fail when an answer is not what the contract file says of that operation and status."""
    contract = load_contract(dialect)
    operation, _ = contract.route(method, path, frozenset())
    if answer.status_code == 422:
        _validator(dialect, None).check(answer.json(), ["response"])
    elif answer.status_code >= 400:
        assert "detail" in answer.json()
    else:
        assert answer.status_code == operation.status
        if operation.response_schema is None:
            assert answer.content == b""
        elif answer.headers["content-type"].startswith("text/event-stream"):
            assert answer.text.endswith("\n\n")
        else:
            _validator(dialect, operation.key).check(answer.json(), ["response"])
            _check_fields(answer.json(), operation.fields)


@functools.cache
def _validator(dialect: str, key: tuple[str, str] | None) -> Validator:
    """Compile what an operation answers, or without one what every 422 is: once, as it takes milliseconds."""
    contract = load_contract(dialect)
    if key is None:
        return Validator(contract, {"$ref": "#/components/schemas/HTTPValidationError"})
    (schema,) = (each.response_schema for each in contract.operations if each.key == key)
    return Validator(contract, schema or {})


def _check_fields(answer: Any, fields: frozenset[str]) -> None:
    objects = answer if isinstance(answer, list) else answer.get("items", [answer])
    for each in objects:
        assert set(each) <= fields, f"fields that the dialect does not have: {set(each) - fields}"

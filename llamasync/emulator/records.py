"""What is remembered of each request, for scenario tests to compare."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request. `status` None: not answered yet, or the connection was cut.

    `body` is the JSON sent, or None. For an upload `form` holds the text fields, and for the file part its field name
    with `{"filename", "sha256", "size"}`; it is empty where a fault struck before the form was read.
    """

    n: int
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    form: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    fault: str | None = None


class RequestLog:
    """A bounded log, in the order of arrival. Safe for many threads."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._records: deque[RequestRecord] = deque(maxlen=size)
        self._count = 0

    def next_ordinal(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def add(self, record: RequestRecord) -> None:
        with self._lock:
            self._records.append(record)

    def clear(self) -> None:
        """Forget all records and count from 1 again."""
        with self._lock:
            self._records.clear()
            self._count = 0

    def all(self) -> list[RequestRecord]:
        with self._lock:
            return sorted(self._records, key=lambda record: record.n)

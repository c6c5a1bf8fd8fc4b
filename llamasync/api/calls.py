"""How many requests were sent."""

from __future__ import annotations

import threading


class Calls:
    """Counts of requests that were sent, the repeated ones included. Safe for many threads.

    `read` and `write` are calls of the API, `repeated` how many of them were second or later attempts; `download` are
    requests for files elsewhere.
    """

    __slots__ = ("_lock", "download", "read", "repeated", "write")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.read = 0
        self.write = 0
        self.repeated = 0
        self.download = 0

    def count(self, *, reads: bool, repeated: bool) -> None:
        """Count one call of the API."""
        with self._lock:
            if reads:
                self.read += 1
            else:
                self.write += 1
            self.repeated += repeated

    def count_download(self) -> None:
        """Count one request for a file."""
        with self._lock:
            self.download += 1

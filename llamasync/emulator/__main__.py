"""`python -m llamasync.emulator`: serve on a port until told to stop."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence

from llamasync.emulator.app import Emulator
from llamasync.emulator.arguments import options_from_args
from llamasync.emulator.server import serve


def main(words: Sequence[str] | None = None) -> int:
    """Serve; the one line printed is the address, when it answers. Returns the exit code."""
    options, host, port = options_from_args(words)
    try:
        made = Emulator(options)
    except sqlite3.Error as unusable:
        print(f"cannot keep data in {options.path}: {unusable}", file=sys.stderr)  # noqa: T201
        return 1
    with made as emulator:
        try:
            serve(emulator, host, port, on_ready=lambda url: print(url, flush=True))  # noqa: T201
        except OSError as refused:
            print(f"cannot listen on {host}:{port}: {refused}", file=sys.stderr)  # noqa: T201
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Which Store a `--state` or `spec.state` text means."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.state.store import Store

DEFAULT_FILE = ".llamasync/state.db"

_PLANNED = ("agent-data", "s3", "gs", "az", "postgresql")


def open_store(spec: str, root: Path) -> Store:
    """Return the Store that `spec` names: `sqlite`, or `sqlite:PATH` with a path relative to `root`. Opens no file yet.

    Raises DiagnosticError LS508 for any other.
    """
    scheme, colon, rest = spec.partition(":")
    if scheme == "sqlite" and (rest or not colon):
        from llamasync.state.sqlite import SqliteStore

        return SqliteStore(root / (rest or DEFAULT_FILE))
    raise DiagnosticError(_unknown(spec, scheme))


def _unknown(spec: str, scheme: str) -> Diagnostic:
    instead = f"write sqlite (it keeps {DEFAULT_FILE}) or sqlite:PATH"
    if scheme == "sqlite":
        return Diagnostic("LS508", f"{spec!r} names no path", hint=instead)
    if scheme in _PLANNED:
        return Diagnostic("LS508", f"{spec!r}: only sqlite is there yet", hint=instead)
    near = get_close_matches(scheme.lower(), ("sqlite", *_PLANNED), n=1)
    return Diagnostic("LS508", f"{spec!r} is none", hint=f"did you mean {near[0]}? {instead}" if near else instead)

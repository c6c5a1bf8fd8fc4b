"""What can be wrong with a state, as errors ready to be raised."""

from __future__ import annotations

from datetime import datetime

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.state.store import LockOwner


def other_project(location: str, known: str, asked: str) -> DiagnosticError:
    """LS501: the state is of `known`, the run is about `asked`."""
    hint = f"name the state of project {asked} with --state, or choose project {known}"
    return _error("LS501", f"{location} is of project {known}, not of {asked}", hint=hint)


def damaged(location: str, what: str) -> DiagnosticError:
    """LS502: the file is not what it should be. It is left alone."""
    hint = f"restore it from a backup, or move {location}* away and run `llamasync state rebuild`"
    return _error("LS502", f"{location}: {what}", hint=hint)


def newer(location: str, version: int, ours: int) -> DiagnosticError:
    """LS503: a later format than ours."""
    return _error("LS503", f"{location} has format {version}; this llamasync knows formats up to {ours}")


def locked(location: str, owner: LockOwner, now: datetime) -> DiagnosticError:
    """LS504: another run holds the lock."""
    run = f"`llamasync {owner.command}`, {age(owner.since, now)}"
    detail = f"{location} is locked by {owner.who} (process {owner.pid}), {run}"
    return _error("LS504", detail, hint="wait for it; if it is dead for certain: llamasync state force-unlock")


def lock_lost(location: str, owner: LockOwner | None) -> DiagnosticError:
    """LS504: the lock that this run held was taken from it."""
    after = f", and {owner.who} (process {owner.pid}) holds it now" if owner else ""
    detail = f"{location}: the lock of this run was forced open{after}; nothing more is recorded"
    return _error("LS504", detail, hint="when no other run is left: run the same command again, it continues")


def busy(location: str) -> DiagnosticError:
    """LS504: another process kept the file to itself for longer than we wait."""
    return _error("LS504", f"another process keeps {location} to itself", hint="see who has the file open, run again")


def unknown_address(address: Address) -> DiagnosticError:
    """LS505."""
    return _error("LS505", f"there is no {address}", address=address, hint="llamasync state list")


def known_address(address: Address) -> DiagnosticError:
    """LS506."""
    return _error("LS506", f"{address} exists already", address=address, hint=f"llamasync state rm '{address}'")


def unwritable(location: str, why: str) -> DiagnosticError:
    """LS507."""
    return _error("LS507", f"{location}: {why}")


def unreadable(location: str, why: str) -> DiagnosticError:
    """LS510."""
    return _error("LS510", f"{location}: {why}")


def age(since: str, now: datetime) -> str:
    """Say how long ago `since` (RFC 3339) was, in a person's words; "since ..." when it is not a time.

    >>> from datetime import UTC
    >>> age("2026-01-01T12:00:00Z", datetime(2026, 1, 1, 14, 30, tzinfo=UTC))
    '2 hours ago'
    """
    try:
        seconds = (now - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):
        return f"since {since}"
    for unit, length_s in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length_s)
        if count > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def _error(code: str, detail: str, *, address: Address | None = None, hint: str = "") -> DiagnosticError:
    return DiagnosticError(Diagnostic(code, detail, address=address, hint=hint))

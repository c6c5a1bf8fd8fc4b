"""What stops a request: a refusal that becomes an answer, and a cut connection that becomes none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class ConnectionCut(Exception):
    """The connection was closed without an answer. In process it is raised to the caller's transport."""


class Refusal(Exception):
    """An answer other than success. `detail` is a text, or a list of validation problems."""

    def __init__(self, status: int, detail: Any, headers: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail
        self.headers = tuple(headers)


def not_found(what: str, identity: str) -> Refusal:
    """Make the 404 for an object."""
    return Refusal(404, f"{what} {identity} not found")


def conflict(detail: str) -> Refusal:
    """Make a 409."""
    return Refusal(409, detail)


def problem(loc: Iterable[str | int], msg: str, kind: str = "value_error") -> Mapping[str, Any]:
    """Build one entry of a 422 answer, in the contract's shape."""
    return {"loc": list(loc), "msg": msg, "type": kind}


def invalid(loc: Iterable[str | int], msg: str, kind: str = "value_error") -> Refusal:
    """Make a 422 with one problem."""
    return Refusal(422, [problem(loc, msg, kind)])

"""Which of the two dialects of the API an endpoint speaks."""

from __future__ import annotations

from enum import StrEnum

from llamasync.api.client import Client
from llamasync.api.errors import NotLlamaCloud, Refused

# Served in the current dialect only.
PROBE = "/api/v1/beta/webhook-configs"
# Not for this key, not in this form, not implemented: all said of an operation that is known.
_EXISTS = (403, 422, 501)


class Dialect(StrEnum):
    """The names of the dialects."""

    REFERENCE = "reference"
    CURRENT = "current"


def detect_dialect(client: Client) -> Dialect:
    """Ask the service with one read. Raises ApiError when it answers neither way."""
    try:
        client.get(PROBE)
    except (Refused, NotLlamaCloud) as error:
        if error.status in (404, 405) and error.code != "LS405":
            return Dialect.REFERENCE
        if isinstance(error, Refused) and error.status in _EXISTS:
            return Dialect.CURRENT
        raise
    return Dialect.CURRENT

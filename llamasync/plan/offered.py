"""Objects that the service does not have at all: said once for each, instead of as a failed list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llamasync.core.diagnostic import Diagnostic
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveState
from llamasync.plan.model import Change


def check_offered(changes: Iterable[Change], live: LiveState, kinds: Mapping[str, Kind]) -> list[Diagnostic]:
    """Report every change of an object of a type that the service has no operations for."""
    return [
        Diagnostic(
            "LS122",
            f"the service has no {kinds[change.kind].collection.path}",
            source=change.source,
            address=change.address,
        )
        for change in changes
        if change.collection in live.missing
    ]

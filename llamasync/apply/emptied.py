"""What others live in is deleted once it is empty: looked at right before, for what came after the plan was made."""

from __future__ import annotations

from llamasync.apply.tools import Tools
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.kinds.facts import Collection
from llamasync.live.listing import read_listing
from llamasync.live.model import LiveObject
from llamasync.plan.model import Change

SHOWN = 5


def check_emptied(tools: Tools, collection: Collection, live: LiveObject, change: Change) -> None:
    """Make sure that nothing lives in `live` but what this run took out of it, which a list may still show.

    What is put in between this look and the delete is not seen: the service offers no condition. Raises DiagnosticError
    LS307, and ApiError when it cannot be looked at.
    """
    for inner in tools.collections.values():
        if inner.parent != collection.name or not inner.is_nested:
            continue
        found = read_listing(tools.client, inner, live.id).found
        strangers = sorted(one.key[-1] for one in found.values() if not one.foreign and one.id not in tools.taken_out)
        if strangers:
            names = ", ".join(strangers[:SHOWN]) + (" ..." if len(strangers) > SHOWN else "")
            detail = f"{change.address} holds {len(strangers)} that the plan did not see, and was not deleted: {names}"
            hint = "run the plan again: it shows what is there now"
            raise DiagnosticError(Diagnostic("LS307", detail, change.source, change.address, hint=hint))

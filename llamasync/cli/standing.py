"""What status, wait and results share: the standings that are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llamasync.cli.session import Session
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError

if TYPE_CHECKING:
    from llamasync.apply.tools import Tools
    from llamasync.plan.model import Standing


def standings_of(session: Session, address: Address | None) -> tuple[Standing, ...]:
    """Return where the runs and syncs are, or the one of `address`. Raises DiagnosticError LS310 when it has none."""
    from llamasync.cli.planning import make_plan
    from llamasync.manifest.document import near
    from llamasync.plan.model import PlanOptions

    plan = make_plan(session, PlanOptions(guards=session.guards()), costs=False)
    found = tuple(sorted(plan.standings, key=lambda one: one.address))
    if address is None:
        return found
    chosen = tuple(one for one in found if one.address == address)
    if not chosen:
        meant = near(str(address), [str(one.address) for one in found])
        hint = f"did you mean {meant}?" if meant else "llamasync status lists them"
        detail = f"{address} is no run, and nothing that is synced"
        raise DiagnosticError(Diagnostic("LS310", detail, address=address, hint=hint))
    return chosen


def never_ran(standing: Standing) -> DiagnosticError:
    """Return the error for a run that is asked for by name and was never started."""
    return DiagnosticError(Diagnostic("LS729", str(standing.address), address=standing.address))


def tools_of(session: Session) -> Tools:
    """Return what waiting and saving work with."""
    from llamasync.cli.applying import ApplyOptions, make_tools

    return make_tools(session, ApplyOptions(confirm=None))

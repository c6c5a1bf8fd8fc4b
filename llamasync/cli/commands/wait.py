"""`llamasync wait`: until runs and syncs are over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from llamasync.cli.console import Console
from llamasync.cli.exits import Exit
from llamasync.cli.options import Command
from llamasync.cli.selection import ADDRESS
from llamasync.cli.session import Session
from llamasync.core.address import Address
from llamasync.core.duration import parse_duration
from llamasync.core.lean import lean_dataclass

if TYPE_CHECKING:
    from llamasync.plan.model import Standing

    DurationBase = click.ParamType[float]
else:
    DurationBase = click.ParamType


class DurationType(DurationBase):
    """A duration, as manifests have it: `30s`, `5m`, `2h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return value if isinstance(value, float) else parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@lean_dataclass(frozen=True, slots=True)
class _Told:
    """Tells on stderr how one of them goes on."""

    address: Address
    console: Console

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        """Nothing goes up here."""

    def say(self, text: str) -> None:
        self.console.err(f"{self.address}  {text}\n")


@click.command("wait", cls=Command)
@click.argument("address", metavar="[ADDR]", type=ADDRESS, required=False)
@click.option("--timeout", metavar="TIME", type=DurationType(), help="For each (30s, 5m, 2h); else the manifest's.")
@click.pass_context
def command(context: click.Context, /, address: Address | None, timeout: float | None) -> None:
    """Wait until runs and syncs are over.

    Notes how they ended, and saves the results of runs whose manifests say so. Exits with 1 when one failed, or is not
    over in time.
    """
    from llamasync.api.errors import ApiError
    from llamasync.apply.awaiting import await_standing
    from llamasync.apply.waiting import StoppedWaiting
    from llamasync.cli.interrupts import stop_on_signals
    from llamasync.cli.standing import never_ran, standings_of, tools_of
    from llamasync.core.diagnostic import DiagnosticError

    session = Session.of(context)
    console = session.console
    found = standings_of(session, address)
    if address is not None and not found[0].id:
        raise never_ran(found[0])
    tools = tools_of(session)
    problems = []
    with stop_on_signals() as stop:
        tools = replace(tools, stop=stop)
        for one in (each for each in found if each.id):
            try:
                await_standing(one, tools, _Told(one.address, console), timeout_s=timeout)
                console.out(f"{one.address}  is over: {one.id}\n")
            except StoppedWaiting as error:
                console.problems([error.diagnostic(one.address)])
                context.exit(Exit.INTERRUPTED)
            except ApiError as error:
                problems.append(error.diagnostic(one.address, _source(one)))
            except DiagnosticError as error:
                problems += error.diagnostics
    waiting = [str(each.address) for each in found if not each.id]
    if waiting:
        console.err(f"Never begun, so not waited for (llamasync apply begins it): {', '.join(waiting)}\n")
    if not found:
        console.err("There are no runs and no syncs to wait for.\n")
    if problems or tools.notes:
        console.problems([*problems, *tools.notes])
    if problems:
        context.exit(Exit.ERROR)


def _source(standing: Standing) -> Any:
    wanted = standing.desired or (standing.run.desired if standing.run else None)
    return wanted.source if wanted else None

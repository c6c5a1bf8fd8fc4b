"""`llamasync results`: download what runs made."""

from __future__ import annotations

from pathlib import Path

import click

from llamasync.cli.exits import Exit
from llamasync.cli.options import Command
from llamasync.cli.selection import ADDRESS
from llamasync.cli.session import Session
from llamasync.core.address import Address


@click.command("results", cls=Command)
@click.argument("address", metavar="[ADDR]", type=ADDRESS, required=False)
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Save there instead.")
@click.pass_context
def command(context: click.Context, /, address: Address | None, out: Path | None) -> None:
    """Download what runs made.

    Into a folder for each run, inside of the manifest's `results.save` or of --out: tables as the service has them
    (Parquet or CSV), everything else as JSON. A folder that holds something else is left alone.
    """
    from llamasync.api.errors import ApiError
    from llamasync.apply.awaiting import folder_of, has_results, save_standing
    from llamasync.cli.standing import never_ran, standings_of, tools_of
    from llamasync.core.diagnostic import DiagnosticError

    session = Session.of(context)
    found = [one for one in standings_of(session, address) if one.run is not None]
    ready = [one for one in found if has_results(one)]
    if address is not None and not ready:
        raise never_ran(found[0]) if found else click.UsageError(f"{address} is no run, so it has no results.")
    homeless = [str(one.address) for one in ready if out is None and not folder_of(one)]
    if address is not None and homeless:
        raise click.UsageError(f"{address} does not say where (results: {{save: ...}}): use --out DIR.")
    tools = tools_of(session)
    problems = []
    for one in (each for each in ready if str(each.address) not in homeless):
        try:
            place = save_standing(one, tools, folder=str(out.absolute()) if out else "")
        except ApiError as error:
            problems.append(error.diagnostic(one.address))
        except DiagnosticError as error:
            problems += error.diagnostics
        else:
            session.console.out(f"{one.address}  {place}\n")
    if homeless:
        session.console.err(f"Left out, for they do not say where (use --out DIR): {', '.join(homeless)}\n")
    if not ready:
        session.console.err("No run has results yet.\n")
    if problems:
        session.console.problems(problems)
        context.exit(Exit.ERROR)

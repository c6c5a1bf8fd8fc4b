"""`llamasync apply`: make the service as the manifests say."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from llamasync.cli.checking import REPORT, check_report_name
from llamasync.cli.options import Command
from llamasync.cli.selection import GUARDS, guard_options, selection_of, selection_options
from llamasync.cli.session import Session

_PLANNING = ("targets", "excludes", "labels", *GUARDS)


@click.command("apply", cls=Command)
@click.argument("paths", metavar="[PATH]... | PLANFILE", nargs=-1)
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@selection_options
@click.option(
    "--parallelism", metavar="N", type=click.IntRange(1), default=10, show_default=True, help="Changes at once."
)
@guard_options
@click.option("--no-wait", is_flag=True, help="Do not wait for runs and syncs to end.")
@click.option("--no-trash", is_flag=True, help="Delete files without saving bytes that exist nowhere else.")
@click.option("--no-checks", is_flag=True, help="Do not run the checks of what was synced.")
@click.option("--report", metavar="FILE", type=REPORT, help="Write what came of the checks there: .txt, .json or .xml.")
@click.option("--json-events", is_flag=True, help="One JSON object a line on stdout, text on stderr.")
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Make the service as the manifests say.

    Shows the plan and asks, then runs the checks of what was synced: one that fails is exit code 4. A PLANFILE, saved
    by `plan --out`, is applied as it was reviewed without asking, or refused when the manifests, the files or the live
    objects have changed since.
    """
    from llamasync.cli.applying import ApplyOptions, carry_out, confirm_apply
    from llamasync.cli.planning import make_plan
    from llamasync.plan.model import PlanOptions

    check_report_name(given["report"])
    plan_file = _plan_file(paths)
    options = ApplyOptions(
        confirm=None if given["auto_approve"] or plan_file else confirm_apply,
        parallelism=given["parallelism"],
        json_events=given["json_events"],
        trash=not given["no_trash"],
        wait=not given["no_wait"],
        no_checks=_no_checks(given),
        report=given["report"],
    )
    if plan_file:
        if any(given[name] for name in _PLANNING):
            raise click.UsageError("A saved plan is applied as it is: leave the options of planning out.")
        from llamasync.cli.saved import apply_saved

        context.exit(apply_saved(context, plan_file, options))
    session = Session.of(context, paths)
    planning = PlanOptions(
        selection=selection_of(given["targets"], given["excludes"], given["labels"]),
        guards=session.guards(**{name: given[name] for name in GUARDS}),
    )
    _ = session.workspace  # what is wrong with the manifests is said before the state is locked
    options = replace(options, again=lambda: make_plan(session, planning))
    with session.lock("apply"):
        code = carry_out(make_plan(session, planning), session, options)
    context.exit(code)


def _no_checks(given: dict[str, Any]) -> str:
    names = {"no_checks": "--no-checks", "no_wait": "--no-wait"}
    return next((option for name, option in names.items() if given[name]), "")


def _plan_file(paths: tuple[str, ...]) -> Path | None:
    """Return the one path given when it is a file, but no manifest."""
    from llamasync.manifest.discovery import SUFFIXES

    if len(paths) != 1 or not os.path.isfile(paths[0]) or paths[0].endswith(SUFFIXES):
        return None
    return Path(paths[0])

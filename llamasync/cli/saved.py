"""Saving a plan, and applying it as it was reviewed or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llamasync.cli.applying import ApplyOptions, carry_out
from llamasync.cli.exits import Exit
from llamasync.cli.options import globals_of
from llamasync.cli.selection import GUARDS
from llamasync.cli.session import Session
from llamasync.cli.showing import now
from llamasync.core.diagnostic import Diagnostic, DiagnosticError

if TYPE_CHECKING:
    from llamasync.plan.model import Plan, PlanOptions
    from llamasync.plan.planfile import SavedPlan


def save_plan(plan: Plan, session: Session, options: PlanOptions, *, verify_content: bool) -> str:
    """Return the text of a plan file: with it and the same workspace the same plan can be made again."""
    from llamasync.plan.planfile import dump_plan

    selection = options.selection
    given: dict[str, Any] = {
        "targets": [str(address) for address in selection.targets],
        "excludes": [str(address) for address in selection.excludes],
        "labels": dict(selection.labels),
        "destroy": options.destroy,
        **{name: getattr(options.guards, name) for name in GUARDS},
        "verify_content": verify_content,
        "local": session.said.local,
        "state": session.said.state,
        "project": session.said.project,
        "paths": [Path(os.path.relpath(path, session.root)).as_posix() for path in session.paths],
    }
    return dump_plan(plan, created_at=now(), options=given)


def apply_saved(context: click.Context, file: Path, options: ApplyOptions) -> int:
    """Plan again as the file says, and carry it out if it is the same still; return the exit code.

    The environment, --local, --state and --project are taken from the file where the command line says nothing of them;
    --endpoint never is: a file must not decide where the key is sent.
    """
    from llamasync.cli.planning import make_plan
    from llamasync.plan.planfile import check_fresh, read_plan_file

    saved = read_plan_file(_read(file), str(file))
    said = globals_of(context)
    said.environment = said.environment or saved.environment
    said.local = said.local or (saved.options.get("local") is True and not said.endpoint)
    said.state = said.state or _text(saved, "state")
    said.project = said.project or _text(saved, "project")
    session = Session.of(context, _paths(saved))
    planning = _planning(saved, session)
    _ = session.workspace
    with session.lock("apply"):
        plan = make_plan(session, planning, verify_content=saved.options.get("verify_content") is True)
        stale = check_fresh(saved, plan)
        if stale:
            session.console.problems([stale])
            session.console.err("Nothing was changed.\n")
            return Exit.ERROR
        return carry_out(plan, session, options)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DiagnosticError(Diagnostic("LS313", detail=f"{file}: {error}")) from error


def _text(saved: SavedPlan, name: str) -> str:
    value = saved.options.get(name)
    return value if isinstance(value, str) else ""


def _paths(saved: SavedPlan) -> tuple[str, ...]:
    from llamasync.manifest.discovery import find_root

    given = saved.options.get("paths")
    root = find_root(Path.cwd())
    return tuple(str(root / path) for path in given if isinstance(path, str)) if isinstance(given, list) else ()


def _planning(saved: SavedPlan, session: Session) -> PlanOptions:
    from llamasync.plan.model import PlanOptions, Selection
    from llamasync.plan.planfile import addresses_of

    given = saved.options
    labels = given.get("labels")
    allowed: dict[str, Any] = {name: given[name] for name in GUARDS if isinstance(given.get(name), int | float)}
    return PlanOptions(
        selection=Selection(
            targets=addresses_of(given.get("targets")),
            excludes=addresses_of(given.get("excludes")),
            labels={str(name): str(value) for name, value in labels.items()} if isinstance(labels, dict) else {},
        ),
        guards=session.guards(**allowed),
        destroy=given.get("destroy") is True,
    )

"""Waits for runs and syncs that an earlier apply began, records how they ended and saves what they made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from llamasync.apply.results import save_results
from llamasync.apply.running import finish, wait_for_run
from llamasync.apply.syncing import wait_until_ready
from llamasync.apply.tools import Progress, Tools
from llamasync.kinds.run_facts import RunFact, RunShown, RunStatus
from llamasync.plan.model import RunStep, Standing
from llamasync.workspace.desired import DesiredRun


def await_standing(standing: Standing, tools: Tools, progress: Progress, *, timeout_s: float | None) -> None:
    """Wait until the run, or the service's work on the object, is over; save the results of a run that asks for it.

    `timeout_s` None is the manifest's. Raises WorkFailed when it came to nothing, TimedOut, StoppedWaiting, ApiError,
    DiagnosticError LS727. How a run ended is recorded in any case.
    """
    if standing.live is not None and standing.desired is not None and standing.desired.sync is not None:
        sync = standing.desired.sync
        sync = sync if timeout_s is None else replace(sync, timeout_s=timeout_s)
        wait_until_ready(tools, tools.collections[standing.collection], standing.live, sync, progress)
        return
    desired, shown, fact = _parts(standing, tools)
    was_over = shown.status.is_over
    if not was_over:
        limit_s = desired.options.timeout_s if timeout_s is None else timeout_s
        shown = wait_for_run(shown, fact, tools, progress, timeout_s=limit_s)
    shown = shown.with_names(_step(standing).names)
    saved = str(standing.binding.observed.get("saved", "")) if standing.binding else ""
    if not was_over:
        _record(standing, tools, shown, saved)
    finish(shown, desired, tools)
    if desired.save and saved != desired.save_shown:
        save_standing(standing, tools, shown)


def save_standing(standing: Standing, tools: Tools, shown: RunShown | None = None, folder: str = "") -> Path:
    """Download what a run made to the manifest's folder, or to `folder`; return the folder of the run itself.

    Raises as `save_results` does.
    """
    desired, found, fact = _parts(standing, tools)
    shown = (shown or found).with_names(_step(standing).names)
    place = save_results(tools.client, fact, shown, desired, folder)
    if not folder:
        _record(standing, tools, shown, desired.save_shown)
    return place


def has_results(standing: Standing) -> bool:
    """Say whether there is a run whose results can be saved."""
    shown = standing.run.shown if standing.run else None
    return shown is not None and shown.status in (RunStatus.SUCCEEDED, RunStatus.PARTIAL)


def folder_of(standing: Standing) -> str:
    """Return the folder in which the manifest wants results, "" when it wants none."""
    desired = standing.run.desired if standing.run else None
    return desired.save if desired else ""


def _record(standing: Standing, tools: Tools, shown: RunShown, saved: str) -> None:
    """Note how it ended; what it was made of stays as it was when it was started."""
    if standing.binding is None:
        return
    observed = {"status": str(shown.status)} | ({"saved": saved} if saved else {})
    with tools.store.lock("wait"):
        tools.store.record(replace(standing.binding, observed=observed))


def _parts(standing: Standing, tools: Tools) -> tuple[DesiredRun, RunShown, RunFact]:
    step = _step(standing)
    assert step.desired is not None, "a standing is of what is wanted"
    assert step.shown is not None, "the caller looked that it was started"
    fact = tools.kinds[step.desired.kind].run
    assert fact is not None, "of a run"
    return step.desired, step.shown, fact


def _step(standing: Standing) -> RunStep:
    assert standing.run is not None, "a standing is of a run or of an object"
    return standing.run

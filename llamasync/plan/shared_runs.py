"""Runs that several manifests ask for: one is started, and it stands for all of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from llamasync.core.address import Address
from llamasync.plan.model import Action, Change, RunStep
from llamasync.plan.selection import covers
from llamasync.state.model import Binding
from llamasync.workspace.desired import DesiredState


def share_runs(changes: Iterable[Change], excludes: tuple[Address, ...] = ()) -> Iterator[Change]:
    """Yield the changes; of those that would start the same run only the first does, and the others take that one over.

    A run that is made at every apply is never one of the others, and so it goes before them. What is excluded from the
    plan shares nothing.
    """
    listed = list(changes)
    first: dict[Any, Change] = {}
    for change in sorted(listed, key=lambda one: (not _is_always(one), one.address)):
        if change.action is Action.RUN and not any(covers(one, change.address) for one in excludes):
            first.setdefault(_asked(change), change)
    for change in listed:
        found = first.get(_asked(change)) if change.action is Action.RUN else None
        if found is None or found is change or _is_always(change):
            yield change
            continue
        yield replace(
            change,
            action=Action.ADOPT,
            reason=f"asks for the same as {found.address}: one run is started for both",
            needs=tuple(sorted({*change.needs, found.address})),
            run=replace(_step(change), same_as=found.address),
            processing=None,
        )


def staying(bindings: Mapping[Address, Binding], wanted: DesiredState, *, is_partial: bool) -> dict[Address, Address]:
    """Return, for each run that stands for several manifests, one of those that stay."""
    keepers = {
        (binding.collection, binding.id): address
        for address, binding in sorted(bindings.items(), key=lambda pair: pair[0], reverse=True)
        if address in wanted.runs or (is_partial and address not in wanted.manifests)
    }
    found = {address: keepers.get((binding.collection, binding.id)) for address, binding in bindings.items()}
    return {address: keeper for address, keeper in found.items() if keeper is not None}


def _asked(change: Change) -> Any:
    """Return what the run of a change is: two with the same bytes in different files are two runs."""
    step = _step(change)
    return change.kind, step.fingerprint, step.parent, step.file, step.file_id, step.ids


def _is_always(change: Change) -> bool:
    desired = _step(change).desired
    return desired is not None and desired.options.rerun == "always"


def _step(change: Change) -> RunStep:
    assert change.run is not None, "of a run"
    return change.run

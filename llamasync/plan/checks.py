"""Which checks an apply is to run: those about something that it makes anew or brings up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.plan.model import Action, Change, Selection
from llamasync.plan.selection import Labels, covers, unknown_addresses, unknown_labels
from llamasync.workspace.desired import DesiredCheck, DesiredState

_MADE = frozenset({Action.CREATE, Action.REPLACE, Action.SYNC, Action.RUN})


def affected_checks(
    changes: Iterable[Change], desired: DesiredState, excludes: Iterable[Address] = ()
) -> tuple[Address, ...]:
    """Return the checks of something that these changes create, replace, sync or run; sorted.

    What is further away counts by what it does to these: files that change have their index synced.
    """
    if not desired.checks:
        return ()
    made = {change.address.manifest for change in changes if change.action in _MADE or change.syncs}
    if not made:
        return ()
    out = set(excludes)
    return tuple(
        address
        for address, check in sorted(desired.checks.items())
        if address not in out and not made.isdisjoint(check.needs)
    )


def checks_to_run(
    planned: Iterable[Address], desired: DesiredState, undone: Iterable[Address]
) -> tuple[tuple[Address, ...], dict[Address, Address]]:
    """Return those of the planned checks that can be run after an apply, and of the others what each waits for.

    `undone` are the addresses of changes that failed or were skipped.
    """
    broken = {address.manifest for address in undone}
    needs = _needs(desired) if broken else {}
    waiting = {}
    for address in planned:
        missing = sorted(broken & _all_needs(desired.checks[address].needs, needs)) if broken else []
        if missing:
            waiting[address] = missing[0]
    return tuple(address for address in planned if address not in waiting), waiting


def with_needs_of_checks(selection: Selection, desired: DesiredState) -> Selection:
    """Let a check that is a target stand for what it needs, since nothing is planned for itself."""
    needs = {
        need
        for address, check in desired.checks.items()
        if any(covers(target, address) for target in selection.targets)
        for need in check.needs
    }
    return replace(selection, targets=(*selection.targets, *sorted(needs))) if needs else selection


def _needs(desired: DesiredState) -> Mapping[Address, set[Address]]:
    needs: defaultdict[Address, set[Address]] = defaultdict(set)
    for one in desired.objects.values():
        needs[one.address.manifest].update(one.needs)
    for run in desired.runs.values():
        needs[run.address].update(run.needs)
    return needs


def _all_needs(direct: Iterable[Address], needs: Mapping[Address, set[Address]]) -> set[Address]:
    pending, found = list(direct), set(direct)
    while pending:
        for need in needs.get(pending.pop(), ()):
            if need not in found:
                found.add(need)
                pending.append(need)
    return found


def select_checks(
    checks: Mapping[Address, DesiredCheck], selection: Selection, labels: Labels
) -> tuple[tuple[DesiredCheck, ...], list[Diagnostic]]:
    """Return the checks that are meant: those named, or about something named; and what is wrong with the selection.

    `labels` are those of all manifests: ones that no check has mean no check.
    """
    known = {*checks, *(need for check in checks.values() for need in check.needs)}
    problems = unknown_addresses(selection, known) + unknown_labels(selection, labels)
    targets, excludes = set(selection.targets), set(selection.excludes)
    return (
        tuple(
            check
            for address, check in sorted(checks.items())
            if (not targets or not targets.isdisjoint((address, *check.needs)))
            and excludes.isdisjoint((address, *check.needs))
            and all(check.labels.get(key) == value for key, value in selection.labels.items())
        ),
        problems,
    )

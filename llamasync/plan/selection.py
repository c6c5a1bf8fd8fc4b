"""Selection: `--target`, `--exclude` and `-l` narrow a plan to the part of the workspace that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.plan.model import Change, Selection


def select(
    changes: Iterable[Change],
    selection: Selection,
    known: Iterable[Address],
    labels: Mapping[Address, Mapping[str, str]],
) -> tuple[tuple[Change, ...], list[Diagnostic]]:
    """Return the selected changes and what is wrong with the selection.

    `known` are all addresses of manifests and state; `labels` those of the manifests. A target takes along what it
    needs; an exclusion leaves out what needs it. Deletes of removed manifests have no labels, so `-l` takes none.
    """
    listed = tuple(changes)
    problems = unknown_addresses(selection, {*known, *(change.address for change in listed)})
    chosen = {change.address for change in listed if _is_selected(change, selection, labels)}
    if selection.targets or selection.labels:
        chosen = _with_needs(listed, chosen)
    chosen -= _excluded(listed, selection.excludes)
    return tuple(change for change in listed if change.address in chosen), problems


def covers(target: Address, address: Address) -> bool:
    """Say whether a target means this address: the same one, or the manifest of it."""
    return target in (address, address.manifest)


def _is_selected(change: Change, selection: Selection, labels: Mapping[Address, Mapping[str, str]]) -> bool:
    if selection.targets and not any(covers(target, change.address) for target in selection.targets):
        return False
    own = labels.get(change.address.manifest, {})
    return all(own.get(key) == value for key, value in selection.labels.items())


def _with_needs(changes: tuple[Change, ...], chosen: set[Address]) -> set[Address]:
    by_address = {change.address: change for change in changes}
    by_manifest: dict[Address, list[Address]] = {}
    for address in by_address:
        by_manifest.setdefault(address.manifest, []).append(address)
    pending, result = list(chosen), set(chosen)
    while pending:
        change = by_address[pending.pop()]
        # what steps aside takes its own new name in this plan too
        for need in (*change.needs, *((change.renamed_from,) if change.renamed_from else ())):
            for address in [need] if need in by_address else by_manifest.get(need, []):
                if address not in result:
                    result.add(address)
                    pending.append(address)
    return result


def _excluded(changes: tuple[Change, ...], excludes: tuple[Address, ...]) -> set[Address]:
    out = {change.address for change in changes if any(covers(one, change.address) for one in excludes)}
    grown = True
    while grown:
        gone = out | {address.manifest for address in out if address.item}
        more = {change.address for change in changes if change.address not in out and gone & set(change.needs)}
        out |= more
        grown = bool(more)
    return out


def unknown_addresses(selection: Selection, known: set[Address]) -> list[Diagnostic]:
    """Report the addresses of a selection that are none of `known`, nor manifests of them."""
    whole = known | {address.manifest for address in known}
    return [
        Diagnostic("LS310", f"{flag} {address} matches nothing", address=address)
        for flag, addresses in (("--target", selection.targets), ("--exclude", selection.excludes))
        for address in addresses
        if address not in whole
    ]

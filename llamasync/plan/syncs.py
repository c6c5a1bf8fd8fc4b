"""Syncs: which objects are to be brought up to date with the files that they are made of, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llamasync.kinds.facts import Status, Sync
from llamasync.plan.changes import Context
from llamasync.plan.inputs import Contents, Inputs
from llamasync.plan.model import Action, Change, Drift, Standing
from llamasync.plan.worked_on import everything, since_last_sync
from llamasync.state.model import Binding
from llamasync.workspace.desired import Desired, DesiredState

_MADE_ANEW = (Action.CREATE, Action.REPLACE)


def with_syncs(changes: Iterable[Change], wanted: DesiredState, context: Context) -> list[Change]:
    """Return the changes with the syncs that they and the live objects call for.

    A new object's first sync is begun by the service: its change waits for it. One that is changed or adopted anyway is
    synced along with that; one that stays as it is gets a change of its own.
    """
    listed = list(changes)
    followers = [one for one in wanted.objects.values() if one.sync is not None]
    if not followers:
        return listed
    by_address = {change.address: change for change in listed}
    inputs = Inputs(context, wanted.objects, listed)
    for one in followers:
        assert one.sync is not None, "followers have one"
        contents = inputs.of(context.identities.parents[one.address])
        own = by_address.get(one.address)
        is_new = own is not None and own.action in _MADE_ANEW
        reason = "" if is_new else _reason(one, one.sync, contents, context)
        if not is_new and not reason:
            continue
        if own is None:
            own = _sync(one, reason, contents, context)
        elif not is_new:
            own = replace(own, reason=f"{own.reason}; to be synced: {reason}")
        needs = {change.address.manifest for change in contents.changes}
        by_address[one.address] = replace(
            own,
            syncs=True,
            inputs=contents.fingerprint,
            needs=tuple(sorted({*own.needs, *needs})),
            processing=everything(one, inputs) if is_new else since_last_sync(one, inputs),
        )
    return list(by_address.values())


def sync_standings(wanted: DesiredState, context: Context) -> list[Standing]:
    """Tell where the service is with its own work on each object that has some."""
    found = ((one, context.identities.live.get(one.address)) for one in wanted.objects.values() if one.sync is not None)
    return [
        Standing(
            address=one.address,
            collection=live.collection if live else "",
            id=live.id if live else "",
            status=live.status if live else "",
            since=live.updated_at or live.created_at if live else "",
            binding=context.bindings.get(one.address),
            live=live,
            desired=one,
        )
        for one, live in found
    ]


def _reason(one: Desired, sync: Sync, contents: Contents, context: Context) -> str:
    """Say why the object is to be synced, "" when it is not."""
    if sync.when == "never":
        return ""
    binding, live = context.binding_of(one.address), context.identities.live[one.address]
    has_failed = live.status is Status.FAILED
    if contents.changes:
        return _counted(contents) + ("; the last sync failed" if has_failed else "")
    if has_failed:
        return "the last sync failed"
    if binding is None or binding.id != live.id:
        return "it is not known which files it was last synced with"
    if not binding.inputs:
        return "it was not seen to be synced to the end"
    if binding.inputs != contents.fingerprint:
        return "the files are not those it was last synced with"
    return "sync.when is always" if sync.when == "always" else ""


def _counted(contents: Contents) -> str:
    count = len(contents.changes)
    return f"{contents.changes[0].address} changes" if count == 1 else f"{count} of its files change"


def _whose(contents: Contents, binding: Binding | None) -> Drift:
    """Say whose change the sync follows: that of the files; where none of ours changes, the service's."""
    drifts = {change.drift for change in contents.changes}
    if not drifts:
        return Drift.SERVICE if binding is not None and binding.inputs else Drift.MANIFEST
    return drifts.pop() if len(drifts) == 1 else Drift.BOTH


def _sync(one: Desired, reason: str, contents: Contents, context: Context) -> Change:
    live = context.identities.live[one.address]
    binding = context.binding_of(one.address)
    return Change(
        address=one.address,
        kind=one.kind,
        collection=live.collection,
        action=Action.SYNC,
        reason=reason,
        drift=_whose(contents, binding),
        source=one.source,
        desired=one,
        live=live,
        binding=binding,
        parent=live.parent_id,
    )

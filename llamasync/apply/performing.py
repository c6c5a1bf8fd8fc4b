"""Performs one change: which calls, in which order, so that no moment leaves less than there was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from llamasync.api.errors import OutcomeUnknown, Refused
from llamasync.api.paths import path_for
from llamasync.apply.changing import delete_object, update_object
from llamasync.apply.creating import Creation, create_object, upload_object
from llamasync.apply.emptied import check_emptied
from llamasync.apply.merging import check_unchanged, merge_object, with_keys_of_others
from llamasync.apply.running import perform_run
from llamasync.apply.syncing import sync_object, wait_until_ready
from llamasync.apply.tools import Progress, Tools
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.staging import staged_key
from llamasync.kinds.facts import Collection
from llamasync.live.model import LiveObject
from llamasync.plan.compare import check_kept
from llamasync.plan.model import Action, Change
from llamasync.plan.records import record_of
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import Content, Desired


def perform(change: Change, tools: Tools, progress: Progress) -> str:
    """Do what the change says and record it; return the live object's id, "" when there is none any more.

    Raises ApiError when a call fails, DiagnosticError LS408 when the service did not keep what was sent (it is recorded
    all the same) and LS307 for what is to be deleted and is not empty. What was done before a failure is found again by
    the next plan.
    """
    if change.run is not None:
        return perform_run(change, tools, progress)
    return _PERFORMERS[change.action](change, tools, progress)


def _create(change: Change, tools: Tools, progress: Progress) -> str:
    desired = _desired(change)
    collection = tools.collections[change.collection]
    parent_id = tools.resolve(change.parent)
    fields = tools.resolve(change.send)
    creation = Creation(
        collection=collection, parent_id=parent_id, key=desired.key, fields=fields, address=change.address
    )
    if desired.content is None:
        live, intent = create_object(tools, creation)
        _settle(change, tools, live, intent)
        _follow_up(desired, tools, live)
        return _bring_up_to_date(change, tools, live, progress, is_new=True)
    if change.staged is not None:
        return _give_name(change, tools, change.staged, fields)
    live, intent = upload_object(tools, creation, desired.content, progress)
    return _settle(change, tools, live, intent)


def _replace(change: Change, tools: Tools, progress: Progress) -> str:
    desired = _desired(change)
    if desired.content is not None and change.uploads:
        return _replace_content(change, tools, progress, desired.content)
    collection = tools.collections[change.collection]
    old = _live(change)
    parent_id, fields = tools.resolve(change.parent), tools.resolve(change.send)
    is_in_the_way = old.parent_id == parent_id and (old.key == desired.key or collection.one_per_parent)
    if is_in_the_way:
        _delete_old(change, tools, collection)
    creation = Creation(
        collection=collection, parent_id=parent_id, key=desired.key, fields=fields, address=change.address
    )
    live, intent = create_object(tools, creation)
    if not is_in_the_way and old.id != live.id:
        _delete_old(change, tools, collection)
    _settle(change, tools, live, intent)
    _follow_up(desired, tools, live)
    return _bring_up_to_date(change, tools, live, progress, is_new=True)


def _replace_content(change: Change, tools: Tools, progress: Progress, content: Content) -> str:
    """Put the new bytes in under a name that tells them, let the old ones go, give the new ones their name."""
    desired = _desired(change)
    collection = tools.collections[change.collection]
    parent_id, fields = tools.resolve(change.parent), tools.resolve(change.send)
    if change.live is not None:
        fields = with_keys_of_others(tools, tools.kinds[change.kind], change.live, desired, fields)
    staged, intent = change.staged, None
    if staged is None:
        key = (*desired.key[:-1], staged_key(desired.key[-1], content.sha256))
        named = {**fields, **dict(zip(collection.key, key, strict=True))}
        creation = Creation(collection=collection, parent_id=parent_id, key=key, fields=named, address=change.address)
        staged, intent = upload_object(tools, creation, content, progress)
    if change.live is not None and change.live.id != staged.id:
        _delete_old(change, tools, collection)
    return _give_name(change, tools, staged, fields, intent)


def _give_name(
    change: Change, tools: Tools, staged: LiveObject, fields: Mapping[str, Any], intent: Intent | None = None
) -> str:
    """Give staged content its name. It is recorded before: once it has its name, nothing else says whose it is."""
    desired = _desired(change)
    known = replace(staged, sha256=desired.content.sha256 if desired.content else "")
    record = _record(change, tools, known, inputs="")
    name = dict(zip(tools.collections[change.collection].key, staged.key, strict=True))
    tools.store.record(replace(record, fields={**record.fields, **name}))
    named = update_object(tools, tools.collections[change.collection], known, fields)
    return _settle(change, tools, named, intent)


def _update(change: Change, tools: Tools, progress: Progress) -> str:
    live = _live(change)
    parent_id = tools.resolve(change.parent)
    if change.send and change.desired is not None and change.desired.is_shared:
        collection, fields = tools.collections[change.collection], tools.resolve(change.send)
        live = merge_object(tools, collection, live, change.desired, fields)
    elif change.send or parent_id != live.parent_id:
        collection, fields = tools.collections[change.collection], tools.resolve(change.send)
        if change.desired is not None:
            fields = with_keys_of_others(tools, tools.kinds[change.kind], live, change.desired, fields)
        if collection.create_is_upsert:
            check_unchanged(tools, collection, live)
        live = update_object(tools, collection, live, fields, parent_id)
    if change.desired is None:
        return live.id
    _settle(change, tools, live)
    return _bring_up_to_date(change, tools, live, progress)


def _sync(change: Change, tools: Tools, progress: Progress) -> str:
    return _bring_up_to_date(change, tools, _live(change), progress)


def _delete(change: Change, tools: Tools, _: Progress) -> str:
    collection = tools.collections[change.collection]
    check_emptied(tools, collection, _live(change), change)
    _delete_old(change, tools, collection)
    tools.store.forget(change.address)
    return ""


def _forget(change: Change, tools: Tools, _: Progress) -> str:
    tools.store.forget(change.address)
    return ""


_PERFORMERS: dict[Action, Callable[[Change, Tools, Progress], str]] = {
    Action.CREATE: _create,
    Action.REPLACE: _replace,
    Action.UPDATE: _update,
    Action.MOVE: _update,
    Action.ADOPT: _update,
    Action.DELETE: _delete,
    Action.FORGET: _forget,
    Action.SYNC: _sync,
}


def _bring_up_to_date(
    change: Change, tools: Tools, live: LiveObject, progress: Progress, *, is_new: bool = False
) -> str:
    """Have the object synced with its files if the change says so, and record with which."""
    desired = _desired(change)
    if not change.syncs or desired.sync is None:
        return live.id
    collection, kind = tools.collections[change.collection], tools.kinds[change.kind]
    if not is_new:
        sync_object(tools, collection, kind.sync_path, live, desired.sync, progress)
    elif tools.wait and desired.sync.wait:
        wait_until_ready(tools, collection, live, desired.sync, progress)
    tools.store.record(_record(change, tools, live, inputs=change.inputs))
    return live.id


def _follow_up(desired: Desired, tools: Tools, live: LiveObject) -> None:
    """Make the call that follows a create, where the service offers it. It is no part of what was asked for."""
    if desired.follow_up is None:
        return
    try:
        tools.client.create(path_for(desired.follow_up.path, id=live.id), dict(desired.follow_up.body))
    except OutcomeUnknown:
        return
    except Refused as error:
        if error.status not in (404, 405, 501):
            raise


def _delete_old(change: Change, tools: Tools, collection: Collection) -> None:
    delete_object(tools, collection, _live(change), change.address, save_bytes=change.saves_bytes, reason=change.reason)


def _settle(change: Change, tools: Tools, live: LiveObject, intent: Intent | None = None) -> str:
    """Record what is there now, then say so if it is not what was sent."""
    desired = _desired(change)
    if desired.content is not None:
        live = replace(live, sha256=desired.content.sha256)
    tools.ids[change.address] = live.id
    if live.other_id:
        tools.other_ids[live.id] = live.other_id
    if live.file_id:
        tools.file_ids[change.address] = live.file_id
    kept_inputs = change.binding.inputs if change.binding and change.binding.id == live.id else ""
    record = _record(change, tools, live, inputs=kept_inputs)
    if intent is not None:
        tools.store.record_later(record, intent)  # the journal has it: the next change need not wait for the disk
    else:
        tools.store.record(record)
    if change.renamed_from is not None:
        tools.store.forget(change.renamed_from)
    kind = tools.kinds[desired.kind]
    lost = check_kept(desired, live, kind, tools.resolve(change.parent), tools.resolve, sent=change.send)
    if lost:
        raise DiagnosticError(_not_kept(change, lost[0].path, lost[0].after, lost[0].before))
    return live.id


def _record(change: Change, tools: Tools, live: LiveObject, *, inputs: str) -> Binding:
    return record_of(
        _desired(change),
        live,
        tools.kinds,
        applied_at=tools.now(),
        resolve=tools.resolve,
        inputs=inputs,
        key=tools.key,
        before=change.binding,
    )


def _not_kept(change: Change, path: str, sent: Any, shown: Any) -> Diagnostic:
    detail = f"{path} was sent as {sent!r} and is shown as {shown!r}"
    return Diagnostic("LS408", detail, source=change.source, address=change.address, field=path)


def _desired(change: Change) -> Desired:
    if change.desired is None:
        raise TypeError(f"{change.address}: {change.action} of nothing")
    return change.desired


def _live(change: Change) -> LiveObject:
    if change.live is None:
        raise TypeError(f"{change.address}: {change.action} of no live object")
    return change.live

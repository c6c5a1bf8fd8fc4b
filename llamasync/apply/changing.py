"""Updates, moves and deletes of live objects. All of them may be sent again: twice is as good as once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, Refused
from llamasync.apply.tools import Tools, TrashBin
from llamasync.core.address import Address
from llamasync.kinds.facts import Collection
from llamasync.live.by_id import with_either_id
from llamasync.live.content import download_chunks
from llamasync.live.listing import get_object, object_path
from llamasync.live.model import LiveObject
from llamasync.live.objects import to_live


def update_object(
    tools: Tools, collection: Collection, live: LiveObject, fields: Mapping[str, Any], parent_id: str = ""
) -> LiveObject:
    """Change fields of a live object, and move it to `parent_id` when that is another one. Returns it as it is then.

    A move that the service does not make (the answer shows the old parent) raises Refused; so do other bytes than the
    plan saw, after the change (LS426).
    """
    body = dict(fields)
    is_move = bool(parent_id) and parent_id != live.parent_id
    if is_move:
        body |= dict.fromkeys(collection.move_keys, parent_id)
    path = object_path(collection, live.parent_id, live.id)
    method = cast("Any", collection.update_method)

    def send(object_id: str) -> dict[str, Any] | None:
        return tools.client.send(method, object_path(collection, live.parent_id, object_id), body)

    try:
        raw = with_either_id(tools.client, collection, live.id, live.other_id, send)
    except (Refused, OutcomeUnknown) as error:
        if isinstance(error, Refused) and not (is_move and error.status == 404):
            raise
        raw = _changed_already(tools, collection, live, fields, parent_id or live.parent_id, error)
    if raw is None:
        raise NotLlamaCloud("the changed object was expected as the answer", method=method, path=path)
    changed = to_live(raw, collection.known_by(live.key[0]), live.parent_id)
    if is_move and changed.parent_id != parent_id:
        raise Refused(f"the service did not move it to {parent_id}", method=method, path=path, code="LS408")
    if is_move:
        tools.taken_out.add(live.id)
    if live.file_id and changed.file_id not in ("", live.file_id):
        detail = f"{live.key[-1]!r} ({live.id}) was given other bytes by someone else, and keeps them"
        raise Refused(detail, method=method, path=path, code="LS426")
    return replace(changed, sha256=live.sha256)


def delete_object(
    tools: Tools, collection: Collection, live: LiveObject, address: Address, *, save_bytes: bool, reason: str
) -> None:
    """Delete a live object; its bytes go to the trash first when they exist nowhere else. What is gone already is done.

    Bytes that someone else has put in their place since the plan was made exist nowhere else either. Raises Refused
    LS415 when the bytes cannot be saved: the delete is not sent then.
    """
    if tools.trash is not None and (save_bytes or _holds_other_bytes(tools, collection, live)):
        _save(tools, tools.trash, collection, live, address, reason)

    def send(object_id: str) -> None:
        tools.client.send("DELETE", object_path(collection, live.parent_id, object_id))

    if live.other_id and get_object(tools.client, collection, live.parent_id, live.id, live.other_id) is None:
        # Looked up first, so that the id which the service takes is known: once an answer was lost, the 404 to a
        # repeated delete by the wrong id would look like one that was done.
        return
    try:
        with_either_id(tools.client, collection, live.id, live.other_id, send)
    except Refused as error:
        if error.status != 404:
            raise
    else:
        tools.taken_out.add(live.id)  # what is not there may be elsewhere, where someone else put it


def _holds_other_bytes(tools: Tools, collection: Collection, live: LiveObject) -> bool:
    if not live.file_id:
        return False
    now = get_object(tools.client, collection, live.parent_id, live.id, live.other_id)
    return now is not None and now.file_id not in ("", live.file_id)


def _save(
    tools: Tools, trash: TrashBin, collection: Collection, live: LiveObject, address: Address, reason: str
) -> None:
    try:
        trash.save(
            _contents(tools, collection, live),
            address=address,
            unique_id=f"{live.key[-1]}.json" if collection.scope else live.key[-1],
            directory=live.parent_id,
            reason=reason,
            at=tools.now(),
        )
    except ApiError as error:
        if error.status == 404:
            return
        detail = f"{live.key[-1]!r} ({live.id}): {error}"
        raise Refused(detail, code="LS415", hint="to delete it all the same: --no-trash") from error


def _contents(tools: Tools, collection: Collection, live: LiveObject) -> Iterator[bytes]:
    """Yield what the live object holds: its bytes, or its data as JSON, as they are now. Raises ApiError."""
    if collection.scope is None:
        yield from download_chunks(tools.client, collection, live)
        return
    raw = tools.client.get(object_path(collection, live.parent_id, live.id))
    data = raw[collection.scope.keyed_by] if isinstance(raw, dict) else raw
    yield json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def _changed_already(
    tools: Tools, collection: Collection, live: LiveObject, fields: Mapping[str, Any], parent_id: str, error: ApiError
) -> dict[str, Any]:
    """Look whether an attempt whose answer was lost did work; raise `error` when it did not or nobody can tell."""
    try:
        raw = tools.client.get(object_path(collection, parent_id, live.id))
    except ApiError:
        raise error from None
    if not isinstance(raw, dict) or any(raw.get(name) != value for name, value in fields.items()):
        raise error
    return raw

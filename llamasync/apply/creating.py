"""Creates without twins: first a durable intent; when the answer is lost, the service is asked by natural key."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, cast

from llamasync.api.errors import ApiError, OutcomeUnknown, Refused
from llamasync.api.paths import path_for
from llamasync.apply.tools import Progress, Tools
from llamasync.core.address import Address
from llamasync.core.digest import digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.secret import sealed
from llamasync.kinds.facts import Collection
from llamasync.live.content import digest_of
from llamasync.live.listing import find_by_key, list_objects, object_path
from llamasync.live.model import LiveObject
from llamasync.live.objects import to_live
from llamasync.state.model import Intent
from llamasync.workspace.desired import Content

ATTEMPTS = 4
FIRST_WAIT_S = 0.2


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """One object to make: where, under which natural key, with which fields, for which address. `there_before`: ids of
    objects that were there already, of a collection without keys."""

    collection: Collection
    parent_id: str
    key: tuple[str, ...]
    fields: Mapping[str, Any]
    address: Address
    there_before: frozenset[str] = frozenset()


def create_object(tools: Tools, creation: Creation) -> tuple[LiveObject, Intent]:
    """POST an object; return it and its open intent.

    Raises ApiError; the intent stays open when the outcome is unknown. Where a create would overwrite what has the key
    by now, it is looked for right before: LS426.
    """
    if creation.collection.create_is_upsert:
        _check_absent(tools, creation)
    sent = sealed(creation.fields, tools.key)
    intent = _begin(tools, creation, sent, digest(sent))
    collection, parent_id = creation.collection.known_by(creation.key[0]), creation.parent_id
    path = object_path(collection, parent_id)
    scope = collection.scope
    if not collection.key:
        creation = replace(creation, there_before=frozenset(_unused(tools, collection)))

    named_parent = {collection.parent_field: parent_id} if collection.parent and not collection.is_nested else {}
    place = scope.values_of(parent_id) if scope else named_parent

    def send() -> LiveObject:
        return to_live(_post(tools, path, {**place, **creation.fields}), collection, parent_id)

    return _once(tools, creation, intent, send), intent


def upload_object(tools: Tools, creation: Creation, content: Content, progress: Progress) -> tuple[LiveObject, Intent]:
    """Upload a file with its fields, as `create_object` does.

    Raises Refused LS211 when the file is not what was planned; what was uploaded is deleted again then.
    """
    collection, parent_id = creation.collection, creation.parent_id
    if collection.upload is None:
        raise TypeError(f"{collection.name} takes no content")
    upload = collection.upload
    intent = _begin(tools, creation, creation.fields, digest({**creation.fields, "sha256": content.sha256}))
    parts = {
        name: json.dumps(value, ensure_ascii=False) if name in upload.json_parts else str(value)
        for name, value in creation.fields.items()
    }
    source = _Source(content)

    def send() -> LiveObject:
        raw = tools.client.upload(
            path_for(upload.path, parent=parent_id),
            parts,
            upload.file_part,
            content.filename,
            source.open,
            content.size_bytes,
            lambda sent: progress(sent, content.size_bytes),
        )
        return to_live(raw, collection, parent_id)

    live = _once(tools, creation, intent, send, content)
    if source.sha256() not in ("", content.sha256):
        tools.client.send("DELETE", object_path(collection, parent_id, live.id))
        tools.store.close_intent(intent)
        raise Refused(f"{content.path or content.filename} is not what it was when the plan was made", code="LS211")
    if live.file_id:
        tools.digests.put_many({live.file_id: (content.sha256, content.size_bytes)})
    return live, intent


def _check_absent(tools: Tools, creation: Creation) -> None:
    for found in find_by_key(tools.client, creation.collection, creation.parent_id, creation.key):
        raise Refused(
            f"{creation.key[-1]!r} was made by someone else meanwhile ({found.id}); nothing was written",
            method="POST",
            path=object_path(creation.collection, creation.parent_id),
            code="LS426",
        )


class _Source:
    """Opens the content and digests what is read of it."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._reader: _Digesting | None = None

    def open(self) -> BinaryIO:
        inner: BinaryIO
        if self._content.inline is not None:
            inner = io.BytesIO(self._content.inline)
        else:
            inner = open(self._content.path, "rb", buffering=0)  # noqa: SIM115 (the caller closes it, and reads chunks)
        self._reader = _Digesting(inner)
        return cast("BinaryIO", self._reader)

    def sha256(self) -> str:
        """Return the digest of what was read last, "" when nothing was."""
        return self._reader.found.hexdigest() if self._reader else ""


class _Digesting:
    """A file to read from, whose bytes are digested on the way."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self.found = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._inner.read(size)
        self.found.update(chunk)
        return chunk

    def __enter__(self) -> _Digesting:
        return self

    def __exit__(self, *_: object) -> None:
        self._inner.close()


def _begin(tools: Tools, creation: Creation, sent: Mapping[str, Any], request_digest: str) -> Intent:
    return tools.store.begin(
        Intent(
            number=0,
            address=creation.address,
            collection=creation.collection.name,
            key=creation.key,
            parent_id=creation.parent_id,
            digest=request_digest,
            started_at=tools.now(),
            sent=sent,
        )
    )


def _once(
    tools: Tools, creation: Creation, intent: Intent, send: Callable[[], LiveObject], content: Content | None = None
) -> LiveObject:
    """Send until the object is there for certain, looking before each repetition."""
    attempt = 0
    while True:
        try:
            return send()
        except OutcomeUnknown as error:
            lost = error
        except ApiError:
            tools.store.close_intent(intent)
            raise
        tools.clock.sleep(FIRST_WAIT_S * 2**attempt)
        found = _look(tools, creation, lost)
        if found is not None:
            _check_content(tools, creation, found, content, intent)
            return found
        attempt += 1
        if attempt == ATTEMPTS:
            raise lost


def _post(tools: Tools, path: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Create; where the service does not know an object by the id in a field, name it by its other one."""
    try:
        return tools.client.create(path, fields)
    except Refused as error:
        others = _with_other_ids(fields, tools.other_ids)
        if error.status != 404 or others == fields:
            raise
        return tools.client.create(path, others)


def _with_other_ids(value: Any, other_ids: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_other_ids(item, other_ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_other_ids(item, other_ids) for item in value]
    return other_ids.get(value, value) if isinstance(value, str) else value


def _unused(tools: Tools, collection: Collection) -> dict[str, LiveObject]:
    return {one.id: one for one in list_objects(tools.client, collection, "") if not one.is_used}


def _made_unnamed(tools: Tools, creation: Creation) -> list[LiveObject]:
    """Return what was made since, of a collection without keys, with the fields that were sent and are shown."""
    return [
        one
        for object_id, one in _unused(tools, creation.collection).items()
        if object_id not in creation.there_before
        and all(one.fields[name] == value for name, value in creation.fields.items() if name in one.fields)
    ]


def _look(tools: Tools, creation: Creation, lost: OutcomeUnknown) -> LiveObject | None:
    try:
        if not creation.collection.key:
            return next(iter(_made_unnamed(tools, creation)), None)
        found = find_by_key(tools.client, creation.collection, creation.parent_id, creation.key, certain=True)
    except ApiError:
        raise lost from None
    return found[0] if found else None


def _check_content(
    tools: Tools, creation: Creation, found: LiveObject, content: Content | None, intent: Intent
) -> None:
    """Make sure that what bears the name now is what was sent, and not another's."""
    if content is None:
        return
    sha256, _ = digest_of(tools.client, creation.collection, found)
    if sha256 != content.sha256:
        tools.store.close_intent(intent)
        detail = f"{found.key[-1]!r} appeared meanwhile with other content ({found.id})"
        raise Refused(detail, method="POST", path=object_path(creation.collection, found.parent_id))

"""Opens an index for questions: which of its ids is taken, and whether the service is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.api.client import Client
from llamasync.api.errors import ApiError, NotLlamaCloud, Refused
from llamasync.api.paths import path_for
from llamasync.checks.files import IndexFiles
from llamasync.checks.service import LACKING, IndexService
from llamasync.checks.wording import listed
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.kinds.facts import Collection, Status
from llamasync.live.by_id import with_either_id

_SOURCE, _OUTPUT = "source_directory_id", "output_directory_id"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """The ids by which the service may know an index; `other_id` is "" where it is not known."""

    id: str
    other_id: str = ""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class OpenIndex:
    """An index that is ready to be asked."""

    service: IndexService
    files: IndexFiles


def open_index(client: Client, collection: Collection, ids: Ids) -> OpenIndex:
    """Look at an index once. Raises DiagnosticError: LS701 when it is not there, LS702 while it is not ready, LS703
    when its last sync failed; ApiError."""
    raw = _get(client, collection, ids) or _look_up(client, collection, ids.id)
    if raw is None:
        detail = f"the project holds no index with the id {ids.id}"
        hint = f"an index has a second id, {collection.other_id}: try that one" if not ids.other_id else ""
        raise DiagnosticError(Diagnostic("LS701", detail, hint=hint))
    _check_status(raw, collection)
    service = IndexService(
        client=client,
        collection=collection,
        id=str(raw.get("id") or ids.id),
        other_id=str(raw.get(collection.other_id) or ids.other_id),
    )
    files = IndexFiles(service, str(raw.get(_SOURCE) or ""), str(raw.get(_OUTPUT) or ""))
    return OpenIndex(service=service, files=files)


def _get(client: Client, collection: Collection, ids: Ids) -> Mapping[str, Any] | None:
    template = f"{collection.path}/{{object_id}}"

    def get(any_id: str) -> Any:
        return client.get(path_for(template, object_id=any_id))

    try:
        raw = with_either_id(client, collection, ids.id, ids.other_id, get)
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    if not isinstance(raw, Mapping):
        raise NotLlamaCloud("an index was expected", method="GET", path=collection.path)
    return raw


def _look_up(client: Client, collection: Collection, any_id: str) -> Mapping[str, Any] | None:
    """Find an index whose id is not taken in paths, in the list, where the service offers one."""
    try:
        for page in client.pages(collection.path):
            for raw in page:
                if any_id in (raw.get("id"), raw.get(collection.other_id)):
                    return raw
    except ApiError as error:
        if error.status not in LACKING:
            raise
    return None


def _check_status(raw: Mapping[str, Any], collection: Collection) -> None:
    metadata = raw.get("metadata") or {}
    status = collection.status(raw)
    said = f"{raw.get('name') or raw.get('id')}: the service says {metadata.get('status') or 'nothing of its status'!r}"
    if status is Status.BUSY:
        done, total = metadata.get("indexed_files"), metadata.get("total_files")
        raise DiagnosticError(Diagnostic("LS702", said + (f", {done} of {total} files" if total else "")))
    if status is Status.FAILED:
        files = [str(one.get("file_name")) for one in metadata.get("failed_files") or () if isinstance(one, Mapping)]
        why = f": {metadata['error']}" if metadata.get("error") else ""
        raise DiagnosticError(Diagnostic("LS703", said + why + (f" ({listed(files)})" if files else "")))

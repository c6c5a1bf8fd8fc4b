"""The bytes of live files: their digest, remembered by the id of the bytes, which never change under one id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from llamasync.api.client import Client
from llamasync.api.errors import ApiError, Refused
from llamasync.api.paths import path_for
from llamasync.kinds.facts import Collection
from llamasync.live.listing import object_path
from llamasync.live.model import LiveObject

_FILE_CONTENT = "/api/v1/beta/files/{id}/content"


class Digests(Protocol):
    """Remembers the SHA-256 (hex) and size of bytes by their id."""

    def get_many(self, file_ids: list[str]) -> dict[str, tuple[str, int]]:
        """Return what is known of these ids."""

    def put_many(self, entries: dict[str, tuple[str, int]]) -> None:
        """Remember these."""


def download_chunks(client: Client, collection: Collection, live: LiveObject) -> Iterator[bytes]:
    """Yield the bytes that a live file has now. Raises ApiError when the service offers no way to them."""
    return client.download(_url(client, collection, live)[0])


def digest_of(client: Client, collection: Collection, live: LiveObject) -> tuple[str, int]:
    """Download and hash; return the SHA-256 (hex) and the size in bytes of what `live` shows. Raises ApiError: LS426
    for a file that has other bytes by now."""
    found, size = hashlib.sha256(), 0
    url, file_id = _url(client, collection, live)
    if file_id != live.file_id:
        raise Refused(f"{live.key[-1]!r} ({live.id}) was given other bytes meanwhile", code="LS426")
    for chunk in client.download(url):
        found.update(chunk)
        size += len(chunk)
    return found.hexdigest(), size


def learn_digests(
    client: Client, collection: Collection, files: list[LiveObject], digests: Digests, workers: int
) -> dict[str, str]:
    """Return the SHA-256 of each live file by the object's id; a file whose bytes cannot be had is left out."""

    def learn(live: LiveObject) -> tuple[LiveObject, tuple[str, int] | None]:
        try:
            return live, digest_of(client, collection, live)
        except ApiError:
            return live, None

    if not files:
        return {}
    with ThreadPoolExecutor(workers) as pool:
        learned = [(live, known) for live, known in pool.map(learn, files) if known is not None]
    digests.put_many({live.file_id: known for live, known in learned if live.file_id})
    return {live.id: known[0] for live, known in learned}


def _url(client: Client, collection: Collection, live: LiveObject) -> tuple[str, str]:
    """Ask for a presigned URL, of the directory file or else of the file behind it; return it and the bytes' id."""
    path = object_path(collection, live.parent_id, live.id)
    raw: Any = client.get(path, {"expand": ["download_url"]})
    presigned = raw.get("download_url") if isinstance(raw, dict) else None
    file_id = str((raw.get(collection.content_field) if isinstance(raw, dict) else None) or live.file_id)
    if not presigned and file_id:
        presigned = client.get(path_for(_FILE_CONTENT, id=file_id))
    url = presigned.get("url") if isinstance(presigned, dict) else None
    if not url:
        raise Refused("the service offers no download of this file", method="GET", path=path, code="LS315")
    return str(url), file_id

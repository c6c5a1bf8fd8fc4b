"""The bytes behind presigned links: streamed from disk, whole or one range. Not part of the contract."""

from __future__ import annotations

import mimetypes
import re
import sqlite3
from pathlib import PurePosixPath
from urllib.parse import quote

from llamasync.emulator.blobs import BlobStore
from llamasync.emulator.calls import Reply
from llamasync.emulator.errors import Refusal

ATTACHMENTS = "attachments/"


def download(db: sqlite3.Connection, blobs: BlobStore, file_id: str, range_header: str | None) -> Reply:
    """Answer 200 or 206 with the bytes. Raises Refusal 404 or 416."""
    name, sha256 = _attachment(file_id) if file_id.startswith(ATTACHMENTS) else _file(db, file_id)
    size = blobs.size(sha256)
    start, end = 0, size
    asked = re.fullmatch(r"bytes=(?=.\d|\d)(\d{0,18})-(\d{0,18})", range_header or "")
    if asked:
        start, end = _bounds(asked[1], asked[2], size)
        if start >= end:
            raise Refusal(416, "Range Not Satisfiable", [("Content-Range", f"bytes */{size}")])
    partial = (("Content-Range", f"bytes {start}-{end - 1}/{size}"),) if asked else ()
    headers = (
        ("Accept-Ranges", "bytes"),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name, safe='')}"),
        *partial,
    )
    stream = blobs.stream(sha256, start, end - start)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Reply(206 if partial else 200, "", headers, kind, stream, end - start)


def attachment_path(sha256: str, name: str) -> str:
    """Name the bytes of an attachment in a link. They are known by their content, so a link outlives the next sync."""
    return f"{ATTACHMENTS}{sha256}/{PurePosixPath(name).name}"


def _attachment(path: str) -> tuple[str, str]:
    sha256, _, name = path.removeprefix(ATTACHMENTS).partition("/")
    return name, sha256


def _file(db: sqlite3.Connection, file_id: str) -> tuple[str, str]:
    row = db.execute("SELECT name, sha256 FROM files WHERE id = ? AND deleted_at IS NULL", (file_id,)).fetchone()
    if row is None:
        raise Refusal(404, "Not Found")
    return row["name"], row["sha256"]


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Turn the two numbers of a Range header into a half-open interval."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size

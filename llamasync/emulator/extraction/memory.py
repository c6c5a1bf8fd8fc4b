"""What was read stays in the store, by the SHA-256 of the bytes: a document is read once, however many syncs follow."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass

from llamasync.emulator.blobs import BlobStore
from llamasync.emulator.calls import to_json
from llamasync.emulator.extraction.documents import MAX_TEXT_BYTES, TEXTS, extract_pages, format_of
from llamasync.emulator.extraction.errors import MissingLibrary, Unreadable

# More than this is not loaded to look into it.
MAX_DOCUMENT_BYTES = 128 * 1024 * 1024
HEAD_BYTES = 64


@dataclass(frozen=True, slots=True)
class Extracted:
    """The pages of a document, or why it has none."""

    pages: tuple[str, ...]
    error: str | None = None


def extracted(db: sqlite3.Connection, name: str, content: bytes) -> Extracted:
    """Read a document, or recall what reading it gave. Never raises for what the bytes are.

    The hash is that of the bytes as they are now, so that damage to a stored blob is seen.
    """
    key = (hashlib.sha256(content).hexdigest(), format_of(name, content))
    row = db.execute("SELECT pages, error FROM extracted WHERE sha256 = ? AND format = ?", key).fetchone()
    if row is not None:
        return Extracted(tuple(json.loads(row["pages"])), row["error"])
    try:
        found = Extracted(tuple(extract_pages(name, content)))
    except MissingLibrary as why:
        return Extracted((), str(why))
    except Unreadable as why:
        found = Extracted((), str(why))
    db.execute("INSERT INTO extracted VALUES (?, ?, ?, ?)", (*key, to_json(found.pages), found.error))
    return found


def extracted_blob(db: sqlite3.Connection, blobs: BlobStore, name: str, sha256: str) -> tuple[Extracted, bytes]:
    """Read a stored document, and return its bytes too. One that is too large is not loaded: it has neither."""
    form = format_of(name, b"".join(blobs.stream(sha256, 0, HEAD_BYTES)))
    largest = MAX_TEXT_BYTES if form in TEXTS else MAX_DOCUMENT_BYTES
    if blobs.size(sha256) > largest:
        return Extracted((), f"the document is larger than {largest // 1024**2} MB"), b""
    content = blobs.read(sha256)
    return extracted(db, name, content), content

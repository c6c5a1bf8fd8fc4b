"""The trash: bytes that existed nowhere but in the service, kept under their digest before they are deleted there.

`<first two of the digest>/<digest>` holds the bytes; `index.jsonl` says of which document they were, a line a save.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from llamasync.core.address import Address, parse_address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.state.publish import publish, sync_folder

DEFAULT_FOLDER = ".llamasync/trash"

_CHUNK_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PREFIX = re.compile(r"[0-9a-f]{6,64}")


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class TrashEntry:
    """One saved document. `sha256` is bare hex; `directory` a name or id; `at` is RFC 3339, UTC."""

    sha256: str
    size_bytes: int
    address: Address
    unique_id: str
    directory: str
    reason: str
    at: str


class Trash:
    """Saved bytes in a folder, which the first `save` makes. All methods may be called from several threads at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / "index.jsonl"
        self._guard = threading.Lock()

    def save(
        self,
        chunks: Iterable[bytes],
        *,
        address: Address,
        unique_id: str,
        directory: str,
        reason: str,
        at: str,
    ) -> str:
        """Keep the bytes and say of what they are; both are durable when this returns their SHA-256 (hex).

        Raises DiagnosticError LS511 when they cannot be kept, and whatever `chunks` raises; then nothing is kept.
        """
        with self._written():
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=self._folder)
        incoming = Path(name)
        try:
            with open(descriptor, "wb") as file:
                sha256, size_bytes = self._write(chunks, file)
            entry = TrashEntry(
                sha256=sha256,
                size_bytes=size_bytes,
                address=address,
                unique_id=unique_id,
                directory=directory,
                reason=reason,
                at=at,
            )
            with self._written(), self._guard:
                self._keep(incoming, sha256)
                self._append(entry)
        finally:
            with contextlib.suppress(OSError):
                incoming.unlink(missing_ok=True)
        return sha256

    def has(self, sha256: str) -> bool:
        """Say whether bytes with this digest (hex) are kept."""
        return self._path(sha256).is_file()

    def list(self) -> tuple[TrashEntry, ...]:
        """Return what is kept, oldest first. Lines of the index that are cut or damaged are passed over."""
        try:
            lines = self._index.read_bytes().split(b"\n")
        except OSError:
            return ()
        return tuple(entry for entry in map(_read_entry, lines) if entry is not None and self.has(entry.sha256))

    def find(self, text: str) -> tuple[TrashEntry, ...]:
        """Return the entries with this digest (at least its first 6 hex digits), this address, or of this manifest."""
        prefix = text.lower().removeprefix("sha256:")
        if _PREFIX.fullmatch(prefix):
            return tuple(entry for entry in self.list() if entry.sha256.startswith(prefix))
        address = parse_address(text)
        return tuple(entry for entry in self.list() if address in {entry.address, entry.address.manifest})

    def restore(self, entry: TrashEntry, destination: Path) -> None:
        """Copy the bytes to `destination`, whole or not at all; a file there that has the same bytes already is fine.

        Raises DiagnosticError LS512 when the bytes are not what was saved, LS513 when something else is at
        `destination` (it is left alone) or it cannot be written.
        """
        incoming = destination.with_name(f".{destination.name[:100]}.{os.urandom(6).hex()}.restoring")
        try:
            destination.parent.mkdir(parents=True, exist_ok=True)
            with incoming.open("xb") as file:
                self._copy(entry, file)
                os.fsync(file.fileno())
            if not publish(incoming, destination) and not _holds(destination, entry.sha256):
                raise _error("LS513", f"{destination} exists and is another file", entry.address)
        except OSError as error:
            raise _error("LS513", f"{destination}: {error.strerror or error}", entry.address) from None
        finally:
            with contextlib.suppress(OSError):
                incoming.unlink(missing_ok=True)

    def prune(self, older_than: datetime) -> tuple[str, ...]:
        """Remove bytes whose every save was before `older_than` (aware); return their digests. Raises LS511."""
        with self._guard:
            newest: dict[str, bool] = {}
            for entry in self.list():
                newest[entry.sha256] = newest.get(entry.sha256, True) and _is_before(entry.at, older_than)
            old = tuple(sorted(sha256 for sha256, is_old in newest.items() if is_old))
            with self._written():
                for sha256 in old:
                    self._path(sha256).unlink(missing_ok=True)
        return old

    def _write(self, chunks: Iterable[bytes], file: BinaryIO) -> tuple[str, int]:
        digest, size_bytes = hashlib.sha256(), 0
        for chunk in chunks:  # what this raises is the caller's
            digest.update(chunk)
            size_bytes += len(chunk)
            with self._written():
                file.write(chunk)
        with self._written():
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest(), size_bytes

    def _keep(self, incoming: Path, sha256: str) -> None:
        """Put the bytes in their place; older ones under the same digest are replaced, since they could be damaged."""
        place = self._path(sha256)
        if not place.parent.is_dir():
            place.parent.mkdir(exist_ok=True)
            sync_folder(self._folder)
        os.replace(incoming, place)
        sync_folder(place.parent)

    def _append(self, entry: TrashEntry) -> None:
        """Add a line to the index, on a line of its own even when the last one was cut."""
        is_new = not self._index.exists()
        with self._index.open("ab+") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            if size_bytes:
                file.seek(size_bytes - 1)
            cut = size_bytes > 0 and file.read(1) != b"\n"
            file.write((b"\n" if cut else b"") + _entry_line(entry))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._folder)

    def _copy(self, entry: TrashEntry, file: BinaryIO) -> None:
        digest = hashlib.sha256()
        try:
            with self._path(entry.sha256).open("rb") as saved:
                while chunk := saved.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
        except FileNotFoundError:
            raise _error("LS512", f"the bytes {entry.sha256} are gone", entry.address) from None
        if digest.hexdigest() != entry.sha256:
            raise _error("LS512", f"the bytes saved as {entry.sha256} have another digest", entry.address)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _error("LS511", f"{self._folder}: {error.strerror or error}") from None


def _entry_line(entry: TrashEntry) -> bytes:
    values = {
        "at": entry.at,
        "address": [entry.address.kind, entry.address.name, entry.address.item],
        "directory": entry.directory,
        "unique_id": entry.unique_id,
        "reason": entry.reason,
        "sha256": entry.sha256,
        "size_bytes": entry.size_bytes,
    }
    return json.dumps(values).encode() + b"\n"


def _read_entry(line: bytes) -> TrashEntry | None:
    """Read a line of the index; None for one that is empty, cut or damaged."""
    try:
        values: dict[str, Any] = json.loads(line)
        kind, name, item = values.pop("address")
        entry = TrashEntry(address=Address(kind, name, item), **values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    texts = (kind, name, item, entry.at, entry.directory, entry.unique_id, entry.reason, entry.sha256)
    if not all(isinstance(text, str) for text in texts) or not _SHA256.fullmatch(entry.sha256):
        return None
    return entry if type(entry.size_bytes) is int else None


def _holds(path: Path, sha256: str) -> bool:
    """Say whether a file with these bytes is at `path`. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _is_before(at: str, moment: datetime) -> bool:
    """Say whether `at` is before `moment`; a time that cannot be read is not, so that its bytes stay."""
    try:
        return datetime.fromisoformat(at) < moment
    except (ValueError, TypeError):
        return False


def _error(code: str, detail: str, address: Address | None = None) -> DiagnosticError:
    return DiagnosticError(Diagnostic(code, detail, address=address))

"""Bytes of files, kept by content: written once as a stream, named by their SHA-256, never held in memory."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from llamasync.emulator.errors import Refusal

CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class PendingBlob:
    """A finished upload that belongs to nobody yet."""

    path: Path
    sha256: str
    size: int


class BlobWriter:
    """Takes an upload as it arrives, as the form parser's file container. Raises Refusal 413 beyond `max_bytes`."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self._file = open(path, "xb", buffering=0)  # noqa: SIM115 - closed by close()
        self._hash = hashlib.sha256()
        self._max_bytes = max_bytes
        self._size = 0

    def write(self, data: bytes) -> int:
        self._size += len(data)
        if self._size > self._max_bytes:
            raise Refusal(413, f"File is larger than the maximum of {self._max_bytes} bytes")
        self._hash.update(data)
        self._file.write(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        return b""

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)

    def finish(self) -> PendingBlob:
        self.close()
        return PendingBlob(self.path, self._hash.hexdigest(), self._size)


class BlobStore:
    """A folder of blobs. `folder` None makes a private one at the first upload and removes it at close."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._remove: Callable[[], object] | None = None
        self._making = threading.Lock()
        self._names = itertools.count()
        self._folders: set[Path] = set()

    @property
    def folder(self) -> Path:
        with self._making:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="llamasync-emulator-"))
                # Also for whoever forgets to close.
                self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            return self._folder

    def writer(self, max_bytes: int) -> BlobWriter:
        incoming = self._made(self.folder / "incoming")
        return BlobWriter(incoming / f"{os.getpid()}-{id(self):x}-{next(self._names)}", max_bytes)

    def put(self, content: bytes) -> PendingBlob:
        writer = self.writer(len(content))
        writer.write(content)
        return writer.finish()

    def adopt(self, pending: PendingBlob) -> None:
        """Move a finished upload to its place by content; one that is there already stays."""
        place = self._place(pending.sha256)
        self._made(place.parent)
        os.replace(pending.path, place)

    def size(self, sha256: str) -> int:
        return self._place(sha256).stat().st_size

    def stream(self, sha256: str, start: int, size: int) -> Iterator[bytes]:
        """Read a part in chunks; the file is open only while they are taken."""
        with self._place(sha256).open("rb") as file:
            file.seek(start)
            while size > 0 and (chunk := file.read(min(CHUNK_BYTES, size))):
                size -= len(chunk)
                yield chunk

    def read(self, sha256: str) -> bytes:
        return self._place(sha256).read_bytes()

    def write_over(self, sha256: str, content: bytes) -> None:
        """Damage a blob on purpose: its name no longer fits its bytes."""
        self._place(sha256).write_bytes(content)

    def close(self) -> None:
        if self._remove is not None:
            self._remove()

    def _made(self, folder: Path) -> Path:
        if folder not in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        return folder

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

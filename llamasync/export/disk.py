"""Writes files below one folder: never outside of it, never over a file that says something else."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from llamasync.core.diagnostic import Diagnostic, DiagnosticError

_CHUNK_BYTES = 1 << 20


class Disk:
    """A folder to write to; it need not exist yet. All paths are relative to it. Safe for many threads."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Write a file as its bytes come in, whole or not at all; return its SHA-256 (hex) and size.

        Nothing is written when there are no bytes, or when they are there already. Raises DiagnosticError LS605 when
        another file is, LS606 when it cannot be written, and whatever `chunks` raises.
        """
        place = self._open_folder(path) / path.rpartition("/")[2]
        with self._written(path):
            descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=place.parent)
        incoming = Path(name)
        try:
            found, size = hashlib.sha256(), 0
            with open(descriptor, "wb") as file:
                for chunk in chunks:
                    found.update(chunk)
                    size += len(chunk)
                    with self._written(path):
                        file.write(chunk)
            with self._written(path):
                if size and not _publish(incoming, place) and not self.holds(path, found.hexdigest()):
                    raise _exists(place)
        finally:
            with contextlib.suppress(OSError):
                incoming.unlink(missing_ok=True)
        return found.hexdigest(), size

    def put_texts(self, texts: dict[str, str]) -> None:
        """Write files, all of them or none: raises DiagnosticError LS605 with every one that is there and another."""
        wrong = []
        for path, text in texts.items():
            self._check_inside(path)
            if os.path.lexists(self.root / path) and not self.holds(path, hashlib.sha256(text.encode()).hexdigest()):
                wrong.append(_exists(self.root / path).diagnostics[0])
        if wrong:
            raise DiagnosticError(*wrong)
        for path, text in texts.items():
            self.put(path, [text.encode()])

    def holds(self, path: str, sha256: str) -> bool:
        """Say whether a file with these bytes is there; one behind a symbolic link is not. Raises LS606."""
        place = self.root / path
        with self._written(path):
            if place.is_symlink() or not place.is_file():
                return False
            with place.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def others(self, folder: str, known: Iterable[str]) -> list[str]:
        """Return the files below `folder`, hidden ones left out, that are not among the `known` paths, sorted."""
        kept = set(known)
        found = []
        for top, folders, names in os.walk(self.root / folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            inside = Path(top).relative_to(self.root).as_posix()
            found += [f"{inside}/{name}" for name in names if not name.startswith(".")]
        return sorted(path for path in found if path not in kept)

    def make_folder(self, path: str) -> None:
        """Make a folder, if it is not there. Raises DiagnosticError LS606."""
        self._open_folder(f"{path}/.")

    def _open_folder(self, path: str) -> Path:
        """Make the folder that the file at `path` is in, and refuse one that a symbolic link leads away from."""
        self._check_inside(path)
        folder = self.root / path.rpartition("/")[0]
        with self._written(path):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _check_inside(self, path: str) -> None:
        real, root = os.path.realpath((self.root / path).parent), os.path.realpath(self.root)
        if os.path.commonpath([real, root]) != root:
            detail = f"{self.root / path}: a symbolic link leads out of {self.root}, to {real}"
            raise DiagnosticError(Diagnostic("LS606", detail))

    @contextmanager
    def _written(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DiagnosticError(Diagnostic("LS606", f"{self.root / path}: {error.strerror or error}")) from error


def _publish(incoming: Path, place: Path) -> bool:
    """Give the finished file its name; False when something has it already. Raises OSError."""
    os.chmod(incoming, 0o666 & ~_umask())
    try:
        os.link(incoming, place)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if os.path.lexists(place):
            return False
        os.rename(incoming, place)
    return True


def _umask() -> int:
    """Return the process's mask for new files; there is no way to ask but to set it, so it is asked once, on import."""
    return _UMASK


def _ask_umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_UMASK = _ask_umask()


def _exists(place: Path) -> DiagnosticError:
    return DiagnosticError(Diagnostic("LS605", f"{place} exists already and is another file"))

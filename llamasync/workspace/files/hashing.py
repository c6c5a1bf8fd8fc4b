"""SHA-256 of files, read once and in small pieces; one that changes meanwhile is noticed."""

from __future__ import annotations

import hashlib
import os

CHUNK_BYTES = 1024 * 1024
# Neither a link nor a pipe that took the file's place since it was looked at is opened for good.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Signature = tuple[int, int, int, int]


class FileChanged(OSError):
    """The file is not the one that was looked at, or was written to while it was read."""

    def __init__(self) -> None:
        super().__init__("it changed while it was read")


def signature(stat: os.stat_result) -> Signature:
    """Return what changes when a file does: size, modification and change time in ns, inode (its low 63 bits)."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino & 0x7FFF_FFFF_FFFF_FFFF


def hash_file(path: str, stat: os.stat_result) -> str:
    """Return the SHA-256 (hex) of the file that had `stat` when it was looked at. Memory use stays flat.

    Raises FileChanged when it differs from `stat` after reading, OSError when it cannot be read.
    """
    return hashlib.sha256(read_file(path, stat)).hexdigest() if stat.st_size < CHUNK_BYTES else _hash_large(path, stat)


def read_file(path: str, stat: os.stat_result) -> bytes:
    """Return the bytes of a small file. Raises as `hash_file` does."""
    descriptor = os.open(path, _FLAGS)
    try:
        # One byte more than there should be: reaching the end needs no second call, and growth shows.
        content = os.read(descriptor, stat.st_size + 1)
        _check(descriptor, stat, len(content))
    finally:
        os.close(descriptor)
    return content


def _hash_large(path: str, stat: os.stat_result) -> str:
    digest = hashlib.sha256()
    descriptor = os.open(path, _FLAGS)
    try:
        total = 0
        while total <= stat.st_size and (chunk := os.read(descriptor, CHUNK_BYTES)):
            total += len(chunk)
            digest.update(chunk)
        _check(descriptor, stat, total)
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def _check(descriptor: int, stat: os.stat_result, size_bytes: int) -> None:
    if size_bytes != stat.st_size or signature(os.fstat(descriptor)) != signature(stat):
        raise FileChanged

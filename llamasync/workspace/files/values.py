"""What each file holds: a document's SHA-256, a sidecar's metadata; from the cache where its stat has not changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from llamasync.kinds.directory_files import MAX_FILE_BYTES
from llamasync.workspace.files.cache import FileCache, Row
from llamasync.workspace.files.hashing import FileChanged, Signature, hash_file, signature
from llamasync.workspace.files.report import Report
from llamasync.workspace.files.scan import SIDECAR, Found
from llamasync.workspace.files.sidecars import read_sidecar

# From here on two threads gain more than they cost: hashing lets go of the interpreter's lock, opening does not.
LARGE_BYTES = 4 * 1024 * 1024
_THREADS = 2
_INODE = 0x7FFF_FFFF_FFFF_FFFF

# Path, name and absolute path as in Found, size in bytes, and what the file holds. A plain tuple, and without the stat:
# so a hundred thousand of them cost half as much to make and to keep.
Value = tuple[str, str, str, int, str]


def find_values(
    found: Iterable[Found], rows: Iterator[Row], folder: str, cache: FileCache | None, report: Report
) -> list[Value]:
    """Return every file of the sorted `found` with what it holds: SHA-256 (hex), JSON for a sidecar, "" if unknown.

    `rows` is what the cache knows of the same folder, sorted too; the two are merged, and no file is opened whose
    stat is the cached one. `folder` is that folder inside the workspace, "" or ending with `/`. Problems: LS204,
    LS205, LS206, LS207, LS211. What was found is kept in the cache, even when interrupted.
    """
    looked_at_ns = cache.now_ns() if cache else 0
    values, missing, stale = _merge(found, rows)
    learnt: list[tuple[str, Signature, str]] = []
    try:
        for index, value in _find_missing(missing, report):
            file = missing[index]
            values[index] = file.path, file.name, file.absolute, file.stat.st_size, value
            if value:
                learnt.append((folder + file.path, signature(file.stat), value))
    finally:
        if cache and (learnt or stale):
            top = os.path.join(report.root, folder)
            cache.save(learnt, looked_at_ns, (folder + path for path in stale if not os.path.lexists(top + path)))
    return values


def _merge(found: Iterable[Found], rows: Iterator[Row]) -> tuple[list[Value], dict[int, Found], list[str]]:
    """Return all values, the files whose value is not known by position, and the cached paths that were not found."""
    values: list[Value] = []
    missing: dict[int, Found] = {}
    stale: list[str] = []
    row = next(rows, None)
    for file in found:
        path, name, absolute, stat = file
        while row is not None and row[0] < path:
            stale.append(row[0])
            row = next(rows, None)
        if row is not None and row[0] == path:
            _, size, modified_ns, changed_ns, inode, value = row
            row = next(rows, None)
            if (
                changed_ns == stat.st_ctime_ns
                and modified_ns == stat.st_mtime_ns
                and size == stat.st_size
                and inode == stat.st_ino & _INODE
            ):
                values.append((path, name, absolute, size, value))
                continue
        missing[len(values)] = file
        values.append((path, name, absolute, 0, ""))
    if row is not None:
        stale.append(row[0])
        stale.extend(rest[0] for rest in rows)
    return values, missing, stale


def _find_missing(missing: dict[int, Found], report: Report) -> Iterator[tuple[int, str]]:
    """Read the files whose value is not known: small ones one after the other, then the large ones in threads."""
    large = {}
    for index, file in missing.items():
        size_bytes = file.stat.st_size
        if file.name.endswith(SIDECAR):
            yield index, _attempt(file, partial(read_sidecar, file, report), report)
        elif wrong := size_problem(size_bytes):
            report.add(wrong[0], f"{report.shown(file.absolute)} {wrong[1]}", item=file.path)
        elif size_bytes < LARGE_BYTES:
            yield index, _attempt(file, partial(hash_file, file.absolute, file.stat), report)
        else:
            large[index] = file
    if not large:
        return
    pool = ThreadPoolExecutor(min(_THREADS, len(large)))
    try:
        jobs = {index: pool.submit(hash_file, file.absolute, file.stat) for index, file in large.items()}
        for index, job in jobs.items():
            yield index, _attempt(missing[index], job.result, report)
    finally:
        pool.shutdown(cancel_futures=True)


def _attempt(file: Found, compute: Callable[[], str], report: Report) -> str:
    try:
        return compute()
    except FileChanged:
        report.add("LS211", f"{report.shown(file.absolute)} is being written to", item=file.path)
    except OSError as error:
        report.add("LS206", f"{report.shown(file.absolute)}: {error.strerror or error}", item=file.path)
    return ""


def size_problem(size_bytes: int) -> tuple[str, str] | None:
    """Return the code and the text of what the service has against a file of that size, None when it takes it.

    >>> size_problem(0), size_problem(1)
    (('LS204', 'has no bytes'), None)
    """
    if size_bytes == 0:
        return "LS204", "has no bytes"
    if size_bytes > MAX_FILE_BYTES:
        return "LS205", f"has {size_bytes / 1024**2:,.1f} MB"
    return None

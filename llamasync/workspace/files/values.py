"""What each file holds: a document's SHA-256, a sidecar's metadata; from the cache where its stat has not changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from llamasync.kinds.directory_files import MAX_FILE_BYTES
from llamasync.workspace.files.cache import FileCache, Row
from llamasync.workspace.files.hashing import FileChanged, hash_file, signature
from llamasync.workspace.files.report import Report
from llamasync.workspace.files.scan import SIDECAR, Found
from llamasync.workspace.files.sidecars import read_sidecar

# From here on two threads gain more than they cost: hashing lets go of the interpreter's lock, opening does not.
LARGE_BYTES = 4 * 1024 * 1024
_THREADS = 2
_INODE = 0x7FFF_FFFF_FFFF_FFFF

Value = tuple[Found, str]


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
    try:
        _fill(values, missing, report)
    finally:
        if cache and (missing or stale):
            filled = [values[index] for index in missing]
            learnt = ((folder + file.path, signature(file.stat), value) for file, value in filled if value)
            top = os.path.join(report.root, folder)
            cache.save(learnt, looked_at_ns, (folder + path for path in stale if not os.path.lexists(top + path)))
    return values


def _merge(found: Iterable[Found], rows: Iterator[Row]) -> tuple[list[Value], list[int], list[str]]:
    """Return all values, the positions of those that are not known, and the cached paths that were not found."""
    values: list[Value] = []
    missing: list[int] = []
    stale: list[str] = []
    row = next(rows, None)
    for file in found:
        path, _, _, stat = file
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
                values.append((file, value))
                continue
        missing.append(len(values))
        values.append((file, ""))
    if row is not None:
        stale.append(row[0])
        stale.extend(rest[0] for rest in rows)
    return values, missing, stale


def _fill(values: list[Value], missing: list[int], report: Report) -> None:
    large = []
    for index in missing:
        file = values[index][0]
        if file.name.endswith(SIDECAR):
            values[index] = file, _attempt(file, partial(read_sidecar, file, report), report)
        elif has_right_size(report.shown(file.absolute), file.stat.st_size, report, file.path):
            if file.stat.st_size >= LARGE_BYTES:
                large.append(index)
            else:
                values[index] = file, _attempt(file, partial(hash_file, file.absolute, file.stat), report)
    if large:
        pool = ThreadPoolExecutor(min(_THREADS, len(large)))
        try:
            jobs = [(index, pool.submit(hash_file, (file := values[index][0]).absolute, file.stat)) for index in large]
            for index, job in jobs:
                file = values[index][0]
                values[index] = file, _attempt(file, job.result, report)
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


def has_right_size(shown: str, size_bytes: int, report: Report, item: str = "") -> bool:
    """Say whether the service takes a file of that size; a problem (LS204, LS205) when not."""
    if size_bytes == 0:
        report.add("LS204", f"{shown} has no bytes", item=item)
    elif size_bytes > MAX_FILE_BYTES:
        report.add("LS205", f"{shown} has {size_bytes / 1024**2:,.1f} MB", item=item)
    return 0 < size_bytes <= MAX_FILE_BYTES

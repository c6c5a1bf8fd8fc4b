"""SHA-256 of files, and noticing those that change meanwhile."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from llamasync.workspace.files.hashing import CHUNK_BYTES, FileChanged, hash_file
from llamasync.workspace.files.values import LARGE_BYTES
from tests.workspace.files.support import Workspace


@pytest.mark.parametrize("size", [1, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])
def test_digests_are_those_of_hashlib(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "f").write_bytes(content)
    assert hash_file(str(tmp_path / "f"), os.stat(tmp_path / "f")) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [10, CHUNK_BYTES + 10])
@pytest.mark.parametrize("change", [-1, 0, 1])
def test_a_file_that_is_not_the_one_looked_at_is_refused(tmp_path: Path, size: int, change: int) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"a" * size)
    stat = os.stat(file)
    file.unlink()
    (tmp_path / "g").touch()  # so that the inode is not given out again
    file.write_bytes(b"b" * (size + change))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(FileChanged):
        hash_file(str(file), stat)


def test_neither_links_nor_pipes_are_opened_in_place_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"a")
    stat = os.stat(file)
    file.rename(tmp_path / "g")
    file.symlink_to("g")
    with pytest.raises(OSError, match="symbolic links"):
        hash_file(str(file), stat)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(FileChanged):
        hash_file(str(file), stat)


@pytest.mark.parametrize("size", [10, LARGE_BYTES + 1])
def test_a_file_that_grows_while_it_is_read_is_reported(
    work: Workspace, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    file = work.write("docs/log", b"a" * size)
    work.write("docs/other")
    reading = os.read

    def growing(descriptor: int, count: int) -> bytes:
        if os.fstat(descriptor).st_size >= size:
            with file.open("ab") as more:
                more.write(b"b")
        return reading(descriptor, count)

    monkeypatch.setattr(os, "read", growing)
    with work.settled_cache() as cache:
        found = work.read_set(cache)
        assert [row[0] for row in cache.rows("docs/")] == [one.address.item for one in found]
    assert "log" not in [one.address.item for one in found]
    assert "LS211" in work.codes()
    assert "docs/log" in work.problems[-1].detail


def test_large_files_are_hashed_in_threads_and_in_order(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {name: os.urandom(LARGE_BYTES + len(name)) for name in ("a", "bb", "ccc")}
    for name, content in contents.items():
        work.write(f"docs/{name}", content)
    work.write("docs/b", "small")
    threads: dict[bool, set[str]] = {True: set(), False: set()}
    reading = os.read

    def watched(descriptor: int, count: int) -> bytes:
        threads[os.fstat(descriptor).st_size >= LARGE_BYTES].add(threading.current_thread().name)
        return reading(descriptor, count)

    monkeypatch.setattr(os, "read", watched)
    found = work.read_set()
    assert [one.address.item for one in found] == ["a", "b", "bb", "ccc"]
    for one in found:
        expected = contents.get(one.address.item, b"small")
        assert one.content is not None
        assert (one.content.sha256, one.content.size_bytes) == (hashlib.sha256(expected).hexdigest(), len(expected))
    assert threads[False] == {"MainThread"}
    assert "MainThread" not in threads[True]
    assert len(threads[True]) <= 2


def test_a_sidecar_that_changes_while_it_is_read_is_reported(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    work.write("docs/a")
    sidecar = work.write("docs/a.meta.yaml", "k: v")
    reading = Path.read_bytes

    def changing(path: Path) -> bytes:
        content = reading(path)
        sidecar.write_text("k: other")
        return content

    monkeypatch.setattr(Path, "read_bytes", changing)
    work.read_set()
    assert work.only_problem().code == "LS211"

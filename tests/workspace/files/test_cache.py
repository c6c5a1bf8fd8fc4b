"""The cache of what files hold: it saves reading, and is never wrong or in the way."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llamasync.workspace.files.cache import FileCache
from tests.workspace.files.support import Workspace


def digest_of(work: Workspace, cache: FileCache | None, item: str = "a") -> str:
    (sha256,) = [one.content.sha256 for one in work.read_set(cache) if one.content and one.address.item == item]
    return sha256


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_unchanged_files_are_not_opened(work: Workspace, opened: Callable[[], list[str]]) -> None:
    for path in ("a", "b/c", "b0", "é"):
        work.write(f"docs/{path}", path)
    with work.settled_cache() as cache:
        cold = work.read_set(cache)
        assert opened() == ["a", "b/c", "b0", "é"]
    with work.settled_cache() as cache:
        assert work.read_set(cache) == cold
        assert opened() == []
        work.write("docs/b/c", "new")
        work.write("docs/b/d")
        assert digest_of(work, cache, "b/c") == sha("new")
        assert opened() == ["b/c", "b/d"]


def test_files_that_changed_just_now_are_read_again(work: Workspace, opened: Callable[[], list[str]]) -> None:
    work.write("docs/a")
    with FileCache(work.root) as cache:
        work.read_set(cache)
        work.read_set(cache)
        assert opened() == ["a", "a"]


def test_a_modification_time_in_the_future_is_not_trusted(work: Workspace, opened: Callable[[], list[str]]) -> None:
    file = work.write("docs/a")
    os.utime(file, (time.time() + 3600, time.time() + 3600))
    with work.settled_cache() as cache:
        work.read_set(cache)
        work.read_set(cache)
        assert opened() == ["a", "a"]


def test_a_write_that_restores_size_and_modification_time_is_noticed(work: Workspace) -> None:
    file = work.write("docs/a", "one")
    stat = file.stat()
    with work.settled_cache() as cache:
        assert digest_of(work, cache) == sha("one")
        time.sleep(0.02)
        file.write_text("two")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert digest_of(work, cache) == sha("two")


def test_a_file_put_in_the_place_of_another_is_noticed(work: Workspace) -> None:
    file, other = work.write("docs/a", "one"), work.write("other", "two")
    stat = file.stat()
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with work.settled_cache() as cache:
        assert digest_of(work, cache) == sha("one")
        other.replace(file)
        assert digest_of(work, cache) == sha("two")


@pytest.mark.parametrize("column", ["size", "mtime_ns", "ctime_ns", "inode"])
def test_every_part_of_the_stat_counts(work: Workspace, opened: Callable[[], list[str]], column: str) -> None:
    work.write("docs/a")
    with work.settled_cache() as cache:
        work.read_set(cache)
    connection = sqlite3.connect(work.root / ".llamasync/cache.db")
    connection.executescript(f"UPDATE files SET {column} = {column} + 1")
    connection.close()
    opened()
    with work.settled_cache() as cache:
        work.read_set(cache)
        assert opened() == ["a"]


def test_files_that_are_gone_are_forgotten_and_those_of_other_sets_kept(work: Workspace) -> None:
    for path in ("a.pdf", "b.md", "c.pdf", "z.pdf"):
        work.write(f"docs/{path}")
    with work.settled_cache() as cache:
        work.read_set(cache, include=("*.pdf",))
        work.read_set(cache, include=("*.md",))
        (work.root / "docs/a.pdf").unlink()
        (work.root / "docs/z.pdf").unlink()
        work.read_set(cache, include=("*.md",))
        assert [row[0] for row in cache.rows("docs/")] == ["b.md", "c.pdf"]


def test_two_sets_over_one_tree_do_not_read_each_others_files_again(
    work: Workspace, opened: Callable[[], list[str]]
) -> None:
    work.write("docs/a.pdf")
    work.write("docs/b.md")
    with work.settled_cache() as cache:
        for _ in range(2):
            work.read_set(cache, include=("*.pdf",))
            work.read_set(cache, include=("*.md",))
    assert opened() == ["a.pdf", "b.md"]


@pytest.mark.parametrize("damage", ["text", "truncated", "middle", "other-table", "old-version", "folder"])
def test_a_damaged_cache_is_made_anew_and_the_digests_are_right(work: Workspace, damage: str) -> None:
    for number in range(200):
        work.write(f"docs/{number:03}", str(number))
    with work.settled_cache() as cache:
        expected = work.read_set(cache)
    path = work.root / ".llamasync/cache.db"
    content = path.read_bytes()
    if damage == "text":
        path.write_text("this is no database" * 100)
    elif damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "middle":
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        connection = sqlite3.connect(path)
        if damage == "other-table":
            connection.executescript("DROP TABLE files; CREATE TABLE files (x)")
        else:
            connection.executescript("PRAGMA user_version = 99")
        connection.close()
    for _ in range(2):
        with work.settled_cache() as cache:
            assert work.read_set(cache) == expected
            assert work.problems == []
    if damage != "folder":
        with work.settled_cache() as cache:
            assert len(list(cache.rows("docs/"))) == 200


def test_values_that_are_no_utf8_are_damage(work: Workspace) -> None:
    work.write("docs/a")
    with work.settled_cache() as cache:
        expected = work.read_set(cache)
    connection = sqlite3.connect(work.root / ".llamasync/cache.db")
    connection.executescript("UPDATE files SET value = CAST(x'ff' AS TEXT)")
    connection.close()
    with work.settled_cache() as cache:
        assert work.read_set(cache) == expected


def test_without_a_place_to_write_files_are_read_every_time(work: Workspace) -> None:
    work.write("docs/a", "one")
    work.write(".llamasync", "a file where the folder should be")
    with work.settled_cache() as cache:
        assert digest_of(work, cache) == sha("one")
        assert digest_of(work, cache) == sha("one")
        assert cache.row("docs/a") is None
    assert work.problems == []


def test_a_damaged_cache_that_cannot_be_removed_is_left_alone(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    work.write("docs/a", "one")
    work.write(".llamasync/cache.db", "this is no database" * 100)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with work.settled_cache() as cache:
        assert digest_of(work, cache) == sha("one")
        assert digest_of(work, cache) == sha("one")


def test_a_cache_that_another_process_holds_is_done_without(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamasync.workspace.files.cache._WAIT_S", 0.05)
    work.write("docs/a", "one")
    with work.settled_cache() as cache:
        work.read_set(cache)
    work.write("docs/a", "two")
    holder = sqlite3.connect(work.root / ".llamasync/cache.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with work.settled_cache() as cache:
        assert digest_of(work, cache) == sha("two")
        assert digest_of(work, cache) == sha("two")
    holder.execute("ROLLBACK")
    holder.close()
    with work.settled_cache() as cache:
        assert digest_of(work, cache) == sha("two")
        assert cache.row("docs/a") is not None


def test_what_was_hashed_before_an_interrupt_is_kept(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    work.write("docs/a", "one")
    work.write("docs/b", "two")
    opening = os.open

    def interrupted(path: str, *rest: int) -> int:
        if str(path).endswith("docs/b"):
            raise KeyboardInterrupt
        return opening(path, *rest)

    monkeypatch.setattr(os, "open", interrupted)
    with work.settled_cache() as cache:
        with pytest.raises(KeyboardInterrupt):
            work.read_set(cache)
        assert [row[0] for row in cache.rows("docs/")] == ["a"]


def test_numbers_that_the_database_cannot_hold_are_not_kept(work: Workspace) -> None:
    with work.settled_cache() as cache:
        cache.save(
            [("a", (2**63, 0, 0, 0), "x"), ("b", (1, -(2**63) - 1, 0, 0), "x"), ("c", (1, 0, 0, 0), "x")], 10**19
        )
        assert [row[0] for row in cache.rows("")] == ["c"]


@pytest.mark.slow
def test_processes_may_share_the_cache(work: Workspace) -> None:
    for number in range(300):
        work.write(f"docs/{number:03}", str(number))
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from llamasync.kinds.file_set import FileSetSpec\n"
        "from tests.workspace.files.support import Workspace\n"
        "work = Workspace(Path(sys.argv[1]))\n"
        "for _ in range(10):\n"
        "    with work.settled_cache() as cache:\n"
        "        found = work.read_set(cache)\n"
        "        assert len(found) == 300 and not work.problems\n"
        "        cache.save([], 0, [f'docs/{n:03}' for n in range(0, 300, 7)])\n"
    )
    jobs = [
        subprocess.Popen([sys.executable, "-c", program, str(work.root)], cwd=Path(__file__).parents[3])
        for _ in range(4)
    ]
    assert [job.wait() for job in jobs] == [0, 0, 0, 0]
    with work.settled_cache() as cache:
        work.read_set(cache)
        rows = {row[0]: row[5] for row in cache.rows("docs/")}
    assert rows == {f"{number:03}": sha(str(number)) for number in range(300)}

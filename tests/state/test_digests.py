"""The digest cache remembers, and never stands in the way."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llamasync.state.digests import DigestCache

A, B = ("a" * 64, 1), ("b" * 64, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "digests.db"


def kept(path: Path, **known: tuple[str, int]) -> None:
    cache = DigestCache(path)
    cache.put_many(known)
    cache.close()


def test_digests_are_remembered_between_runs(path: Path) -> None:
    kept(path, one=A)
    kept(path, two=B)
    cache = DigestCache(path)
    assert cache.get_many(["one", "two", "three"]) == {"one": A, "two": B}
    assert cache.get_many([]) == {}
    cache.close()
    cache.close()


def test_what_is_no_digest_is_not_kept(path: Path) -> None:
    cache = DigestCache(path)
    cache.put_many({"one": ("sha256:" + "a" * 64, 1), "two": ("A" * 64, 1)})
    cache.put_many({})
    assert cache.get_many(["one", "two"]) == {}
    cache.close()


@pytest.mark.parametrize("content", [b"", b"a text", b"SQLite format 3\0" + b"\xff" * 5000, b"\0" * 10])
def test_damaged_cache_is_thrown_away(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    kept(path, one=A)
    cache = DigestCache(path)
    assert cache.get_many(["one"]) == {"one": A}
    cache.close()


def test_cache_cut_short_is_thrown_away(path: Path) -> None:
    kept(path, **{f"file-{n}": A for n in range(500)})
    content = path.read_bytes()
    for size in range(0, len(content), 997):
        path.write_bytes(content[:size])
        cache = DigestCache(path)
        cache.put_many({"two": B})
        assert cache.get_many(["two"]) == {"two": B}
        cache.close()


def test_rows_that_make_no_sense_are_passed_over(path: Path) -> None:
    kept(path, one=A, two=A, three=A, four=A)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE digest SET sha256 = 'none' WHERE file_id = 'one'")
        connection.execute("UPDATE digest SET size_bytes = 'many' WHERE file_id = 'two'")
        connection.execute("UPDATE digest SET sha256 = x'00' WHERE file_id = 'three'")
    cache = DigestCache(path)
    assert cache.get_many(["one", "two", "three", "four"]) == {"four": A}
    cache.close()


def in_memory(path: Path) -> None:
    """A cache at `path` works for as long as it lives, and leaves nothing."""
    cache = DigestCache(path)
    assert cache.get_many(["one"]) == {}
    cache.put_many({"one": A})
    assert cache.get_many(["one", "two"]) == {"one": A}
    cache.close()
    assert cache.get_many(["one", "two"]) == {"one": A}


def test_without_a_folder_it_works_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    in_memory(tmp_path / "file" / "digests.db")
    in_memory(tmp_path)


@pytest.mark.parametrize("statement", ["PRAGMA user_version = 2", "PRAGMA application_id = 7"])
def test_file_of_a_later_format_or_another_application_is_left_alone(path: Path, statement: str) -> None:
    kept(path, other=B)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    before = path.read_bytes()
    in_memory(path)
    assert path.read_bytes() == before


def test_file_that_another_process_keeps_to_itself_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llamasync.state.digests._BUSY_TIMEOUT_S", 0.05)
    kept(path, other=B)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        in_memory(path)
    assert path.exists()


@pytest.mark.parametrize("use", [lambda cache: cache.put_many({"two": B}), lambda cache: cache.get_many(["three"])])
def test_file_that_fails_later_is_let_go(path: Path, use: Any) -> None:
    cache = DigestCache(path)
    cache.put_many({"one": A})
    assert cache.get_many(["two"]) == {}
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE digest")
    use(cache)
    cache.put_many({"four": B})
    assert cache.get_many(["one", "four", "five"]) == {"one": A, "four": B}
    cache.close()


def test_name_that_sqlite_cannot_hold_is_no_problem(path: Path) -> None:
    cache = DigestCache(path)
    assert cache.get_many(["\ud800"]) == {}
    cache.put_many({"\ud800": A})
    assert cache.get_many(["\ud800"]) == {"\ud800": A}
    cache.close()


def test_many_are_written_before_the_end(path: Path) -> None:
    cache = DigestCache(path)
    for number in range(250):
        cache.put_many({f"file-{number}": A})
    other = DigestCache(path)
    assert 200 <= len(other.get_many([f"file-{number}" for number in range(250)])) < 250
    other.close()
    cache.close()


def test_threads_share_it(path: Path) -> None:
    cache = DigestCache(path)

    def work(worker: int) -> None:
        for n in range(50):
            cache.put_many({f"{worker}/{n}": A})
            assert cache.get_many([f"{worker}/{n}"]) == {f"{worker}/{n}": A}

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache.close()
    again = DigestCache(path)
    assert len(again.get_many([f"{w}/{n}" for w in range(8) for n in range(50)])) == 400
    again.close()

"""The trash gives back exactly the bytes that went in, and costs nobody a file."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llamasync.apply.trash import Trash, TrashEntry
from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError

FILE = Address("FileSet", "contracts", "a/b.pdf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "trash"


@pytest.fixture
def trash(folder: Path) -> Trash:
    return Trash(folder)


def save(trash: Trash, content: bytes = b"content", **changes: Any) -> str:
    values: dict[str, Any] = {
        "address": FILE,
        "unique_id": "a/b.pdf",
        "directory": "contracts",
        "reason": "removed from the manifest",
        "at": "2026-01-01T00:00:00Z",
    }
    return trash.save([content[:3], content[3:]], **{**values, **changes})


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def code_of(error: pytest.ExceptionInfo[DiagnosticError]) -> str:
    return error.value.diagnostics[0].code


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_saved_bytes_are_listed_with_what_they_were(trash: Trash) -> None:
    sha256 = save(trash)
    assert sha256 == digest(b"content")
    assert trash.has(sha256)
    assert trash.list() == (
        TrashEntry(
            sha256=sha256,
            size_bytes=7,
            address=FILE,
            unique_id="a/b.pdf",
            directory="contracts",
            reason="removed from the manifest",
            at="2026-01-01T00:00:00Z",
        ),
    )


def test_empty_trash_has_nothing_and_makes_nothing(trash: Trash, tmp_path: Path) -> None:
    assert trash.list() == ()
    assert trash.find("FileSet/contracts") == ()
    assert not trash.has("a" * 64)
    assert trash.prune(datetime.now(UTC)) == ()
    assert list(tmp_path.iterdir()) == []


def test_bytes_lie_under_their_digest_and_nothing_else_remains(trash: Trash, folder: Path) -> None:
    sha256 = save(trash)
    assert files_in(folder) == sorted([f"{sha256[:2]}/{sha256}", "index.jsonl"])


def test_same_bytes_are_kept_once_and_listed_for_each_document(trash: Trash, folder: Path) -> None:
    assert save(trash) == save(trash, address=Address("File", "copy"))
    assert len(files_in(folder)) == 2
    assert [str(entry.address) for entry in trash.list()] == ["FileSet/contracts[a/b.pdf]", "File/copy"]


def test_saving_again_mends_bytes_that_were_damaged(trash: Trash, folder: Path, tmp_path: Path) -> None:
    sha256 = save(trash)
    (folder / sha256[:2] / sha256).write_bytes(b"damaged")
    save(trash)
    trash.restore(trash.list()[0], tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"content"


def test_download_that_breaks_off_keeps_nothing(trash: Trash, folder: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"some"
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError, match="cut"):
        trash.save(chunks(), address=FILE, unique_id="u", directory="d", reason="r", at="t")
    assert files_in(folder) == []


def test_trash_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DiagnosticError) as error:
        save(Trash(tmp_path / "file" / "trash"))
    assert code_of(error) == "LS511"


def test_bytes_that_cannot_be_put_in_place_are_a_problem(trash: Trash, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / digest(b"content")[:2]).write_text("in the way")
    with pytest.raises(DiagnosticError) as error:
        save(trash)
    assert code_of(error) == "LS511"
    assert trash.list() == ()
    assert len(files_in(folder)) == 1


def test_cut_or_damaged_lines_of_the_index_cost_only_themselves(trash: Trash, folder: Path) -> None:
    save(trash, b"one")
    index = folder / "index.jsonl"
    whole = index.read_bytes()
    good = whole.replace(b'"unique_id"', b'"unique_id "')
    with index.open("ab") as file:
        for line in (
            b"\xff\xfe",
            b"[]",
            b"3",
            good.strip(),
            b'{"address": 3}',
            whole.replace(b": 3", b': "3"').strip(),
        ):
            file.write(line + b"\n")
        file.write(whole.replace(b'"contracts"', b"7", 1))
        file.write(whole.replace(digest(b"one").encode(), b"../../etc/passwd"))
        file.write(whole[:40])
    save(trash, b"two")
    assert [entry.sha256 for entry in trash.list()] == [digest(b"one"), digest(b"two")]


@given(cut=st.integers(0, 10_000))
@settings(max_examples=60)
def test_index_cut_anywhere_loses_only_its_last_line(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("cut")
    trash = Trash(folder)
    save(trash, b"one")
    save(trash, b"two")
    index = folder / "index.jsonl"
    content = index.read_bytes()
    size = len(content) - cut % (len(content) // 2)
    index.write_bytes(content[:size])
    save(trash, b"three")
    kept = [digest(b"one"), digest(b"two"), digest(b"three")]
    assert [entry.sha256 for entry in trash.list()] in (kept, [kept[0], kept[2]])


def test_find_goes_by_digest_prefix_address_or_manifest(trash: Trash) -> None:
    one = save(trash, b"one")
    two = save(trash, b"two", address=Address("FileSet", "contracts", "other.pdf"))
    three = save(trash, b"three", address=Address("File", "three"))

    def found(text: str) -> list[str]:
        return [entry.sha256 for entry in trash.find(text)]

    assert found(one) == found(one[:6]) == found(one.upper()) == found("sha256:" + one) == [one]
    assert found(one[:5]) == []
    assert found("FileSet/contracts[a/b.pdf]") == [one]
    assert found("FileSet/contracts") == [one, two]
    assert found("File/three") == [three]
    assert found("no address") == []
    assert found("File/four") == []


def test_restore_gives_back_the_bytes(trash: Trash, tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    save(trash, content)
    destination = tmp_path / "new" / "folder" / "b.pdf"
    trash.restore(trash.list()[0], destination)
    assert destination.read_bytes() == content
    assert [entry.name for entry in destination.parent.iterdir()] == ["b.pdf"]


def test_restore_over_the_same_bytes_is_no_problem(trash: Trash, tmp_path: Path) -> None:
    save(trash)
    (tmp_path / "b.pdf").write_bytes(b"content")
    trash.restore(trash.list()[0], tmp_path / "b.pdf")
    assert (tmp_path / "b.pdf").read_bytes() == b"content"


def test_restore_never_replaces_another_file(trash: Trash, tmp_path: Path) -> None:
    save(trash)
    entry = trash.list()[0]
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    for name in ("file", "folder", "link"):
        with pytest.raises(DiagnosticError, match="another file") as error:
            trash.restore(entry, tmp_path / name)
        assert code_of(error) == "LS513"
        assert error.value.diagnostics[0].address == FILE
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_destination_that_cannot_be_written_is_a_problem(trash: Trash, tmp_path: Path) -> None:
    save(trash)
    (tmp_path / "file").write_text("x")
    for destination in (tmp_path / "file" / "b.pdf", tmp_path / ("x" * 300)):
        with pytest.raises(DiagnosticError) as error:
            trash.restore(trash.list()[0], destination)
        assert code_of(error) == "LS513"


def test_damaged_or_missing_bytes_are_not_given_back(trash: Trash, folder: Path, tmp_path: Path) -> None:
    sha256 = save(trash)
    entry = trash.list()[0]
    (folder / sha256[:2] / sha256).write_bytes(b"damaged")
    with pytest.raises(DiagnosticError, match="another digest") as error:
        trash.restore(entry, tmp_path / "out" / "b.pdf")
    assert code_of(error) == "LS512"
    with pytest.raises(DiagnosticError, match="are gone"):
        trash.restore(replace(entry, sha256="a" * 64), tmp_path / "out" / "b.pdf")
    assert list((tmp_path / "out").iterdir()) == []


def test_prune_removes_what_was_saved_before_and_not_again_since(trash: Trash) -> None:
    old = save(trash, b"old", at="2025-01-01T00:00:00Z")
    again = save(trash, b"again", at="2025-01-01T00:00:00Z")
    save(trash, b"again", at="2026-02-01T00:00:00Z")
    new = save(trash, b"new", at="2026-02-01T00:00:00Z")
    unclear = save(trash, b"unclear", at="some day")
    assert trash.prune(datetime(2026, 1, 1, tzinfo=UTC)) == (old,)
    assert [entry.sha256 for entry in trash.list()] == [again, again, new, unclear]
    assert save(trash, b"old") == old
    assert trash.find(old)[-1].at == "2026-01-01T00:00:00Z"


def test_threads_save_and_restore_at_once(trash: Trash, tmp_path: Path) -> None:
    def work(worker: int) -> None:
        for n in range(10):
            address = Address("FileSet", "s", f"{worker}/{n}")
            sha256 = save(trash, f"{n}".encode() * 1000, address=address)  # the same bytes in every thread
            assert trash.has(sha256)
            trash.restore(trash.find(str(address))[0], tmp_path / f"{worker}-{n}")

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(trash.list()) == 80
    for worker in range(8):
        for n in range(10):
            assert (tmp_path / f"{worker}-{n}").read_bytes() == f"{n}".encode() * 1000

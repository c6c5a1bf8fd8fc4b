"""Each content is measured once; what is not at hand or cannot be read is told, and not kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from llamasync.workspace.desired import Content
from llamasync.workspace.files import measuring
from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.measuring import measure
from llamasync.workspace.measure import CHARACTER, PAGE, Document, Measure


def document(path: Path, text: str, name: str = "") -> Document:
    path.write_text(text)
    content = Content(hashlib.sha256(text.encode()).hexdigest(), len(text), path.name, str(path))
    return Document(name=name or path.name, filename=path.name, sha256=content.sha256, content=content)


def test_content_that_was_measured_is_not_read_again(tmp_path: Path) -> None:
    one = document(tmp_path / "a.md", "hello")
    with FileCache(tmp_path) as cache:
        assert measure([one], cache) == {one.key: Measure(CHARACTER, 5)}
    (tmp_path / "a.md").unlink()
    with FileCache(tmp_path) as cache:
        assert measure([one], cache) == {one.key: Measure(CHARACTER, 5)}
        renamed = Document(name="b.md", filename="b.md", sha256=one.sha256)
        assert measure([renamed], cache) == {one.key: Measure(CHARACTER, 5)}


def test_same_bytes_under_another_type_are_measured_anew(tmp_path: Path) -> None:
    with FileCache(tmp_path) as cache:
        first = document(tmp_path / "a.md", "hello")
        second = document(tmp_path / "a.xyz", "hello")
        found = measure([first, second], cache)
    assert found[first.key].count == 5
    assert found[second.key].count is None


def test_nothing_is_asked_of_documents_whose_bytes_are_not_known(tmp_path: Path) -> None:
    assert measure([Document(name="theirs.pdf", filename="theirs.pdf", is_ours=False)], None) == {}
    elsewhere = Document(name="File/x", filename="x.pdf", sha256="ab" * 32)
    assert measure([elsewhere], None) == {elsewhere.key: Measure(PAGE, None, "its bytes are not at hand")}


def test_inline_content_is_measured() -> None:
    content = Content("cd" * 32, 3, "x.txt", inline=b"abc")
    one = Document(name="File/x", filename="x.txt", sha256=content.sha256, content=content)
    assert measure([one], None) == {one.key: Measure(CHARACTER, 3)}


def test_file_that_cannot_be_read_is_tried_again_next_time(tmp_path: Path) -> None:
    one = document(tmp_path / "a.md", "hello")
    (tmp_path / "a.md").unlink()
    with FileCache(tmp_path) as cache:
        assert measure([one], cache)[one.key].why == "it cannot be read: No such file or directory"
        document(tmp_path / "a.md", "hello")
        assert measure([one], cache)[one.key].count == 5


@pytest.mark.parametrize("value", ["", "no json", '{"a": 1}', "[1, 2, 3]", "1", '["page", "x", ""]', "[1]"])
def test_what_another_program_kept_is_not_believed(tmp_path: Path, value: str) -> None:
    one = document(tmp_path / "a.md", "hello")
    with FileCache(tmp_path) as cache:
        cache.keep_lengths({f"{measuring.RULES}:{one.key}": value})
        assert measure([one], cache) == {one.key: Measure(CHARACTER, 5)}


def test_cache_that_cannot_be_used_costs_nothing_but_time(tmp_path: Path) -> None:
    one = document(tmp_path / "a.md", "hello")
    (tmp_path / ".llamasync").write_text("a file where a folder should be")
    with FileCache(tmp_path) as cache:
        assert measure([one], cache) == {one.key: Measure(CHARACTER, 5)}

"""Unique ids are the service's words: whatever they say, every file gets a place of its own inside of the folder."""

from __future__ import annotations

import os
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.export.naming import MAX_LENGTH, Names
from llamasync.export.places import TREES, is_plain, lay_out, safe_name
from llamasync.live.model import LiveObject
from llamasync.manifest.envelope import is_name

ids = st.text(st.sampled_from("aAb\u00e9e\u0301/\\.~$ \0\n\ufb01"), min_size=1, max_size=7)


def file(unique_id: str, name: str = "", number: int = 0) -> LiveObject:
    fields = {"unique_id": unique_id, "display_name": name or unique_id.rpartition("/")[2] or "x", "metadata": {}}
    return LiveObject(collection="directory-files", id=f"f{number}", key=(unique_id,), fields=fields, parent_id="d")


def folded(path: str) -> str:
    return normalize("NFD", path).casefold()


@given(st.lists(ids, unique=True, max_size=12))
def test_every_file_has_a_place_of_its_own_inside_the_folder(unique_ids: list[str]) -> None:
    layout = lay_out([file(one) for one in unique_ids], "dir")
    places = [f"{TREES}/dir/{live.key[-1]}" for live in layout.tree] + [path for _, path in layout.singles]
    assert sorted(live.key[-1] for live in [*layout.tree, *(live for live, _ in layout.singles)]) == sorted(unique_ids)
    assert len({folded(path) for path in places}) == len(places)
    folders = {folded(parent): parent for path in places for parent in parents(path)}
    for path in places:
        assert os.path.normpath(path) == path
        assert path.startswith((f"{TREES}/dir/", "single-files/dir/"))
        assert folded(path) not in folders
        assert all(folders[folded(parent)] == parent for parent in parents(path)), "one spelling a folder"


def parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


@given(st.text(max_size=300))
def test_a_safe_name_is_one_plain_short_name(unique_id: str) -> None:
    name = safe_name(unique_id.encode("utf-8", "replace").decode())
    assert is_name(name)
    assert len(name) < 120
    assert not name.endswith(".meta.yaml")


@pytest.mark.parametrize("unique_id", ["a.md", "sub/a b.md", "\u00e9.md", "~a", "a.yaml", "*.md", "#a", "a:b"])
def test_ordinary_unique_ids_are_their_own_paths(unique_id: str) -> None:
    assert is_plain(unique_id)


def test_of_files_with_one_unique_id_the_oldest_is_kept_and_the_others_are_noted() -> None:
    layout = lay_out([file("a.md", number=2), file("a.md", number=1)], "dir")
    assert [live.id for live in layout.tree] == ["f1"]
    assert [(note.code, note.severity.value) for note in layout.notes] == [("LS301", "warning")]


def test_the_template_that_names_most_files_is_taken_and_the_others_stand_alone() -> None:
    layout = lay_out([file("s/a.md", "s/a.md"), file("s/b.md", "s/b.md"), file("c.md", "Title")], "dir")
    assert layout.display_name == "{path}"
    assert [live.key[-1] for live in layout.tree] == ["s/a.md", "s/b.md"]
    assert [live.key[-1] for live, _ in layout.singles] == ["c.md"]


@given(st.lists(st.text(max_size=80), max_size=8))
def test_names_are_valid_short_and_unique(texts: list[str]) -> None:
    names = Names().take_all(texts, "directory")
    assert len(set(names)) == len(texts)
    assert all(is_name(name) and len(name) <= MAX_LENGTH and name == name.lower() for name in names)

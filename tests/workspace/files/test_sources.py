"""Where a source may be."""

from __future__ import annotations

import pytest

from llamasync.kinds.file_set import FileSetSpec
from tests.workspace.files.support import Workspace, place


def test_a_missing_source_is_an_error_and_says_what_was_meant(work: Workspace) -> None:
    work.write("documents/a")
    assert work.read_set(source="documetns") == ()
    problem = work.only_problem()
    assert (problem.code, problem.source) == ("LS201", place(("spec", "source")))
    assert "documetns" in problem.detail
    assert problem.hint == "did you mean documents?"
    work.read_set(source="quite/other")
    assert work.only_problem().hint == ""


def test_a_file_is_no_source_for_a_set_and_a_folder_none_for_a_file(work: Workspace) -> None:
    work.write("docs/a")
    work.read_set(source="docs/a")
    assert work.only_problem().code == "LS201"
    assert work.read_file(path="docs") is None
    assert work.only_problem().code == "LS201"
    assert "FileSet" in work.only_problem().hint


@pytest.mark.parametrize("source", ["..", "../x", "docs/../../x", "manifests/../../w2"])
def test_a_source_outside_of_the_workspace_is_refused_whether_it_exists_or_not(work: Workspace, source: str) -> None:
    work.write("docs/a")
    assert work.read_set(source=source) == ()
    assert work.only_problem().code == "LS202"


def test_an_absolute_source_is_refused_even_inside(work: Workspace) -> None:
    work.write("docs/a")
    assert work.read_set(source=str(work.root / "docs")) == ()
    assert work.only_problem().code == "LS202"


def test_a_source_that_a_link_leads_outside_is_refused(work: Workspace) -> None:
    inner = Workspace(work.root / "inner")
    work.write("outside/a")
    inner.write("here/b")
    (inner.root / "docs").symlink_to("../outside")
    (inner.root / "good").symlink_to("here")
    assert inner.read_set() == ()
    assert inner.only_problem().code == "LS202"
    assert [one.address.item for one in inner.read_set(source="good")] == ["b"]
    assert inner.read_file(path="docs/a") is None
    assert inner.only_problem().code == "LS202"


def test_sources_are_relative_to_the_manifests_folder(work: Workspace) -> None:
    work.write("docs/a")
    work.write("manifests/own/b")
    spec = FileSetSpec(directory="c", source="../docs")
    assert len(work.read(spec, folder=work.root / "manifests")) == 1
    assert work.problems == []
    assert len(work.read(FileSetSpec(directory="c", source="own"), folder=work.root / "manifests")) == 1


def test_the_workspace_itself_may_be_the_source(work: Workspace) -> None:
    work.write("a")
    with work.settled_cache() as cache:
        (found,) = work.read_set(source=".", cache=cache)
        assert found.address.item == "a"
        assert [row[0] for row in cache.rows("")] == ["a"]
        assert work.read_set(source=".", cache=cache) == (found,)


def test_a_workspace_reached_by_a_link_is_read(work: Workspace) -> None:
    real = Workspace(work.root / "real")
    real.write("docs/a")
    (work.root / "link").symlink_to("real")
    linked = Workspace(work.root / "link")
    (found,) = linked.read_set()
    assert found.content is not None
    assert found.content.path == str(real.root / "docs/a")


def test_texts_that_no_path_can_hold_are_missing_sources(work: Workspace) -> None:
    for source in ("a\0b", "a\ud800b"):
        assert work.read_set(source=source) == ()
        assert work.only_problem().code == "LS201"


def test_a_source_whose_name_is_not_utf8_is_reported(work: Workspace) -> None:
    work.write("caf\udce9/a")
    assert work.read_set(source="caf\udce9") == ()
    assert work.only_problem().code == "LS213"
    assert r"caf\xe9" in work.only_problem().detail

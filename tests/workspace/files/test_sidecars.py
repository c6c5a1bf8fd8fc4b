"""`<file>.meta.yaml` beside a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llamasync.core.source import Source
from tests.workspace.files.support import Workspace, place


def test_a_sidecar_adds_to_the_manifests_metadata_and_is_no_document(work: Workspace) -> None:
    work.write("docs/a.pdf")
    work.write("docs/a.pdf-x")
    work.write("docs/a.pdf.meta.yaml", "team: hr\nyes: on\nn: 1.5\nt: '{path}'\nl: [a, b]\nz: ~\n")
    first, second = work.read_set(metadata={"team": "legal", "k": "v"})
    assert first.fields["metadata"] == {
        "team": "hr", "k": "v", "yes": "on", "n": 1.5, "t": "{path}", "l": ["a", "b"], "z": None,
    }  # fmt: skip
    assert second.fields["metadata"] == {"team": "legal", "k": "v"}
    assert work.problems == []


def test_a_sidecar_goes_with_its_file_whatever_include_says(work: Workspace) -> None:
    work.write("docs/a.pdf")
    work.write("docs/a.pdf.meta.yaml", "k: v")
    work.write("docs/b.txt")
    work.write("docs/b.txt.meta.yaml", "}broken")
    (found,) = work.read_set(include=("*.pdf",))
    assert found.fields["metadata"] == {"k": "v"}
    (found,) = work.read_set(exclude=("*.meta.yaml", "b.txt"))
    assert found.fields["metadata"] == {}
    assert work.problems == []


def test_a_sidecar_without_its_file_is_an_error_unless_excluded(work: Workspace) -> None:
    work.write("docs/folder/x")
    work.write("docs/folder.meta.yaml", "k: v")
    work.write("docs/gone.pdf.meta.yaml", "k: v")
    assert work.paths() == ["folder/x"]
    assert work.codes() == ["LS209", "LS209"]
    assert work.problems[1].source == place(("spec", "source"))
    assert "docs/gone.pdf.meta.yaml" in work.problems[1].detail
    work.read_set(exclude=("*.meta.yaml",))
    assert work.problems == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nmap:\n  x: 1\nlist: [ok, 2]\n", [("LS207", 3, 3), ("LS207", 4, 12)]),
        ("llamasync_sha256: x", [("LS207", 1, 19)]),
        ("- a\n", [("LS207", 1, 1)]),
        ("a: 1\n---\nb: 2\n", [("LS207", 3, 1)]),
        ("a: 1\na: 2\n", [("LS102", 2, 1)]),
        ("a: [", [("LS101", 2, 1)]),
    ],
)
def test_what_is_wrong_in_a_sidecar_is_shown_there(
    work: Workspace, text: str, problems: list[tuple[str, int, int]]
) -> None:
    work.write("docs/a.pdf")
    work.write("docs/a.pdf.meta.yaml", text)
    with work.settled_cache() as cache:
        for _ in range(2):
            work.read_set(cache=cache)
            found = [(p.code, p.source) for p in work.problems]
            expected = [(code, line, column) for code, line, column in problems]
            assert [(c, s.line, s.column) for c, s in found if s][: len(expected)] == expected or text == "a: ["
            assert [c for c, _ in found] == [c for c, *_ in expected]
            assert all(s and s.file == "docs/a.pdf.meta.yaml" for _, s in found)
            told = {p.address.item for p in work.problems if p.address and p.code == "LS207"}
            assert told <= {"a.pdf"}, "of the document, not of the sidecar"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "~\n", "{}\n"])
def test_an_empty_sidecar_adds_nothing(work: Workspace, text: str) -> None:
    work.write("docs/a.pdf")
    work.write("docs/a.pdf.meta.yaml", text)
    (found,) = work.read_set(metadata={"k": "v"})
    assert found.fields["metadata"] == {"k": "v"}
    assert work.problems == []


def test_a_sidecar_that_is_not_text_is_reported(work: Workspace) -> None:
    work.write("docs/a.pdf")
    work.write("docs/a.pdf.meta.yaml", b"a: caf\xe9")
    work.read_set()
    assert work.only_problem().source == Source("docs/a.pdf.meta.yaml")


def test_an_unchanged_sidecar_is_not_opened_and_a_changed_one_is(
    work: Workspace, opened: Callable[[], list[str]]
) -> None:
    work.write("docs/a.pdf")
    sidecar = work.write("docs/a.pdf.meta.yaml", "k: v")
    with work.settled_cache() as cache:
        work.read_set(cache=cache)
        opened()
        (found,) = work.read_set(cache=cache)
        assert found.fields["metadata"] == {"k": "v"}
        assert opened() == []
        sidecar.write_text("k: other")
        (found,) = work.read_set(cache=cache)
        assert found.fields["metadata"] == {"k": "other"}
        assert opened() == ["a.pdf.meta.yaml"]

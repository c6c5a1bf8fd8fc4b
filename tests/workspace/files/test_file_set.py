"""A FileSet becomes one Desired a file."""

from __future__ import annotations

import hashlib

from llamasync.core.address import Address
from llamasync.core.source import Source
from llamasync.kinds.directory_files import FINGERPRINT_KEY
from llamasync.workspace.desired import Content, Lifecycle
from tests.workspace.files.support import PARENT, Workspace, place


def test_each_file_becomes_a_desired_with_all_that_the_manifest_says(work: Workspace) -> None:
    file = work.write("docs/2024/ä b.pdf", b"bytes")
    from llamasync.kinds.file_set import FileSetSpec

    (found,) = work.read(
        FileSetSpec(directory="contracts", source="docs", metadata={"team": "legal"}),
        needs=(Address("Directory", "contracts"),),
        lifecycle=Lifecycle(protect=True),
        labels={"a": "b"},
    )
    assert found.address == Address("FileSet", "it", "2024/ä b.pdf")
    assert found.kind == "FileSet"
    assert found.fields == {"unique_id": "2024/ä b.pdf", "display_name": "ä b.pdf", "metadata": {"team": "legal"}}
    assert found.key == ("2024/ä b.pdf",)
    assert found.source == place(("spec", "source"))
    assert found.parent == PARENT
    assert found.content == Content(hashlib.sha256(b"bytes").hexdigest(), 5, "ä b.pdf", str(file))
    assert found.needs == (Address("Directory", "contracts"),)
    assert found.lifecycle == Lifecycle(protect=True)
    assert found.labels == {"a": "b"}
    assert work.problems == []


def test_files_are_sorted_by_their_whole_path(work: Workspace) -> None:
    for path in ("a/z", "a.b", "a-b", "a/b/c", "B", "a0"):
        work.write(f"docs/{path}")
    assert work.paths() == ["B", "a-b", "a.b", "a/b/c", "a/z", "a0"]


def test_templates_fill_names_and_metadata(work: Workspace) -> None:
    work.write("docs/a/b.tar.gz")
    (found,) = work.read_set(
        unique_id="legal/{stem}{suffix}",
        display_name="{{{name}}}",
        metadata={"where": "{path}", "all": ["{stem}", "x"], "plain": "{{x}}", "n": 1, "none": None, "list": ["{{"]},
    )
    assert found.key == ("legal/b.tar.gz",)
    assert found.fields["display_name"] == "{b.tar.gz}"
    assert found.fields["metadata"] == {
        "where": "a/b.tar.gz",
        "all": ["b.tar", "x"],
        "plain": "{x}",
        "n": 1,
        "none": None,
        "list": ["{"],
    }


def test_fingerprint_in_metadata_adds_the_digest(work: Workspace) -> None:
    work.write("docs/a", b"x")
    (found,) = work.read_set(fingerprint="metadata", metadata={"k": "v"})
    assert found.content is not None
    assert found.fields["metadata"] == {"k": "v", FINGERPRINT_KEY: found.content.sha256}


def test_files_without_metadata_of_their_own_share_one_dictionary(work: Workspace) -> None:
    work.write("docs/a")
    work.write("docs/b")
    first, second = work.read_set(metadata={"k": "v"})
    assert first.fields["metadata"] is second.fields["metadata"]


def test_unknown_placeholders_are_all_reported_at_their_places(work: Workspace) -> None:
    work.write("docs/a")
    work.read_set(unique_id="{nmae}", display_name="{", metadata={"k": "{path!r}", "l": ["x", "{path:>9}"], "m": "{}"})
    assert {(p.code, p.source, p.field) for p in work.problems} == {
        ("LS208", place(("spec", "uniqueId")), "spec.uniqueId"),
        ("LS208", place(("spec", "displayName")), "spec.displayName"),
        ("LS208", place(("spec", "metadata", "k")), "spec.metadata.k"),
        ("LS208", place(("spec", "metadata", "l", 1)), "spec.metadata.l[1]"),
        ("LS208", place(("spec", "metadata", "m")), "spec.metadata.m"),
    }
    assert any("{path!r}" in p.detail for p in work.problems)
    assert any("{path:>9}" in p.detail for p in work.problems)


def test_wrong_metadata_is_reported_at_its_place(work: Workspace) -> None:
    work.write("docs/a")
    wrong = {"map": {"a": 1}, "mixed": ["x", 1, None, True, {}, []], "nan": float("nan"), FINGERPRINT_KEY: "x", 5: "x"}
    work.read_set(metadata={**wrong, "right": [1.5, "x"][1:], "bytes": b""})
    assert [p.field for p in work.problems] == [
        "spec.metadata.map",
        *(f"spec.metadata.mixed[{index}]" for index in (1, 2, 3, 4, 5)),
        "spec.metadata.nan",
        f"spec.metadata.{FINGERPRINT_KEY}",
        "spec.metadata[5]",
        "spec.metadata.bytes",
    ]
    assert {p.code for p in work.problems} == {"LS207"}
    assert [p.detail.split(" in its list")[0] for p in work.problems[1:6]] == [
        "mixed holds a number",
        "mixed holds null",
        "mixed holds a boolean",
        "mixed holds a mapping",
        "mixed holds a list",
    ]


def test_two_files_with_one_unique_id_are_both_named(work: Workspace) -> None:
    work.write("docs/a/x.pdf")
    work.write("docs/b/x.pdf")
    found = work.read_set(unique_id="{name}")
    problem = work.only_problem()
    assert problem.code == "LS203"
    assert "docs/a/x.pdf and docs/b/x.pdf" in problem.detail
    assert problem.address == Address("FileSet", "it", "b/x.pdf")
    assert problem.source == place(("spec", "uniqueId"))
    assert [one.address.item for one in found] == ["a/x.pdf"]


def test_collisions_are_seen_among_files_that_have_other_problems(work: Workspace) -> None:
    work.write("docs/a/x.pdf", b"")
    work.write("docs/b/x.pdf")
    work.read_set(unique_id="{name}")
    assert work.codes() == ["LS204", "LS203"]


def test_an_empty_unique_id_is_reported(work: Workspace) -> None:
    work.write("docs/LICENSE")
    assert work.read_set(unique_id="{suffix}") == ()
    assert work.codes() == ["LS213"]


def test_an_empty_display_name_is_reported(work: Workspace) -> None:
    work.write("docs/LICENSE")
    assert work.read_set(display_name="{suffix}") == ()
    assert work.only_problem().source == place(("spec", "displayName"))


def test_problems_show_the_address_the_path_and_the_manifests_place(work: Workspace) -> None:
    work.write("docs/sub/empty.pdf", b"")
    work.write("docs/good.pdf")
    found = work.read_set()
    problem = work.only_problem()
    assert problem.code == "LS204"
    assert problem.address == Address("FileSet", "it", "sub/empty.pdf")
    assert problem.source == place(("spec", "source"))
    assert isinstance(problem.source, Source)
    assert "docs/sub/empty.pdf" in problem.detail
    assert [one.address.item for one in found] == ["good.pdf"]

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.kinds.facts import ReferenceFact
from llamasync.kinds.registry import all_kinds
from llamasync.workspace.load import load_workspace
from llamasync.workspace.references import check_circles, close_references


def manifest(kind: str, name: str, spec: str = "{}", more: str = "") -> str:
    return f"apiVersion: llamasync/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{more}spec: {spec}\n"


def check(root: Path, *texts: str) -> tuple[Diagnostic, ...]:
    (root / "a.yaml").write_text("---\n".join(texts))
    return load_workspace(root, variables_env={}, read_content=False).diagnostics


def test_an_unknown_reference_is_told_with_the_near_name_and_its_place(tmp_path: Path) -> None:
    spec = "{directory: handbok, content: x}"
    [problem] = check(tmp_path, manifest("Directory", "handbook"), manifest("File", "f", spec))
    assert (problem.code, str(problem.source), problem.field) == ("LS104", "a.yaml:9:19", "spec.directory")
    assert problem.address == Address("File", "f")
    assert problem.detail == "no manifest declares Directory/handbok"
    expected = "did you mean handbook (a.yaml:1:1)? For one that exists already, write {id: ...}"
    assert problem.hint == expected


def test_an_unknown_reference_without_a_near_name_says_how_to_name_a_live_one(tmp_path: Path) -> None:
    [problem] = check(tmp_path, manifest("File", "f", "{directory: x, content: x}"))
    assert problem.hint == "for one that exists already, write {id: ...}"


def test_references_to_live_objects_are_left_for_the_plan(tmp_path: Path) -> None:
    one = manifest("File", "a", "{directory: {id: dir-1}, content: x}")
    two = manifest("File", "b", "{directory: {name: Contracts}, content: x}")
    assert check(tmp_path, one, two) == ()


def test_a_name_of_another_kind_does_not_count(tmp_path: Path) -> None:
    spec = "{directory: x, content: x}"
    [problem] = check(tmp_path, manifest("File", "x", "{directory: {id: d}, content: x}"), manifest("File", "f", spec))
    assert problem.code == "LS104"


def test_unknown_depends_on_is_told_at_its_place(tmp_path: Path) -> None:
    more = "dependsOn:\n- Directory/b\n- Directry/b\n- Directory/bb\n"
    found = check(tmp_path, manifest("Directory", "b"), manifest("Directory", "a", more=more))
    assert [(str(one.source), one.field, one.hint) for one in found] == [
        ("a.yaml:11:3", "dependsOn[1]", "did you mean Directory/b?"),
        ("a.yaml:12:3", "dependsOn[2]", "did you mean Directory/b (a.yaml:1:1)?"),
    ]


def test_references_may_stand_in_a_list_and_may_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = all_kinds()["File"]
    facts = (ReferenceFact(field="directories", kind="Directory"), ReferenceFact(field="other", kind="Directory"))
    kind = replace(file, references=facts)
    check(tmp_path, manifest("Directory", "a"))
    found = load_workspace(tmp_path, variables_env={}).manifests[Address("Directory", "a")]
    monkeypatch.setattr("llamasync.workspace.references.kind_named", {"File": kind}.__getitem__)
    spec = {"directories": ["a", "b", {"id": "dir-1"}]}
    closed, problems = close_references(
        replace(found, address=Address("File", "f"), spec=spec), {Address("Directory", "a"): found.source}
    )
    assert closed.parent is None
    assert set(closed.needs) == {Address("Directory", "a"), Address("Directory", "b")}
    assert [problem.field for problem in problems] == ["spec.directories[1]"]


def test_circles_are_told_once_with_all_that_are_in_them(tmp_path: Path) -> None:
    def directory(name: str, need: str) -> str:
        return manifest("Directory", name, more=f"dependsOn: [Directory/{need}]\n")

    texts = [directory(*pair) for pair in ("bc", "ca", "ab", "xy", "yx", "zz", "qa")]
    found = check(tmp_path, *texts)
    assert sorted(one.detail for one in found) == [
        "Directory/a -> Directory/b -> Directory/c -> Directory/a",
        "Directory/x -> Directory/y -> Directory/x",
        "Directory/z -> Directory/z",
    ]
    assert {one.code for one in found} == {"LS109"}
    assert str(found[0].source) == "a.yaml:16:13"


def test_a_circle_is_told_the_way_it_goes() -> None:
    a, b, c, d = (Address("Directory", name) for name in "abcd")
    place = Source("x.yaml", 1, 1)
    for needs in ({a: {b}, b: {c}, c: {d}, d: {a}}, {a: {d}, d: {c}, c: {b}, b: {a}}):
        [problem] = check_circles({one: dict.fromkeys(of, place) for one, of in needs.items()})
        names = problem.detail.replace("Directory/", "").split(" -> ")
        assert all(Address("Directory", two) in needs[Address("Directory", one)] for one, two in pairwise(names))

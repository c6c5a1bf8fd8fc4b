"""What is wrong because of an overlay is told in the overlay, where the text that is to be mended stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamasync.core.diagnostic import Diagnostic
from llamasync.workspace.load import load_workspace

SETTINGS = "apiVersion: llamasync/v1\nkind: Workspace\nspec: {environments: {prod: {overlays: [one, two]}}}\n"
BASE = """\
apiVersion: llamasync/v1
kind: File
metadata: {name: s}
spec:
  directory: {id: d}
  content: x
  uniqueId: a.md
  metadata: {s: x}
"""
HEAD = "kind: File\nmetadata: {name: s}\n"


def load(root: Path, one: str = "", two: str = "", base: str = BASE) -> tuple[Diagnostic, ...]:
    for name, text in {"llamasync.yaml": SETTINGS, "a.yaml": base, "one/o.yaml": one, "two/o.yaml": two}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return load_workspace(root, environment="prod", variables_env={}).diagnostics


def told(problems: tuple[Diagnostic, ...]) -> list[str]:
    return [f"{one.code} {one.source} {one.detail}" for one in problems]


def test_map_that_replaces_a_text_is_told_in_the_overlay(tmp_path: Path) -> None:
    problems = load(tmp_path, HEAD + "spec: {metadata: {s: {bad: 1}}}\n")
    assert told(problems) == ["LS207 one/o.yaml:3:22 s is a mapping"]


def test_map_of_two_overlays_that_replaces_a_text_is_told_in_the_first_of_them(tmp_path: Path) -> None:
    problems = load(tmp_path, HEAD + "spec: {metadata: {s: {bad: 1}}}\n", HEAD + "spec:\n  metadata: {s: {worse: 2}}\n")
    assert told(problems) == ["LS207 one/o.yaml:3:22 s is a mapping"]


def test_text_that_replaces_a_map_is_told_in_the_overlay(tmp_path: Path) -> None:
    problems = load(tmp_path, HEAD + "spec: {metadata: {t: u}}\n", HEAD + "spec:\n  metadata: text\n")
    assert [str(one.source) for one in problems] == ["two/o.yaml:4:13"]


def test_api_version_of_an_overlay_is_told_there(tmp_path: Path) -> None:
    problems = load(tmp_path, "apiVersion: llamasync/v9\n" + HEAD)
    assert told(problems) == ["LS113 one/o.yaml:1:13 `llamasync/v9` is not `llamasync/v1`"]


def test_api_version_that_an_overlay_removes_is_told_there(tmp_path: Path) -> None:
    problems = load(tmp_path, HEAD + "apiVersion:\n")
    assert told(problems) == ["LS112 one/o.yaml:3:1 the document has no apiVersion"]


@pytest.mark.parametrize(
    ("overlay", "where"),
    [("spec:\n", "3:1 `spec`"), ("spec:\n  content: y\n  directory: null\n", "5:3 `directory`")],
)
def test_field_that_an_overlay_removes_is_told_at_its_null(tmp_path: Path, overlay: str, where: str) -> None:
    (problem,) = load(tmp_path, HEAD + overlay)
    assert told((problem,)) == [f"LS108 one/o.yaml:{where} is missing: the null here removes it"]
    assert "leave the key out of the overlay" in problem.hint


def test_field_that_no_layer_has_is_just_missing(tmp_path: Path) -> None:
    (problem,) = load(tmp_path, HEAD + "spec: {content: y}\n", base=BASE.replace("  directory: {id: d}\n", ""))
    assert (problem.code, problem.detail) == ("LS108", "`directory` is missing")

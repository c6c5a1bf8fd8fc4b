"""What people write wrong, from YAML to files: `apply` tells each with its own code and place, and sends nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest


def _directory(name: str, spec: str = "{}") -> str:
    return f"apiVersion: llamasync/v1\nkind: Directory\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def _file_set(spec: str) -> str:
    return f"apiVersion: llamasync/v1\nkind: FileSet\nmetadata: {{name: more}}\nspec: {spec}\n"


def _empty_file(root: Path) -> None:
    (root / "documents" / "empty.md").write_bytes(b"")


def _huge_file(root: Path) -> None:
    with (root / "documents" / "huge.pdf").open("wb") as file:
        file.truncate(512 * 1024 * 1024 + 1)


def _link_to_nothing(root: Path) -> None:
    (root / "documents" / "gone.md").symlink_to("nowhere.md")


def _link_outside(root: Path) -> None:
    (root / "documents" / "outside.md").symlink_to("/etc/hostname")


def _one_name_twice(root: Path) -> None:
    (root / "documents" / "sub").mkdir()
    (root / "documents" / "sub" / "a.md").write_text("another a")
    (root / "documents" / "a.md").write_text("one a")


def _nothing(_: Path) -> None: ...


WRONG: dict[str, tuple[str, str, Callable[[Path], None]]] = {
    "broken YAML": ("LS101", "kind: [Directory\n", _nothing),
    "a duplicate key": ("LS102", _directory("x", "{name: a, name: b}"), _nothing),
    "two manifests with one address": ("LS103", _directory("docs"), _nothing),
    "a reference to nothing": ("LS104", _file_set("{directory: dosc, source: ../documents}"), _nothing),
    "an unknown kind": ("LS105", _directory("x").replace("Directory", "Directroy"), _nothing),
    "an unknown field": ("LS106", _directory("x", "{descripton: a}"), _nothing),
    "a wrong type": ("LS107", _directory("x", "{deleteContents: 5}"), _nothing),
    "a missing field": ("LS108", _file_set("{directory: docs}"), _nothing),
    "a circle": (
        "LS109",
        _directory("x").replace("spec", "dependsOn: [Directory/y]\nspec")
        + "---\n"
        + _directory("y").replace("spec", "dependsOn: [Directory/x]\nspec"),
        _nothing,
    ),
    "a missing environment variable": ("LS110", _directory("x", '{description: "${env:NOT_SET_HERE}"}'), _nothing),
    "an unknown variable": ("LS111", _directory("x", '{description: "${var:nobody}"}'), _nothing),
    "no manifest at all": ("LS112", "hello: world\n", _nothing),
    "another apiVersion": ("LS113", _directory("x").replace("/v1", "/v9"), _nothing),
    "a malformed expression": ("LS116", _directory("x", '{description: "${env}"}'), _nothing),
    "a source that does not exist": ("LS201", _file_set("{directory: docs, source: ../nowhere}"), _nothing),
    "a source outside": ("LS202", _file_set("{directory: docs, source: ../../}"), _nothing),
    "colliding unique ids": (
        "LS203",
        _file_set('{directory: docs, source: ../documents, uniqueId: "x/{name}"}'),
        _one_name_twice,
    ),
    "an empty file": ("LS204", "", _empty_file),
    "a file that is too large": ("LS205", "", _huge_file),
    "a file that cannot be read": ("LS206", "", _link_to_nothing),
    "metadata of a wrong type": (
        "LS207",
        _file_set('{directory: docs, source: ../documents, uniqueId: "x/{path}", metadata: {a: {b: c}}}'),
        _nothing,
    ),
    "an unknown placeholder": (
        "LS208",
        _file_set('{directory: docs, source: ../documents, uniqueId: "x/{paht}"}'),
        _nothing,
    ),
    "a link that leads outside": ("LS210", "", _link_outside),
    "two addresses for one object": ("LS316", _directory("x", "{name: docs}"), _nothing),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_manifest_is_told_with_its_place_and_nothing_is_sent(local, workspace, what: str) -> None:
    code, text, spoil = WRONG[what]
    spoil(workspace)
    if text:
        (workspace / "manifests" / "wrong.yaml").write_text(text)
    for command in (["validate"], ["apply", "--auto-approve"]):
        result = local(*command, expect=0 if (code, command) == ("LS110", ["validate"]) else 1)
        assert f"[{code}]" in result.stderr, what
        assert "wrong.yaml:" in result.stderr or "all.yaml:" in result.stderr, "the place is not told"
        assert "  hint: " in result.stderr, "how to mend it is not told"
        assert "LS699" not in result.stderr
    assert json.loads(local("state", "pull").stdout)["bindings"] == []
    assert not list((workspace / ".llamasync").glob("local.db"))


def test_near_names_are_suggested(local, workspace) -> None:
    (workspace / "manifests" / "wrong.yaml").write_text(
        _directory("x", "{descripton: a}") + "---\n" + _file_set("{directory: dosc, source: ../documents}")
    )
    told = local("validate", expect=1).stderr
    assert "description" in told
    assert "did you mean docs" in told


def test_unknown_project_is_told_as_such(run, served) -> None:
    flags = served()
    result = run(*flags, "--project", "0b0c6a4e-5c39-4a9e-8d0e-0d7b5f3f8a99", "plan", expect=1)
    assert "error[LS319]" in result.stderr

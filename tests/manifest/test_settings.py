from __future__ import annotations

import os
from pathlib import Path

import pytest

from llamasync.core.diagnostic import Severity
from llamasync.manifest.discovery import find_root, manifest_files
from llamasync.manifest.settings import Guards, Limits, Move, Settings
from llamasync.manifest.settings_file import load_settings

HEAD = "apiVersion: llamasync/v1\nkind: Workspace\n"
FULL = (
    HEAD
    + """\
spec:
  project: ${env:PROJECT:-prj-1}
  manifests: [manifests/]
  state: sqlite
  vars: {team: legal, size: 3, who: "${env:WHO:-me}"}
  guards: {maxDeleteShare: 0.5, maxDeletes: 9, maxCredits: 2.5}
  limits: {requestsInFlight: 4}
  moved: [{from: FileSet/old, to: FileSet/new}]
  environments:
    prod:
      project: prj-${var:team}
      vars: {team: legal-prod}
      overlays: [overlays/prod]
      guards: {maxDeletes: null, maxPages: 10}
      limits: {uploadsPer5s: 5}
    test: {overlays: [overlays/test]}
"""
)


def load(root: Path, text: str, environment: str | None = None, **given: bool) -> tuple[Settings, list[str]]:
    (root / "llamasync.yaml").write_text(text)
    settings, problems = load_settings(root, environment, {}, **given)
    return settings, [f"{one.code} {one.source} {one.field}".rstrip() for one in problems]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings, problems = load_settings(tmp_path, None, {})
    assert settings == Settings()
    assert problems == []
    assert settings.guards == Guards(max_delete_share=0.3, max_deletes=None, max_pages=None, max_credits=None)
    assert settings.limits == Limits(requests_in_flight=16, uploads_per_5s=50)
    assert str(settings.place(("spec",))) == "llamasync.yaml"


def test_settings_are_read_with_their_places(tmp_path: Path) -> None:
    settings, problems = load(tmp_path, FULL)
    assert problems == []
    assert settings.project == "prj-1"
    assert settings.manifests == ("manifests/",)
    assert settings.vars == {"team": "legal", "size": 3, "who": "me"}
    assert settings.guards == Guards(max_delete_share=0.5, max_deletes=9, max_credits=2.5)
    assert settings.limits == Limits(requests_in_flight=4)
    assert settings.moved == (Move(from_="FileSet/old", to="FileSet/new"),)
    assert settings.overlays == ()
    assert settings.environments == ("prod", "test")
    assert str(settings.place(("spec", "guards", "maxDeletes"))) == "llamasync.yaml:8:45"


def test_an_environment_is_laid_over_the_workspace(tmp_path: Path) -> None:
    settings, problems = load(tmp_path, FULL, "prod")
    assert problems == []
    assert settings.environment == "prod"
    assert settings.project == "prj-legal-prod"
    assert settings.state == "sqlite"
    assert settings.vars == {"team": "legal-prod", "size": 3, "who": "me"}
    assert settings.overlays == ("overlays/prod",)
    assert settings.overlay_folders == ("overlays/prod", "overlays/test")
    assert settings.guards == Guards(max_delete_share=0.5, max_deletes=None, max_pages=10, max_credits=2.5)
    assert settings.limits == Limits(requests_in_flight=4, uploads_per_5s=5)


def test_an_unknown_environment_names_the_near_or_all(tmp_path: Path) -> None:
    (tmp_path / "llamasync.yaml").write_text(FULL)
    for name, hint in (("prd", "did you mean prod?"), ("xyz", "the environments are prod, test")):
        _, [problem] = load_settings(tmp_path, name, {})
        assert (problem.code, problem.hint) == ("LS118", hint)
        assert str(problem.source) == "llamasync.yaml:11:3"


def test_an_environment_without_a_file_is_unknown(tmp_path: Path) -> None:
    _, [problem] = load_settings(tmp_path, "prod", {})
    assert problem.code == "LS118"
    assert problem.hint == "spec.environments names none"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spec: {projct: x}", "LS106 llamasync.yaml:3:8 spec.projct"),
        ("spec: {project: 5}", "LS107 llamasync.yaml:3:17 spec.project"),
        ("spec: {guards: {maxDeleteShare: 1.5}}", "LS107 llamasync.yaml:3:33 spec.guards.maxDeleteShare"),
        ("spec: {guards: {maxDeletes: -1}}", "LS107 llamasync.yaml:3:29 spec.guards.maxDeletes"),
        ("spec: {limits: {requestsInFlight: 0}}", "LS107 llamasync.yaml:3:35 spec.limits.requestsInFlight"),
        ("spec: {moved: [{from: x, to: A/b}]}", "LS107 llamasync.yaml:3:23 spec.moved[0].from"),
        ("spec: {moved: [{to: A/b}]}", "LS108 llamasync.yaml:3:16 spec.moved[0].from"),
        ("spec: {environments: {p: {overlay: []}}}", "LS106 llamasync.yaml:3:27 spec.environments.p.overlay"),
        ("spec: {project: '${env:NOPE}'}", "LS110 llamasync.yaml:3:18 spec.project"),
        ("spec: {vars: {a: 1, b: '${var:a}'}}", "LS111 llamasync.yaml:3:25 spec.vars.b"),
        ("metadata: {name: x}\nspec: {}", "LS106 llamasync.yaml:3:1 metadata"),
        ("", "LS108 llamasync.yaml:1:1 spec"),
        ("spec: [", "LS101 llamasync.yaml:4:1"),
        ("spec: !x {}", "LS101 llamasync.yaml:3:7"),
    ],
)
def test_wrong_settings_are_told_with_their_place(tmp_path: Path, text: str, expected: str) -> None:
    settings, problems = load(tmp_path, HEAD + text + "\n")
    assert problems[:1] == [expected]
    assert settings.document is None


def test_a_missing_environment_variable_is_a_warning_when_not_required(tmp_path: Path) -> None:
    (tmp_path / "llamasync.yaml").write_text(HEAD + "spec: {project: '${env:N}', state: '${env:S}'}")
    settings, problems = load_settings(tmp_path, None, {}, require_env=False)
    assert [(one.code, one.severity) for one in problems] == [("LS110", Severity.WARNING)] * 2
    assert settings.document is not None


def test_an_environment_variable_where_no_text_can_stand_is_an_error_even_when_it_is_not_set(tmp_path: Path) -> None:
    _, problems = load(tmp_path, HEAD + "spec: {guards: {maxDeletes: '${env:N}'}}", require_env=False)
    assert problems == [
        "LS110 llamasync.yaml:3:30 spec.guards.maxDeletes",
        "LS107 llamasync.yaml:3:29 spec.guards.maxDeletes",
    ]


def test_the_file_holds_one_workspace_and_nothing_else(tmp_path: Path) -> None:
    other = "---\napiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: a}\nspec: {}\n"
    _, problems = load(tmp_path, HEAD + "spec: {}\n---\n" + other + "---\n" + HEAD + "spec: {}\n")
    assert problems == ["LS112 llamasync.yaml:7:1", "LS121 llamasync.yaml:11:1"]


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    settings, problems = load(tmp_path, "# nothing yet\n")
    assert problems == []
    assert settings == Settings()


def test_the_root_is_the_nearest_folder_with_settings(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "x.yaml").touch()
    assert find_root(inner) == inner
    (tmp_path / "llamasync.yaml").touch()
    assert find_root(inner) == tmp_path
    assert find_root(inner / "x.yaml") == tmp_path
    (inner / "llamasync.yaml").touch()
    assert find_root(inner / "x.yaml") == inner


def test_manifest_files_are_sorted_and_leave_out_what_cannot_be_one(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "llamasync.yaml", "x.pdf.meta.yaml", "c.json", ".d.yaml"):
        (tmp_path / name).touch()
    for name in (".git", "sub"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "e.yaml").touch()
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    found = [path.relative_to(tmp_path).as_posix() for path in manifest_files([tmp_path])]
    assert found == ["a.yml", "b.yaml", "sub/e.yaml"]
    assert list(manifest_files([tmp_path / "b.yaml"])) == [tmp_path / "b.yaml"]
    assert list(manifest_files([tmp_path / "none"])) == []


def test_manifests_are_found_level_by_level(tmp_path: Path) -> None:
    for name in ("b.yaml", "x/c.yaml", "y/deep/d.yaml", "skipped/e.yaml", "late/f.yaml", "late/in/g.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def files(entries: list[str], skip: set[str]) -> list[str]:
        found = manifest_files([tmp_path / entry for entry in entries], {tmp_path / one for one in skip})
        return [path.relative_to(tmp_path).as_posix() for path in found]

    assert files([""], {"skipped"}) == ["b.yaml", "late/f.yaml", "x/c.yaml", "late/in/g.yaml", "y/deep/d.yaml"]
    # What is asked for is looked at, once, though it is to be skipped.
    assert files(["skipped", "", "x/c.yaml", "none"], {"skipped", "late", "y"}) == [
        "b.yaml",
        "skipped/e.yaml",
        "x/c.yaml",
    ]

    # What is read of one level may say what to skip of the next.
    growing: set[Path] = set()
    found = []
    for path in manifest_files([tmp_path], growing):
        found.append(path.relative_to(tmp_path).as_posix())
        growing.add(tmp_path / "late")
    assert found == ["b.yaml", "skipped/e.yaml", "x/c.yaml", "y/deep/d.yaml"]


@pytest.mark.parametrize(("error", "left"), [(PermissionError, 1), (FileNotFoundError, 0)])
def test_a_folder_that_cannot_be_listed_is_among_the_files_unless_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError], left: int
) -> None:
    def refuse(_: str) -> None:
        raise error

    monkeypatch.setattr("llamasync.manifest.discovery.os.scandir", refuse)
    assert list(manifest_files([tmp_path])) == [tmp_path] * left


def test_links_to_folders_and_what_is_no_regular_file_are_passed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("sub")
    (tmp_path / "round.yaml").symlink_to("round.yaml")
    (tmp_path / "away.yaml").symlink_to("nowhere")
    for name in ("pipe.yaml", "pipe", "pipe.meta.yaml"):
        os.mkfifo(tmp_path / name)
    passed: list[Path] = []
    found = [path.name for path in manifest_files([tmp_path], passed=passed)]
    assert found == ["away.yaml", "round.yaml"], "reading these says what is wrong"
    assert sorted(path.name for path in passed) == ["link", "pipe.yaml"]

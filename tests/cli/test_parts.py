"""Commands that are told to take a part of the workspace: they take that part, and leave the rest as it is."""

from __future__ import annotations

import json

import pytest

ADDRESSES = {"Directory/docs", "Directory/other", "FileSet/docs[a.md]", "FileSet/docs[b.md]", "FileSet/docs[c.md]"}
OTHER = {"Directory/other"}


@pytest.fixture
def in_two(workspace):
    """`Directory/other` has a manifest file of its own."""
    path = workspace / "manifests" / "all.yaml"
    head, _, other = path.read_text("utf-8").rpartition("---\n")
    path.write_text(head, "utf-8")
    (workspace / "manifests" / "other.yaml").write_text(other, "utf-8")
    return workspace


@pytest.fixture
def known(local):
    """Tell which addresses the state has."""
    return lambda: {one["address"] for one in json.loads(local("state", "list", "--format", "json").stdout)["bindings"]}


def test_apply_of_a_path_applies_that_part(in_two, local, known) -> None:
    local("apply", "--auto-approve", "manifests/other.yaml")
    assert known() == OTHER


def test_drift_of_a_path_looks_at_that_part(in_two, applied, known) -> None:
    change_in_service(applied, in_two, "Directory/docs")
    applied("drift", expect=2)
    applied("drift", "manifests/other.yaml")
    applied("drift", "manifests/all.yaml", expect=2)


def test_destroy_of_a_path_destroys_that_part(in_two, applied, known) -> None:
    applied("destroy", "--auto-approve", "manifests/other.yaml")
    assert known() == ADDRESSES - OTHER
    assert "No changes" in applied("plan", "manifests/all.yaml").stdout


def test_a_saved_destroy_of_a_path_destroys_that_part(in_two, applied, known) -> None:
    told = applied("plan", "--destroy", "manifests/other.yaml", "--out", "p.llamaplan").stdout
    assert "1 to delete" in told
    applied("apply", "p.llamaplan")
    assert known() == ADDRESSES - OTHER


def test_destroy_of_a_path_forgets_its_runs_and_no_others(workspace, local, known) -> None:
    head = "apiVersion: llamasync/v1\nkind: SplitJob\n"
    spec = "spec: {file: {file: note}, categories: [{name: a, description: A}]}\n"
    note = "apiVersion: llamasync/v1\nkind: File\nmetadata: {name: note}\nspec: {directory: other, content: text}\n"
    (workspace / "manifests" / "note.yaml").write_text(note, "utf-8")
    for name in ("one", "two"):
        more = spec.replace("name: a", f"name: {name}")
        (workspace / "manifests" / f"{name}.yaml").write_text(f"{head}metadata: {{name: {name}}}\n{more}", "utf-8")
    local("apply", "--auto-approve")
    before = known()
    local("destroy", "--auto-approve", "manifests/one.yaml")
    assert before - known() == {"SplitJob/one"}


def test_destroy_of_all_but_some(applied, known) -> None:
    applied("destroy", "--auto-approve", "--exclude", "Directory/other")
    assert known() == OTHER


def test_destroy_of_a_directory_alone_names_what_its_files_are_of(workspace, applied, known) -> None:
    path = workspace / "manifests" / "all.yaml"
    directory, _, rest = path.read_text("utf-8").partition("---\n")
    path.write_text(rest, "utf-8")
    (workspace / "manifests" / "docs.yaml").write_text(directory, "utf-8")
    told = applied("destroy", "--auto-approve", "manifests/docs.yaml", expect=1)
    assert "Directory/docs holds 3 of them: a.md, b.md, c.md (of FileSet/docs)" in told.output
    assert "Name what they are of as well: FileSet/docs." in told.output
    assert known() == ADDRESSES


def test_destroy_of_what_has_a_label(applied, known) -> None:
    applied("destroy", "--auto-approve", "-l", "team=docs")
    assert known() == OTHER


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--target", "Directory/docs"], {"Directory/docs"}),
        (["-l", "team=docs"], ADDRESSES - OTHER),
        (["--exclude", "Directory/other"], ADDRESSES - OTHER),
    ],
)
def test_a_saved_plan_keeps_each_way_to_select(local, known, words: list[str], expected: set[str]) -> None:
    local("plan", "--out", "p.llamaplan", *words)
    local("apply", "p.llamaplan")
    assert known() == expected


def test_a_saved_plan_is_applied_in_its_environment(local) -> None:
    local("-e", "prod", "plan", "--out", "p.llamaplan")
    local("apply", "p.llamaplan")
    assert "5 objects" in local("-e", "prod", "state", "list").stderr
    assert "0 objects" in local("state", "list").stderr


def change_in_service(run, workspace, address: str) -> None:
    from llamasync.api.client import Client
    from llamasync.api.endpoint import Endpoint
    from llamasync.api.wsgi import WsgiTransport
    from llamasync.core.secret import Secret
    from llamasync.emulator import Emulator, Options

    (binding,) = json.loads(run("state", "show", address, "--format", "json").stdout)["bindings"]
    with Emulator(Options(path=workspace / ".llamasync/local.db")) as emulator:
        endpoint = Endpoint("http://emulator.localhost", Secret("k"), emulator.default_project_id)
        with Client(endpoint, transport=WsgiTransport(emulator.wsgi)) as client:
            client.send("PATCH", f"/api/v1/beta/directories/{binding['id']}", {"description": "theirs"})


def test_the_settings_are_no_manifest_where_a_path_names_them(workspace, local) -> None:
    assert "Valid: 3 manifests" in local("validate", "llamasync.yaml", "manifests/all.yaml").stdout
    assert "5 to create" in local("plan", "llamasync.yaml", "manifests").stdout


def test_a_manifest_outside_of_the_usual_places_is_told(workspace, local) -> None:
    (workspace / "more").mkdir()
    manifest = "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: more}\nspec: {}\n"
    (workspace / "more" / "one.yaml").write_text(manifest, "utf-8")
    told = local("plan", "more", "manifests").stderr
    assert "warning[LS123]: manifest that a run of everything does not see" in told
    assert "more/one.yaml is in none of the places of spec.manifests" in told
    assert "LS123" not in local("plan", "manifests", "manifests/all.yaml").stderr


def test_labels_that_nothing_has_are_a_problem(applied) -> None:
    assert "-l team=typo matches nothing" in applied("plan", "-l", "team=typo", expect=1).stderr

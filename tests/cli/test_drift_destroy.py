from __future__ import annotations

import json

import pytest

from llamasync.emulator import Emulator, Options


@pytest.fixture
def disturbed(applied, workspace):
    """A file was deleted in the service by hand, and a description changed."""
    identity = json.loads(applied("state", "show", "FileSet/docs[a.md]", "--format", "json").stdout)["bindings"][0]
    from llamasync.api.client import Client
    from llamasync.api.endpoint import Endpoint
    from llamasync.api.wsgi import WsgiTransport
    from llamasync.core.secret import Secret

    with Emulator(Options(path=workspace / ".llamasync/local.db")) as emulator:
        endpoint = Endpoint("http://emulator.localhost", Secret("k"), emulator.default_project_id)
        with Client(endpoint, transport=WsgiTransport(emulator.wsgi)) as client:
            folder = f"/api/v1/beta/directories/{identity['parent_id']}"
            client.send("DELETE", f"{folder}/files/{identity['id']}")
            client.send("PATCH", folder, {"description": "theirs"})
    return applied


def test_drift_says_whose_change_it_was_and_apply_heals_it(disturbed) -> None:
    result = disturbed("drift", expect=2)
    assert "Changed in the service: 2 objects" in result.stdout
    assert '"theirs" in the service, "Documents" in the manifest' in result.stdout
    assert "(changed in the service)" in disturbed("plan").stdout
    assert "Plan: 1 to create, 1 to update" in disturbed("plan", "--refresh-only").stdout
    disturbed("apply", "--auto-approve")
    assert "No drift. 5 objects are as last applied." in disturbed("drift").stdout


def test_drift_in_json_is_a_plan(disturbed) -> None:
    value = json.loads(disturbed("drift", "--format", "json", expect=2).stdout)
    assert {field["drift"] for change in value["changes"] for field in change["fields"] if change["id"]} == {"service"}


def test_changes_of_both_are_told_apart(disturbed, workspace) -> None:
    path = workspace / "manifests" / "all.yaml"
    path.write_text(path.read_text("utf-8").replace("description: Documents", "description: Ours"), "utf-8")
    assert "Changed in both: 1 object" in disturbed("drift", expect=2).stdout


def test_destroy_asks_for_the_name_and_takes_no_other(applied, answers) -> None:
    assert "error[LS603]" in applied("destroy", expect=1).stderr
    answers("yes")
    assert "error[LS608]" in applied("destroy", expect=1).stderr
    assert "5 objects" in applied("state", "list").stderr
    answers("Default")
    result = applied("destroy")
    assert "Type the project's name (Default) to confirm:" in result.stderr
    assert "Destroyed: 5 changes" in result.stdout
    assert "0 objects" in applied("state", "list").stderr
    assert "5 to create" in applied("plan").stdout


def test_destroy_of_a_part(applied) -> None:
    applied("destroy", "--auto-approve", "--target", "Directory/other")
    assert "4 objects" in applied("state", "list").stderr


def test_a_protected_object_is_not_destroyed(applied, workspace) -> None:
    path = workspace / "manifests" / "all.yaml"
    path.write_text(path.read_text("utf-8") + "lifecycle: {protect: true}\n", "utf-8")
    applied("apply", "--auto-approve")
    assert "error[LS305]" in applied("destroy", "--auto-approve", expect=1).stderr
    assert "5 objects" in applied("state", "list").stderr

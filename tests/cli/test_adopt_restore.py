from __future__ import annotations

import json
import re

from llamasync.emulator import Emulator, Options


def id_of(run, address: str) -> str:
    (binding,) = json.loads(run("state", "show", address, "--format", "json").stdout)["bindings"]
    identity: str = binding["id"]
    return identity


def test_an_object_is_taken_over_by_its_id(local, workspace) -> None:
    with Emulator(Options(path=workspace / ".llamasync/local.db")) as emulator:
        identity = emulator.control.add_directory("docs", description="theirs")
    result = local("adopt", "Directory/docs", identity)
    assert f"Directory/docs is {identity} now." in result.stderr
    assert id_of(local, "Directory/docs") == identity
    assert "1 to update" in local("plan").stdout


def test_what_cannot_be_taken_over_is_refused(applied) -> None:
    assert "error[LS308]" in applied("adopt", "Directory/docs", "dir-none", expect=1).stderr
    assert "error[LS310]" in applied("adopt", "Directory/none", "dir-none", expect=1).stderr
    other = id_of(applied, "Directory/other")
    assert "error[LS316]" in applied("adopt", "Directory/docs", other, expect=1).stderr


def test_deleted_bytes_come_back(applied, workspace) -> None:
    text = (workspace / "documents" / "a.md").read_text("utf-8")
    (workspace / "documents" / "a.md").unlink()
    applied("apply", "--auto-approve")
    listed = applied("restore").stdout
    assert "FileSet/docs[a.md]" in listed
    result = applied("restore", "FileSet/docs[a.md]", "--to", "back")
    assert re.match(r"restored back/a\.md \(7 B, saved [\d-]{10}T[\d:]{8}Z\)", result.stdout)
    assert (workspace / "back" / "a.md").read_text("utf-8") == text
    digest = listed.splitlines()[1].split()[0]
    applied("restore", digest, "--to", "again")
    assert (workspace / "again" / "a.md").read_text("utf-8") == text


def test_without_trash_nothing_is_kept(applied, workspace) -> None:
    (workspace / "documents" / "a.md").unlink()
    applied("apply", "--auto-approve", "--no-trash")
    assert "The trash is empty." in applied("restore").stderr
    assert "error[LS509]" in applied("restore", "FileSet/docs[a.md]", expect=1).stderr


def test_a_name_from_the_service_cannot_leave_the_folder(workspace, run) -> None:
    from llamasync.apply.trash import TrashEntry
    from llamasync.cli.commands.restore import _relative
    from llamasync.core.address import Address

    def place(unique_id: str) -> str:
        entry = TrashEntry(
            sha256="ab" * 32,
            size_bytes=1,
            address=Address("File", "a"),
            unique_id=unique_id,
            directory="d",
            reason="r",
            at="t",
        )
        return str(_relative(entry))

    assert place("../../etc/passwd") == "etc/passwd"
    assert place("/etc/pass\0wd") == "etc/passwd"
    assert place("..") == "ab" * 32


def test_an_item_is_adopted_by_its_id_and_comes_back_from_the_trash(local, workspace) -> None:
    document = {
        "apiVersion": "llamasync/v1",
        "kind": "AgentDataCollection",
        "metadata": {"name": "c"},
        "spec": {"deploymentName": "_public", "key": "id", "items": [{"id": "a/b", "n": 1}]},
    }
    path = workspace / "manifests" / "items.yaml"
    path.write_text(json.dumps(document))
    with Emulator(Options(path=workspace / ".llamasync/local.db")) as emulator:
        _, second = emulator.control.agent_data.add([{"id": "a/b", "n": 1}, {"id": "a/b", "n": 2}])
    address = "AgentDataCollection/c[a/b]"
    local("adopt", address, second)
    shown = json.loads(local("state", "show", address, "--format", "json").stdout)["bindings"][0]
    assert shown["id"] == second
    local("apply", "--auto-approve")
    document["spec"]["items"] = []
    path.write_text(json.dumps(document))
    local("apply", "--auto-approve")
    local("restore", address, "--to", workspace / "back")
    assert json.loads((workspace / "back" / "a" / "b.json").read_text()) == {"id": "a/b", "n": 1}
    local("adopt", address, second, expect=1)

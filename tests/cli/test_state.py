from __future__ import annotations

import json
from contextlib import closing, suppress

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.state.model import Intent


def test_the_list_has_addresses_ids_and_counts(applied) -> None:
    result = applied("state", "list")
    assert result.stdout.splitlines()[0].split() == ["ADDRESS", "ID", "SIZE", "APPLIED"]
    assert "FileSet/docs[a.md]" in result.stdout
    assert "5 objects in .llamasync/local-state.db." in result.stderr


def test_a_file_set_stands_for_its_files(applied) -> None:
    value = json.loads(applied("state", "list", "FileSet/docs", "--format", "json").stdout)
    assert [each["address"] for each in value["bindings"]] == [f"FileSet/docs[{name}.md]" for name in "abc"]
    assert json.loads(applied("state", "show", "FileSet/docs", "--format", "json").stdout) == value
    assert (value["unfinished"], value["endpoint"]) == ([], "embedded emulator (--local)")


def test_one_object_is_shown_in_full(applied) -> None:
    assert 'fields.description "Documents"' in applied("state", "show", "Directory/docs").stdout
    value = json.loads(applied("state", "show", "Directory/docs", "--format", "json").stdout)
    assert [one["fields"]["name"] for one in value["bindings"]] == ["docs"]


@pytest.mark.parametrize("words", [["show"], ["rm"], ["mv", "File/new"]], ids=" ".join)
def test_an_unknown_address_is_refused(applied, words) -> None:
    command, *rest = words
    assert "error[LS505]" in applied("state", command, "Directory/none", *rest, expect=1).stderr


def test_moving_and_moving_back_changes_nothing(applied) -> None:
    applied("state", "mv", "FileSet/docs", "FileSet/moved")
    assert "FileSet/moved[a.md]" in applied("state", "list").stdout
    applied("state", "mv", "FileSet/moved[a.md]", "FileSet/moved[x.md]")
    applied("state", "mv", "FileSet/moved[x.md]", "FileSet/moved[a.md]")
    applied("state", "mv", "FileSet/moved", "FileSet/docs")
    applied("plan", "--detailed-exitcode")
    assert "error[LS506]" in applied("state", "mv", "Directory/docs", "Directory/other", expect=1).stderr


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("FileSet/docs", "FileSet/docs[b.md]", "FileSet/docs stands for 3 objects, FileSet/docs[b.md] for one"),
        ("Directory/docs", "Index/docs", "Directory and Index are two kinds"),
    ],
)
def test_a_move_that_cannot_be_moves_nothing(applied, old: str, new: str, problem: str) -> None:
    before = applied("state", "list").stdout
    assert problem in applied("state", "mv", old, new, expect=64).stderr
    assert applied("state", "list").stdout == before


def test_what_is_forgotten_is_adopted_again_not_made_twice(applied) -> None:
    assert (
        "Forgot 4 objects; in the service nothing was changed."
        in applied("state", "rm", "FileSet/docs", "Directory/docs").stderr
    )
    assert "0 to create" in applied("plan").stdout
    applied("apply", "--auto-approve")
    applied("plan", "--detailed-exitcode")


def test_the_state_travels_as_json(applied, workspace) -> None:
    text = applied("state", "pull").stdout
    assert len(json.loads(text)["bindings"]) == 5
    applied("state", "rm", "FileSet/docs")
    (workspace / "backup.json").write_text(text, "utf-8")
    assert "error[LS610]" in applied("state", "push", "backup.json", expect=1).stderr
    assert "Pushed 5 objects; before there were 2." in applied("state", "push", "--force", "backup.json").stderr
    applied("plan", "--detailed-exitcode")


def test_the_same_state_can_be_pushed_from_a_pipe(applied) -> None:
    applied("state", "push", "-", stdin=applied("state", "pull").stdout)


def test_a_state_of_another_origin_is_refused(applied) -> None:
    value = json.loads(applied("state", "pull").stdout)
    text = json.dumps({**value, "lineage": "another"})
    assert "another origin" in applied("state", "push", "-", stdin=text, expect=1).stderr


def test_a_state_is_pushed_where_there_was_none(applied, local) -> None:
    text = applied("state", "pull").stdout
    local("--state", "sqlite:other.db", "state", "push", "-", stdin=text)
    assert "5 objects in other.db" in local("--state", "sqlite:other.db", "state", "list").stderr


def test_text_that_is_no_state_is_refused(applied, workspace) -> None:
    told = applied("state", "push", "-", stdin="nonsense", expect=1).stderr
    assert "error[LS502]" in told
    assert "<stdin>: it is not JSON" in told, "the state that is there is well"
    (workspace / "bytes").write_bytes(b"\xff\xfe")
    assert "error[LS502]" in applied("state", "push", "bytes", expect=1).stderr
    assert "5 objects" in applied("state", "list").stderr


def test_a_lost_state_is_found_again(applied, workspace) -> None:
    for path in (workspace / ".llamasync").glob("local-state.db*"):
        path.unlink()
    assert "Remembered 5 objects; before there were 0." in applied("state", "rebuild").stderr
    applied("plan", "--detailed-exitcode")


def test_rebuild_keeps_creates_that_were_interrupted(applied, workspace) -> None:
    from llamasync.state.backends import open_store

    store = open_store("sqlite:.llamasync/local-state.db", workspace)
    with closing(store), store.lock("test"):
        made = Intent(number=0, address=Address("ChatSession", "chat"), collection="chats", key=("chat",), digest="d")
        store.begin(made)
    applied("state", "rebuild")
    assert "5 objects, 1 unfinished create in" in applied("state", "list").stderr


def test_rebuild_says_what_it_did_not_find(applied, workspace) -> None:
    (workspace / "documents" / "a.md").unlink()
    assert "not found again: FileSet/docs[a.md]" in applied("state", "rebuild").stderr


def test_a_lock_is_removed_by_force_and_said_whose_it_was(applied, workspace) -> None:
    from llamasync.state.backends import open_store

    assert "not locked" in applied("state", "force-unlock").stderr
    store = open_store("sqlite:.llamasync/local-state.db", workspace)
    with suppress(DiagnosticError), store.lock("apply"):
        assert "error[LS504]" in applied("apply", "--auto-approve", expect=1).stderr
        assert "Removed the lock of " in applied("state", "force-unlock").stderr
    store.close()


def test_environments_and_the_emulator_have_states_of_their_own(local, run) -> None:
    local("-e", "prod", "apply", "--auto-approve")
    assert "Project     0b0c6a4e-" in local("-e", "prod", "plan").stdout
    assert "local-state.prod.db" in local("-e", "prod", "state", "list").stderr
    assert "0 objects in .llamasync/local-state.db" in local("state", "list").stderr
    assert "0 objects in .llamasync/state.db" in run("state", "list").stderr


@pytest.mark.parametrize("project", ["prj-anything", "0B0C6A4E-5c39-4a9e-8d0e-0d7b5f3f8a11"])
def test_any_project_can_be_tried_out_locally(local, project) -> None:
    local("--project", project, "apply", "--auto-approve")
    local("--project", project, "plan", "--detailed-exitcode")
    assert "error[LS501]" in local("plan", expect=1).stderr

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from llamasync.cli.local import open_local
from llamasync.emulator import Emulator

OPEN = Callable[[], Emulator]


@pytest.fixture
def service(workspace: Path) -> OPEN:
    """Open the embedded emulator of the workspace by its back door."""

    def open_it() -> Emulator:
        return open_local(workspace, "")[0]

    return open_it


def moved(workspace: Path, new: Path) -> Path:
    """Let the new workspace speak to the same embedded emulator."""
    (new / ".llamasync").mkdir(exist_ok=True)
    for path in (workspace / ".llamasync").glob("local.db*"):
        copy = shutil.copytree if path.is_dir() else shutil.copy2
        copy(path, new / ".llamasync" / path.name)
    return new


def files_below(folder: Path) -> list[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if ".llamasync" not in path.parts)


def test_an_export_with_content_is_a_workspace_that_has_nothing_to_do(applied, workspace, tmp_path) -> None:
    new = tmp_path / "new"
    result = applied("export", "--content", "--out", new)
    assert result.stdout == f"Exported 3 manifests and 3 files (21 B) to {new}.\n"
    assert result.stderr == ""
    assert files_below(new) == [
        ".gitignore",
        "files/docs/a.md",
        "files/docs/b.md",
        "files/docs/c.md",
        "llamasync.yaml",
        "manifests/directories.yaml",
        "manifests/directory-files-docs.yaml",
    ]
    moved(workspace, new)
    assert "Valid: 3 manifests, 5 objects." in applied("validate", folder=new).stdout
    applied("apply", "--auto-approve", folder=new)
    applied("plan", "--detailed-exitcode", folder=new)


def test_the_first_plan_in_the_new_workspace_downloads_nothing(applied, workspace, tmp_path) -> None:
    def calls(folder: Path) -> int:
        return int(json.loads(applied("plan", "--format", "json", folder=folder).stdout)["calls"]["read"])

    applied("export", "--content", "--out", tmp_path / "new")
    moved(workspace, tmp_path / "new")
    with_digests = calls(tmp_path / "new")
    (tmp_path / "new/.llamasync/digests.db").unlink()
    assert with_digests < calls(tmp_path / "new")
    assert with_digests <= 2, "the directories, and the files of one"


def test_manifests_read_like_written_by_hand(applied, tmp_path) -> None:
    applied("export", "--content", "--out", tmp_path / "new")
    manifests = tmp_path / "new/manifests"
    text = (manifests / "directory-files-docs.yaml").read_text("utf-8")
    assert text.partition("\n")[0].startswith("# Exported by llamasync from project ")
    assert text.partition("\n")[2] == (
        "apiVersion: llamasync/v1\nkind: FileSet\nmetadata:\n  name: docs\nspec:\n  directory: docs\n"
        "  source: ../files/docs\n  metadata:\n    team: docs\n"
    )
    settings = (tmp_path / "new/llamasync.yaml").read_text("utf-8")
    assert yaml.safe_load(settings)["spec"] == {"manifests": ["manifests/"]}
    assert "\n  # project: " in settings


def test_without_a_folder_manifests_go_to_stdout(applied) -> None:
    result = applied("export")
    documents = list(yaml.safe_load_all(result.stdout))
    assert [(one["kind"], one["metadata"]["name"]) for one in documents] == [
        ("Directory", "docs"),
        ("Directory", "other"),
    ]
    assert "Files are left out" in result.stderr


def test_the_same_service_gives_the_same_bytes(applied, tmp_path) -> None:
    for name in ("one", "two"):
        applied("export", "--content", "--out", tmp_path / name)
    for path in files_below(tmp_path / "one"):
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_exporting_again_to_the_same_folder_changes_nothing(applied, tmp_path) -> None:
    applied("export", "--content", "--out", tmp_path / "new")
    before = {path: (tmp_path / "new" / path).stat().st_mtime_ns for path in files_below(tmp_path / "new")}
    applied("export", "--content", "--out", tmp_path / "new")
    assert before == {path: (tmp_path / "new" / path).stat().st_mtime_ns for path in files_below(tmp_path / "new")}


def test_files_that_say_something_else_are_never_overwritten(applied, tmp_path) -> None:
    new = tmp_path / "new"
    (new / "manifests").mkdir(parents=True)
    (new / "files/docs").mkdir(parents=True)
    mine = [new / "manifests/directories.yaml", new / "files/docs/a.md", new / "files/docs/b.md"]
    for path in mine:
        path.write_text("mine\n")
    result = applied("export", "--content", "--out", new, expect=1)
    assert result.stderr.count("error[LS605]") == 2
    assert [path.read_text() for path in mine] == ["mine\n"] * 3
    for path in mine[1:]:
        path.unlink()
    assert "directories.yaml exists already" in applied("export", "--content", "--out", new, expect=1).stderr
    assert not (new / "llamasync.yaml").exists(), "all manifests are written, or none"


def test_settings_that_are_there_are_left_alone_with_a_word(applied, workspace) -> None:
    before = (workspace / "llamasync.yaml").read_text()
    result = applied("export", "--kind", "Directory", "--out", workspace)
    assert "llamasync.yaml was there before and is left alone" in result.stderr
    assert (workspace / "llamasync.yaml").read_text() == before


def test_nothing_is_written_through_a_link_that_leads_away(applied, tmp_path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "away").mkdir()
    (tmp_path / "new/files").symlink_to(tmp_path / "away")
    result = applied("export", "--content", "--out", tmp_path / "new", expect=1)
    assert "error[LS606]" in result.stderr
    assert files_below(tmp_path / "away") == []


def test_a_file_that_is_not_live_any_more_is_pointed_out(applied, tmp_path) -> None:
    applied("export", "--content", "--out", tmp_path / "new")
    (tmp_path / "new/files/docs/old.md").write_text("old")
    result = applied("export", "--content", "--out", tmp_path / "new")
    assert "files/docs/old.md was there before and is not live" in result.stderr


def test_unique_ids_that_are_no_paths_become_files_of_their_own(applied, service, workspace, tmp_path) -> None:
    emulator = service()
    directory = emulator.control.add_directory("Odd ${x}")
    for unique_id in ("../up.md", "a.md", "A.md"):
        emulator.control.add_file(directory, unique_id, content=unique_id.encode(), metadata={"of": unique_id})
    emulator.close()
    new = tmp_path / "new"
    applied("export", "--content", "--out", new)
    assert "files/odd-x/A.md" in files_below(new)
    documents = list(yaml.safe_load_all((new / "manifests/directory-files-odd-x.yaml").read_text("utf-8")))
    assert [(one["kind"], one["spec"].get("uniqueId")) for one in documents] == [
        ("FileSet", None),
        ("File", "../up.md"),
        ("File", "a.md"),
    ]
    moved(workspace, new)
    applied("apply", "--auto-approve", folder=new)
    applied("plan", "--detailed-exitcode", folder=new)


def test_directories_of_one_name_are_left_out_and_their_files_go_by_id(applied, service, workspace, tmp_path) -> None:
    emulator = service()
    twins = [emulator.control.add_directory("twin") for _ in range(2)]
    for number, directory in enumerate(twins):
        emulator.control.add_file(directory, "a.md", content=f"{number}".encode())
    emulator.control.add_directory("theirs", connector_subscription_id="cs-1")
    emulator.close()
    new = tmp_path / "new"
    result = applied("export", "--content", "--out", new)
    assert "warning[LS301]" in result.stderr
    assert "'theirs'" in result.stderr
    assert "filled by a connector" in result.stderr
    names = [one["metadata"]["name"] for one in yaml.safe_load_all((new / "manifests/directories.yaml").read_text())]
    assert names == ["docs", "other"], "neither twin, nor what a connector fills"
    references = {
        yaml.safe_load((new / f"manifests/directory-files-{name}.yaml").read_text())["spec"]["directory"]["id"]
        for name in ("twin", "twin-2")
    }
    assert references == set(twins)
    moved(workspace, new)
    applied("apply", "--auto-approve", folder=new)
    applied("plan", "--detailed-exitcode", folder=new)


def test_files_alone_refer_to_their_directory_by_name(applied, workspace, tmp_path) -> None:
    new = tmp_path / "new"
    applied("export", "--kind", "FileSet", "--content", "--out", new)
    assert files_below(new / "manifests") == ["directory-files-docs.yaml"]
    text = (new / "manifests/directory-files-docs.yaml").read_text()
    assert yaml.safe_load(text)["spec"]["directory"] == {"name": "docs"}
    moved(workspace, new)
    applied("apply", "--auto-approve", folder=new)
    applied("plan", "--detailed-exitcode", folder=new)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--content"], "--content needs --out DIR"),
        (["--kind", "Directry"], "did you mean Directory?"),
        (["--kind", "FileSet"], "--kind FileSet needs --content"),
    ],
)
def test_wrong_usage_says_what_would_do(local, words, said) -> None:
    assert said in local("export", *words, expect=64).stderr


def test_nothing_live_is_an_empty_workspace(local, tmp_path) -> None:
    assert local("export", "--out", tmp_path / "new").stdout == f"Exported 0 manifests to {tmp_path / 'new'}.\n"
    local("plan", "--detailed-exitcode", folder=tmp_path / "new")


def test_items_are_exported_where_they_are_said_to_be(local, workspace, service, tmp_path) -> None:
    with service() as emulator:
        emulator.control.agent_data.add([{"id": "b", "n": 1}, {"n": 2}, {"id": "b"}, {"id": "ä"}], collection="Prices")
    new = tmp_path / "new"
    words = ("export", "--kind", "AgentDataCollection", "--items", "_public/Prices:id", "--out", new)
    result = local(*words)
    assert result.stdout == f"Exported 1 manifest to {new}.\n"
    assert "LS611" in result.stderr
    assert "LS301" in result.stderr
    assert (new / "items" / "prices.jsonl").read_text() == '{"id": "b", "n": 1}\n{"id": "ä"}\n'
    (document,) = yaml.safe_load_all((new / "manifests" / "agent-data.yaml").read_text())
    assert document["metadata"]["name"] == "prices"
    assert document["spec"] == {
        "deploymentName": "_public",
        "collection": "Prices",
        "key": "id",
        "itemsFrom": "../items/prices.jsonl",
    }
    moved(workspace, new)
    local("apply", "--auto-approve", folder=new)
    local("plan", "--detailed-exitcode", folder=new)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "AgentDataCollection", "--out", "x"), "needs --items"),
        (("--items", "_public:id"), "needs --out"),
        (("--items", "_public", "--out", "x"), "is not of the form"),
    ],
)
def test_items_need_to_be_told(local, words, said) -> None:
    result = local("export", *words, expect=64)
    assert said in result.stderr

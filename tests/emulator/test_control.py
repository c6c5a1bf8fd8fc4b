"""The back door, the store that survives, and many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Emulator, Options, Project
from tests.emulator.support import CONFIGURATIONS, DIRECTORIES, FILES, PARSE, World, make_world

Worlds = Callable[..., World]


def test_a_snapshot_shows_what_is_there(world: World) -> None:
    control = world.emulator.control
    directory = world.directory("docs", description="text")
    file = world.uploaded(directory, unique_id="u", metadata='{"a": 1}')
    control.set_system_metadata(file["id"], {"a": 0, "by": "service"})
    world.client.post(FILES, files={"file": ("l.txt", b"l")}, data={"purpose": "parse"})
    world.ok("POST", CONFIGURATIONS, json={"name": "n", "parameters": PARSE})
    world.ok("DELETE", f"{DIRECTORIES}/{world.directory('gone')}")
    snapshot = control.snapshot(ids=False)
    (shown,) = snapshot["directories"]
    assert (shown["name"], shown["description"], shown["type"]) == ("docs", "text", "user")
    assert shown["files"][0]["metadata"] == {"a": 1, "by": "service"}
    assert shown["files"][0]["sha256"].startswith("2cf24dba")
    assert "id" not in shown
    assert [each["name"] for each in snapshot["files"]] == ["l.txt"]
    assert snapshot["configurations"] == [{"name": "n", "product_type": "parse_v2", "parameters": PARSE}]
    assert control.snapshot()["directories"][0]["id"] == directory


def test_the_same_requests_make_the_same_ids(worlds: Worlds) -> None:
    def run(seed: int) -> Any:
        world = worlds(seed=seed)
        world.uploaded(world.directory())
        return world.emulator.control.snapshot()

    assert run(1) == run(1)
    assert run(1)["directories"][0]["id"] != run(2)["directories"][0]["id"]


def test_somebody_elses_changes_are_seen(world: World) -> None:
    control = world.emulator.control
    directory = control.add_directory("docs")
    identity = control.add_file(directory, "u", content=b"one", metadata={"a": 1}, system_metadata={"s": 2})
    path = f"{DIRECTORIES}/{directory}/files/{identity}"
    before = world.ok("GET", path)
    assert before["metadata"] == {"s": 2, "a": 1}
    control.set_user_metadata(identity, {"b": 2})
    assert world.ok("GET", path)["metadata"] == {"s": 2, "b": 2}
    new_file = control.replace_content(identity, b"two")
    assert world.ok("GET", path)["file_id"] == new_file
    link = world.ok("GET", path, params={"expand": "download_url"})["download_url"]["url"]
    assert world.client.get(link).content == b"two"
    control.damage(new_file, b"broken")
    assert world.client.get(link).content == b"broken"
    assert control.blob(before["file_id"]) == b"one"
    control.delete_file(identity)
    assert world.status("GET", path) == 404
    with pytest.raises(LookupError):
        control.set_system_metadata("dfl-unknown", {})


def test_data_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "emulator.db"
    world = make_world(path=path)
    directory = world.directory()
    file = world.uploaded(directory, content=b"kept")
    link = world.ok("GET", f"{FILES}/{file['file_id']}/content")["url"]
    before = world.emulator.control.snapshot()
    world.close()
    again = make_world(path=path, clock=world.clock, seed=99)
    assert again.emulator.control.snapshot() == before
    assert again.client.get(link).content == b"kept"
    assert again.directory("new") not in {directory}
    again.close()


def test_the_same_file_can_be_served_in_both_dialects(tmp_path: Path) -> None:
    current = make_world(path=tmp_path / "db")
    directory = current.directory("docs", type="ephemeral")
    current.uploaded(directory)
    current.close()
    reference = make_world(path=tmp_path / "db", dialect="reference")
    assert "type" not in reference.ok("GET", f"{DIRECTORIES}/{directory}")
    assert len(reference.items(f"{DIRECTORIES}/{directory}/files")) == 1
    reference.close()


def test_two_emulators_on_one_file_lose_no_write(tmp_path: Path) -> None:
    worlds = [make_world(path=tmp_path / "db") for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda i: worlds[i % 2].directory(str(i)), range(60)))
    assert len(set(made)) == 60
    assert len(worlds[0].items(DIRECTORIES, page_size=7)) == 60
    for world in worlds:
        world.close()


def test_threads_that_create_lose_no_write_and_make_no_twin(worlds: Worlds) -> None:
    world = worlds({"directory_name_uniqueness": "conflict", "unique_id_conflict": "conflict"})
    directory = world.directory("docs")

    def work(i: int) -> tuple[int, int, int]:
        made = world.status("POST", DIRECTORIES, json={"name": f"d{i}"})
        same = world.status("POST", DIRECTORIES, json={"name": "the same"})
        return made, same, world.upload(directory, content=b"%d" % (i % 5), unique_id=f"u{i % 20}").status_code

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(40)))
    assert [each[0] for each in results] == [201] * 40
    assert sorted(each[1] for each in results) == [201] + [409] * 39
    assert sorted(each[2] for each in results) == [201] * 20 + [409] * 20
    assert len(world.items(DIRECTORIES)) == 42
    assert len(world.items(f"{DIRECTORIES}/{directory}/files", page_size=3)) == 20
    assert sorted(each.n for each in world.emulator.requests[:121]) == list(range(1, 122))


def test_the_first_project_is_the_default_one() -> None:
    with Emulator(
        Options(projects=(Project("b", id="00000000-0000-4000-8000-000000000001"), Project("a")))
    ) as emulator:
        assert emulator.default_project_id == "00000000-0000-4000-8000-000000000001"


def test_options_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="dialect is one of reference, current"):
        Options(dialect="latin")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one project"):
        Options(projects=())


def test_uploads_that_begin_at_the_same_time_share_one_private_folder(worlds: Worlds) -> None:
    for _ in range(5):
        world = worlds({"unique_id_conflict": "duplicate"})
        directory = world.directory()
        start = threading.Barrier(8)

        def upload(i: int, world: World = world, directory: str = directory, start: threading.Barrier = start) -> Any:
            start.wait()
            return world.uploaded(directory, content=b"%d" % i)["file_id"]

        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(upload, range(8)))
        assert [world.emulator.control.blob(each) for each in made] == [b"%d" % i for i in range(8)]


def test_the_private_folder_goes_with_the_emulator_and_a_given_one_stays(tmp_path: Path) -> None:
    private, given = make_world(), make_world(path=tmp_path / "db")
    for world in (private, given):
        world.uploaded(world.directory())
    folders = [world.emulator.control.blob_folder for world in (private, given)]
    private.close()
    given.close()
    assert [each.exists() for each in folders] == [False, True]

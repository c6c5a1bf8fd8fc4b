"""The bytes of files on their way to disk."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from llamasync.core.diagnostic import DiagnosticError
from llamasync.emulator import Switches
from llamasync.export.disk import Disk
from llamasync.export.export import Bytes, Export, export_live
from llamasync.kinds.facts import FINGERPRINT_KEY
from llamasync.kinds.registry import all_kinds
from llamasync.live.project import open_project
from tests.support.world import MemoryDigests, World

MEGABYTE = 1 << 20


def export(world: World, out: Path, digests: MemoryDigests) -> Export:
    client, project = open_project(world.client())
    return export_live(client, project, all_kinds().values(), Bytes(disk=Disk(out), digests=digests))


def downloads(world: World) -> int:
    return sum("/files/" in one.path and one.method == "GET" for one in world.emulator.requests)


def test_what_is_there_and_known_is_not_downloaded_again(tmp_path: Path) -> None:
    with World(tmp_path / "old") as world:
        world.emulator.control.add_file(world.emulator.control.add_directory("docs"), "a.md", content=b"one")
        digests = MemoryDigests()
        export(world, tmp_path / "new", digests)
        assert next(iter(digests.values()))[1] == 3
        before = downloads(world)
        assert before
        assert export(world, tmp_path / "new", digests).files == 1
        assert downloads(world) == before


def test_a_file_whose_bytes_are_gone_is_left_out_with_a_word(tmp_path: Path) -> None:
    switches = Switches(file_delete_of_linked="keep", download_url="null")
    with World(tmp_path / "old", switches=switches) as world:
        directory = world.emulator.control.add_directory("docs")
        world.emulator.control.add_file(directory, "gone.md")
        world.emulator.control.add_file(directory, "here.md")
        client, _ = open_project(world.client())
        listed = client.get(f"/api/v1/beta/directories/{directory}/files")
        file_id = next(one["file_id"] for one in listed["items"] if one["unique_id"] == "gone.md")
        client.send("DELETE", f"/api/v1/beta/files/{file_id}")
        found = export(world, tmp_path / "new", MemoryDigests())
        assert [note.code for note in found.notes] == ["LS611"]
        assert "gone.md" in found.notes[0].detail
        assert found.files == 1
        assert not (tmp_path / "new/files/docs/gone.md").exists()


def test_a_visible_fingerprint_of_other_bytes_is_pointed_out(tmp_path: Path) -> None:
    with World(tmp_path / "old") as world:
        directory = world.emulator.control.add_directory("docs")
        world.emulator.control.add_file(directory, "a.md", metadata={FINGERPRINT_KEY: "0" * 64})
        found = export(world, tmp_path / "new", MemoryDigests())
        assert [note.code for note in found.notes] == ["LS611"]
        assert "is the digest of other bytes" in found.notes[0].detail


def test_bytes_are_not_kept_in_memory(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(MEGABYTE)

    tracemalloc.start()
    try:
        Disk(tmp_path).put("a/b.bin", chunks())
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert (tmp_path / "a/b.bin").stat().st_size == 64 * MEGABYTE


def test_a_cut_download_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Disk(tmp_path).put("a.md", chunks())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_a_link_is_not_taken_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"one")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.md").symlink_to(tmp_path / "real")
    with pytest.raises(DiagnosticError, match="LS605"):
        Disk(tmp_path / "out").put("a.md", [b"one"])
    assert (tmp_path / "real").read_bytes() == b"one"

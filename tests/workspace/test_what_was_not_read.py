"""What could not be looked into may declare something: it is told, and nothing is taken for removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llamasync.workspace.load import load_workspace
from llamasync.workspace.model import Workspace
from tests.support.nobody import without_power_of_root
from tests.support.world import World, manifest


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "repo")
    world.put("manifests/a.yaml", manifest("Directory", "a"))
    world.put("manifests/sub/b.yaml", manifest("File", "b", {"directory": "c", "content": "x"}))
    return world


def _load(world: World, environment: str | None = None) -> Workspace:
    return load_workspace(world.root, environment=environment, variables_env={})


def _told(workspace: Workspace) -> list[tuple[str, str]]:
    return [(one.code, str(one.source)) for one in workspace.diagnostics]


def test_a_folder_that_cannot_be_listed_is_told(world: World) -> None:
    world.put("manifests/sub/b.yaml", manifest("Directory", "b"))
    world.put("manifests/c.yaml", manifest("File", "c", {"directory": "b", "content": "x"}))
    folder = world.root / "manifests/sub"
    folder.chmod(0)
    try:
        with without_power_of_root(world.root / "manifests"):
            workspace = _load(world)
    finally:
        folder.chmod(0o700)
    assert _told(workspace) == [("LS117", "manifests/sub")], "and that b is not known is no problem of its own"
    assert workspace.diagnostics[0].detail == "Permission denied"
    assert "spec.manifests" in workspace.diagnostics[0].hint


def test_an_overlay_folder_that_cannot_be_listed_is_told(world: World) -> None:
    world.put("manifests/sub/b.yaml", manifest("Directory", "b"))
    world.put("over/a.yaml", {**manifest("Directory", "a"), "spec": {"description": "prod"}})
    spec = {"environments": {"prod": {"overlays": ["over"]}}}
    world.put("llamasync.yaml", {"apiVersion": "llamasync/v1", "kind": "Workspace", "spec": spec})
    folder = world.root / "over"
    folder.chmod(0)
    try:
        with without_power_of_root(world.root):
            assert _told(_load(world, "prod")) == [("LS117", "over")]
    finally:
        folder.chmod(0o700)
    assert _told(_load(world, "prod")) == []


def _in_manifests(world: World) -> None:
    spec = {"manifests": ["manifests"]}
    world.put("llamasync.yaml", {"apiVersion": "llamasync/v1", "kind": "Workspace", "spec": spec})


def test_a_link_to_a_folder_elsewhere_is_told_where_the_settings_name_folders(world: World) -> None:
    (world.root / "manifests/sub").rename(world.root / "other")
    (world.root / "manifests/sub").symlink_to("../other")
    world.put("other/b.yaml", manifest("Directory", "b"))
    assert _told(_load(world)) == [], "without, the folder is read where it is"
    _in_manifests(world)
    workspace = _load(world)
    assert _told(workspace) == [("LS117", "manifests/sub")]
    assert "link to a folder" in workspace.diagnostics[0].detail


def test_a_link_to_a_folder_that_is_read_is_fine(world: World) -> None:
    world.put("manifests/sub/b.yaml", manifest("Directory", "b"))
    (world.root / "manifests/again").symlink_to("sub")
    _in_manifests(world)
    assert _told(_load(world)) == []


def test_a_pipe_is_told_and_not_waited_for(world: World) -> None:
    world.put("manifests/sub/b.yaml", manifest("Directory", "b"))
    os.mkfifo(world.root / "manifests/pipe.yaml")
    workspace = _load(world)
    assert _told(workspace) == [("LS117", "manifests/pipe.yaml")]
    assert workspace.diagnostics[0].detail == "it is no regular file"


def test_links_and_pipes_in_a_tree_of_documents_are_for_the_tree_to_tell(world: World) -> None:
    world.put("manifests/sub/b.yaml", manifest("FileSet", "b", {"directory": "a", "source": "docs"}))
    world.put("manifests/sub/docs/x.md", "x")
    os.mkfifo(world.root / "manifests/sub/docs/pipe.yaml")
    (world.root / "manifests/sub/docs/link").symlink_to("..")
    _in_manifests(world)
    assert {code for code, _ in _told(_load(world))}.isdisjoint({"LS117"})

"""What an overlay replaces is not asked about; what settings and other keys say is, as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.workspace.load import load_workspace
from llamasync.workspace.model import Workspace
from tests.support.world import World, manifest


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "repo")


def _settings(world: World, **spec: Any) -> None:
    world.put("llamasync.yaml", {"apiVersion": "llamasync/v1", "kind": "Workspace", "spec": spec})


def _load(world: World, environment: str | None = None, **env: str) -> Workspace:
    return load_workspace(world.root, environment=environment, variables_env=env)


def _told(workspace: Workspace) -> list[str]:
    return [f"{one.code} {one.source.file if one.source else ''} {one.field}" for one in workspace.diagnostics]


@pytest.mark.parametrize(
    ("overlay", "told"),
    [
        ({"source": "nowhere"}, ["LS201 over/s.yaml spec.source"]),
        ({"source": "docs"}, []),
        ({"metadata": {"a": "x"}}, ["LS110 m.yaml spec.source"]),
        ({"metadata": {"a": "x"}, "source": "${env:OTHER}"}, ["LS110 over/s.yaml spec.source"]),
    ],
)
def test_expression_that_an_overlay_replaces_is_not_asked_about(
    world: World, overlay: dict[str, Any], told: list[str]
) -> None:
    _settings(world, environments={"prod": {"overlays": ["over"]}})
    world.put("docs/a.md", "a")
    spec = {"directory": {"id": "d"}, "source": "${env:SRC}"}
    world.put("m.yaml", manifest("FileSet", "s", spec))
    world.put("over/s.yaml", {**manifest("FileSet", "s"), "spec": overlay})
    assert _told(_load(world, "prod")) == told


def test_map_that_is_laid_over_a_map_replaces_only_what_it_names(world: World) -> None:
    _settings(world, environments={"prod": {"overlays": ["over"]}})
    metadata = {"kept": "${env:KEPT}", "replaced": "${env:REPLACED}", "removed": "${env:REMOVED}"}
    spec = {"directory": {"id": "d"}, "content": "x", "uniqueId": "x", "metadata": metadata}
    world.put("m.yaml", manifest("File", "f", spec))
    over = {"metadata": {"replaced": "x", "removed": None}}
    world.put("over/f.yaml", {**manifest("File", "f"), "spec": over})
    assert _told(_load(world, "prod")) == ["LS110 m.yaml spec.metadata.kept"]


def test_unknown_variable_of_the_settings_themselves_is_told(world: World) -> None:
    _settings(world, vars={"team": "legal"}, project="${var:tean}")
    world.put("m.yaml", manifest("Directory", "a", {"description": "${var:team}"}))
    assert _told(_load(world)) == ["LS111 llamasync.yaml spec.project"]


def test_variable_that_names_another_is_told_that_it_cannot(world: World) -> None:
    _settings(world, vars={"team": "legal", "all": "${var:team} and others"})
    (problem,) = _load(world).diagnostics
    assert (problem.code, problem.field) == ("LS111", "spec.vars.all")
    assert problem.detail == "team: a variable cannot name another one"


def test_lifecycle_and_depends_on_may_hold_expressions(world: World) -> None:
    _settings(world, vars={"yes": True})
    world.put("a.yaml", manifest("Directory", "a", lifecycle={"protect": "${var:yes}"}))
    world.put("b.yaml", manifest("Directory", "b", dependsOn=["Directory/${env:FIRST}"]))
    workspace = _load(world, FIRST="a")
    assert _told(workspace) == []
    assert workspace.desired.objects[Address("Directory", "a")].lifecycle.protect is True
    assert workspace.desired.objects[Address("Directory", "b")].needs == (Address("Directory", "a"),)


def test_address_with_a_variable_that_is_not_set_is_no_unknown_reference(world: World) -> None:
    moved = [{"from": "${env:OLD}", "to": "Directory/a"}, {"from": "Directory/b", "to": "Directory/${env:NEW}"}]
    _settings(world, moved=moved)
    world.put("a.yaml", manifest("Directory", "a", dependsOn=["${env:WHOLE}", "Directory/${env:PART}"]))
    workspace = load_workspace(world.root, require_env=False, variables_env={})
    assert _told(workspace) == [
        "LS110 a.yaml dependsOn[0]",
        "LS110 a.yaml dependsOn[1]",
        "LS110 llamasync.yaml spec.moved[0].from",
        "LS110 llamasync.yaml spec.moved[1].to",
    ]


def test_tree_that_is_named_through_a_link_holds_no_manifests(world: World) -> None:
    world.put("real/doc.yaml", "hello: world\n")
    (world.root / "link").symlink_to("real")
    world.put("m.yaml", manifest("FileSet", "s", {"directory": {"id": "d"}, "source": "link"}))
    workspace = _load(world)
    assert _told(workspace) == []
    assert list(workspace.desired.objects) == [Address("FileSet", "s", "doc.yaml")]

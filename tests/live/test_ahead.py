"""Reading ahead changes when calls are made, not which, and not what is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llamasync.api.errors import ApiError
from llamasync.core.diagnostic import DiagnosticError
from llamasync.kinds.registry import all_collections
from llamasync.live.ahead import ReadAhead
from llamasync.live.project import open_project
from llamasync.live.reader import read_live
from tests.support.world import World, manifest

FILES = {"directory": "docs", "source": "docs"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.put("a.yaml", [manifest("Directory", "docs"), manifest("FileSet", "files", FILES)])
    world.put("docs/one.txt", "one")
    world.apply()
    return world


def test_the_same_calls_find_the_same(world: World) -> None:
    client, project = open_project(world.client())
    desired, state = world.load().desired, world.store.load()
    plain = read_live(client, project, desired, state, world.digests)
    ahead = ReadAhead(client, state.outline)
    assert read_live(client, project, desired, state, world.digests, ahead=ahead) == plain
    assert plain.read_calls == 2
    ahead.close()
    world.close()


def test_what_was_not_begun_is_read_then(world: World) -> None:
    client, project = open_project(world.client())
    desired, state = world.load().desired, world.store.load()
    ahead = ReadAhead(client, replace(state, bindings={}).outline)
    live = read_live(client, project, desired, state, world.digests, ahead=ahead)
    assert [len(list(live.all(name))) for name in ("directories", "directory-files")] == [1, 1]
    ahead.close()
    world.close()


def test_what_was_listed_can_be_looked_at_before_it_is_taken(world: World) -> None:
    client, project = open_project(world.client())
    desired, state = world.load().desired, world.store.load()
    ahead = ReadAhead(client, state.outline)
    shown = ahead.look("directories", "")
    assert shown is not None
    assert [one.key for one in shown.values()] == [("docs",)]
    assert ahead.look("directories", "dir-other") is None
    (holder,) = shown
    live = read_live(client, project, desired, state, world.digests, ahead=ahead, settled=frozenset({holder}))
    assert [len(list(live.all(name))) for name in ("directories", "directory-files")] == [1, 0]
    assert ahead.look("directories", "") is None
    refused = ReadAhead(client.with_project("11111111-1111-4111-8111-111111111111"), state.outline)
    assert refused.look("directories", "") is None
    for one in (ahead, refused):
        one.close()
    world.close()


def test_a_refusal_is_told_when_it_matters(world: World) -> None:
    client, project = open_project(world.client())
    desired, state = world.load().desired, world.store.load()
    ahead = ReadAhead(client.with_project("11111111-1111-4111-8111-111111111111"), state.outline)
    with pytest.raises(ApiError):
        ahead.take(all_collections()["directories"], "")
    ahead = ReadAhead(client.with_project("11111111-1111-4111-8111-111111111111"), state.outline)
    with pytest.raises(DiagnosticError) as raised:
        read_live(client, project, desired, state, world.digests, ahead=ahead)
    assert raised.value.diagnostics[0].code == "LS319"
    ahead.close()
    world.close()

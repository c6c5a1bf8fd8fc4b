"""The tools of an apply for a world, and one file in it, for tests of single performers."""

from __future__ import annotations

from typing import Any

from llamasync.apply.tools import Tools
from llamasync.emulator.fault_rules import parse_fault
from llamasync.kinds.registry import all_collections, all_kinds
from llamasync.live.listing import find_by_key
from llamasync.live.model import LiveObject
from tests.support.world import World

DIRECTORIES = all_collections()["directories"]
FILES = all_collections()["directory-files"]


def tools_of(world: World, **more: Any) -> Tools:
    return Tools(
        client=world.client().with_project(world.emulator.default_project_id),
        store=world.store,
        kinds=all_kinds(),
        collections=all_collections(),
        digests=world.digests,
        clock=world.clock,
        **more,
    )


def set_faults(world: World, *texts: str) -> None:
    world.emulator.set_faults([parse_fault(text) for text in texts])


def find_file(world: World, directory_id: str, unique_id: str) -> LiveObject:
    """Return the one file as it is read."""
    found = find_by_key(world.client(), FILES, directory_id, (unique_id,))
    assert len(found) == 1, found
    return found[0]

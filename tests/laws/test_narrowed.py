"""A part of the workspace is applied or destroyed: the rest stays as it is, and a run of everything ends as ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from llamasync.core.address import Address
from llamasync.emulator import Switches
from llamasync.plan.model import PlanOptions, Selection
from llamasync.plan.selection import covers
from llamasync.state.model import Binding
from tests.support.strategies import Draft, dialects, drafts, recoverable, switches
from tests.support.world import UNGUARDED, World, actions, errors

HELD = ("Directory", "FileSet", "File", "Configuration")


def _held(world: World) -> dict[str, Any]:
    """Return all that is live by its id, without what lives in it."""

    def walk(value: Any) -> Iterator[tuple[str, Any]]:
        for one in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
            yield from walk(one)
        if isinstance(value, dict) and "id" in value:
            yield value["id"], {name: one for name, one in value.items() if not isinstance(one, list)}

    return dict(walk(world.emulator.control.snapshot()))


def _of(world: World, bindings: list[Binding]) -> dict[str, Any]:
    held = _held(world)
    return {one.id: held.get(one.id) for one in bindings if one.address.kind in HELD}


def _addresses(*written: Draft) -> list[Address]:
    return sorted({Address(one["kind"], one["metadata"]["name"]) for draft in written for one in draft.manifests})


@pytest.mark.timeout(400)
@given(
    first=drafts(),
    second=drafts(),
    setting=switches(),
    dialect=dialects,
    how=st.sampled_from(("excludes", "targets", "paths")),
    destroys=st.booleans(),
    data=st.data(),
)
def test_a_part_leaves_the_rest_alone_and_everything_ends_as_ever(
    first: Draft, second: Draft, setting: Switches, dialect: str, how: str, destroys: bool, data: st.DataObject
) -> None:
    setting = recoverable(setting, first, second)
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        first.write(world)
        assert world.apply().is_complete
        second.write(world)
        options: PlanOptions = replace(UNGUARDED, destroy=destroys)
        known = _addresses(second) if how == "paths" else _addresses(first, second)
        chosen = tuple(data.draw(st.lists(st.sampled_from(known), min_size=1, unique=True), label="chosen"))
        paths: list[Path] = []
        bindings = world.store.load().bindings
        if how == "paths":
            names = [Address(one["kind"], one["metadata"]["name"]) for one in second.manifests]
            paths = [world.root / "manifests" / f"{names.index(one):03}.yaml" for one in chosen]
            rest = [one for address, one in bindings.items() if address.manifest in {*names} - {*chosen}]
        else:
            options = replace(options, selection=Selection(**{how: chosen}))
            rest = [one for address, one in bindings.items() if any(covers(each, address) for each in chosen)]
        before = _of(world, rest)
        plan = world.plan(options, paths=paths)
        event(f"{how} {destroys=} {'refused' if errors(plan) else 'made'} {bool(plan.changes)=}")
        if not errors(plan):
            assert world.execute(plan).is_complete
            if how != "targets":
                assert _of(world, rest) == before
        assert world.apply().is_complete
        assert actions(world.plan()) == {}
        held = world.documents_by_user_directory()
        assert {name: set(files) for name, files in held.items()} == second.expected()

"""A workspace lives long: it changes several times, and between its runs others change what is live."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.core.address import Address
from llamasync.emulator import Switches
from tests.support.strategies import Draft, dialects, drafts, recoverable, switches
from tests.support.world import UNGUARDED, World, actions, errors

EDITS = (
    *("delete file", "delete directory", "rename directory", "metadata", "content", "add", "move"),
    *("change configuration", "delete configuration", "lose the state"),
)


def _edit(world: World, client: Client, what: str, data: st.DataObject, theirs: dict[str, str]) -> None:
    """Do one thing to what is live, as somebody else would, or lose what is remembered of it; what the service refuses
    is not done."""
    if what == "lose the state":
        event(what)
        world.forget_all()
        return
    if what.endswith("configuration"):
        _edit_configuration(world, client, what, data)
        return
    directories = [one for one in world.emulator.control.snapshot()["directories"] if one["type"] == "user"]
    files = [file["id"] for one in directories for file in one["files"] if file["id"] not in theirs]
    if not directories or (not files and what not in ("delete directory", "rename directory", "add")):
        return
    place = data.draw(st.sampled_from(directories), label="place")["id"]
    file = data.draw(st.sampled_from(files), label="file") if files else ""
    event(what)
    control = world.emulator.control
    path = f"/api/v1/beta/directories/{place}"
    if what == "delete file":
        control.delete_file(file)
    elif what == "metadata":
        control.set_user_metadata(file, data.draw(st.sampled_from(({}, {"team": "other"}, {"level": 4}))))
    elif what == "content":
        control.replace_content(file, data.draw(st.sampled_from((b"one", b"others"))))
    elif what == "add":
        theirs[control.add_file(place, f"theirs{len(theirs)}.md", content=b"theirs", metadata={"theirs": "x"})] = place
    elif what == "delete directory" and place not in theirs.values():
        _try(client, "DELETE", path)
    elif what == "rename directory":
        taken = {one["name"] for one in directories}
        names = ("renamed", "alpha", "beta", f"renamed{len(world.emulator.requests)}")
        free = [name for name in names if name not in taken]
        _try(client, "PATCH", path, {"name": data.draw(st.sampled_from(free))})
    elif what == "move":
        home = next(one["id"] for one in directories if file in _ids(one))
        _try(client, "PATCH", f"/api/v1/beta/directories/{home}/files/{file}", {"directory_id": place})


def _edit_configuration(world: World, client: Client, what: str, data: st.DataObject) -> None:
    there = world.emulator.control.snapshot().get("configurations", ())
    if not there:
        return
    event(what)
    path = f"/api/v1/beta/configurations/{data.draw(st.sampled_from(there), label='configuration')['id']}"
    if what == "delete configuration":
        _try(client, "DELETE", path)
    else:
        parameters = {"product_type": "parse_v2", "tier": "agentic_plus", "version": "latest"}
        _try(client, "PUT", path, {"parameters": parameters})


def _pruned(world: World, draft: Draft) -> set[str]:
    """Return the ids of the directories in which a manifest has all strangers deleted."""
    bindings = world.store.load().bindings
    return {
        bindings[Address("Directory", one["spec"]["directory"])].id
        for one in draft.manifests
        if one["spec"].get("prune") == "all"
    }


def _ids(directory: dict[str, Any]) -> set[str]:
    return {file["id"] for file in directory["files"]}


def _try(client: Client, method: str, path: str, body: Any = None) -> None:
    try:
        client.send(method, path, body)
    except Refused:
        event("refused")


@pytest.mark.timeout(400)
@given(
    lives=st.lists(
        st.tuples(drafts(indexes=False, keeping=True), st.lists(st.sampled_from(EDITS), max_size=3)),
        min_size=3,
        max_size=5,
    ),
    setting=switches(),
    dialect=dialects,
    data=st.data(),
)
def test_every_run_ends_as_its_manifests_say_and_strangers_stay(
    lives: list[tuple[Draft, list[str]]], setting: Switches, dialect: str, data: st.DataObject
) -> None:
    setting = recoverable(setting, *(draft for draft, _ in lives))
    theirs: dict[str, str] = {}  # what others added, and where
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        for draft, edits in lives:
            draft.write(world)
            plan = world.plan(UNGUARDED)
            if errors(plan):
                event(f"refused: {sorted({one.code for one in errors(plan)})}")
                return
            result = world.execute(plan)
            assert result.is_complete, result.failed
            after = world.plan(UNGUARDED)
            assert (actions(after), errors(after)) == ({}, [])
            held = world.documents_by_user_directory()
            for name, unique_ids in draft.expected().items():
                assert unique_ids <= held[name].keys()
            state = world.store.load()
            found = world.emulator.control.snapshot()["directories"]
            live = {file_id for one in found for file_id in _ids(one)}
            pruned = _pruned(world, draft)
            theirs = {file: place for file, place in theirs.items() if place not in pruned}
            assert {file for file, place in theirs.items() if any(one["id"] == place for one in found)} <= live
            bound = {one.id for one in state.bindings.values() if one.address.kind in ("FileSet", "File")}
            assert bound <= live
            with world.client() as client:
                for what in edits:
                    _edit(world, client, what, data, theirs)

"""Indexes are exported with the directory that they are made of, and load back without a difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamasync.emulator import Switches
from llamasync.export.export import export_live
from llamasync.kinds.registry import all_kinds
from llamasync.live.project import open_project
from llamasync.plan.model import Action
from tests.support.world import World, errors, manifest


@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_index_is_exported_and_adopted_without_a_difference(tmp_path: Path, dialect: str) -> None:
    setting = Switches(reference_index_list="served")
    with World(tmp_path, dialect=dialect, switches=setting) as world:
        index = {"directory": "alpha", "description": "all of it", "vectorTarget": "DISABLED"}
        world.put("manifests/all.yaml", [manifest("Directory", "alpha"), manifest("Index", "handbook", index)])
        world.apply()
        client, project = open_project(world.client())
        kinds = all_kinds()
        exported = export_live(client, project, [kinds["Index"], kinds["Directory"]])
        (written,) = exported.sheets["manifests/indexes.yaml"]
        assert written["spec"]["directory"] == "alpha"
        assert [note.code for note in exported.notes] == ["LS322"]
        world.put("manifests/all.yaml", exported.documents)
        world.forget_all()
        plan = world.plan()
        assert not errors(plan)
        assert {change.action for change in plan.changes} == {Action.ADOPT}
        assert [change.fields for change in plan.changes] == [(), ()]


def test_index_alone_refers_to_its_directory_by_name(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        documents = [manifest("Directory", "alpha"), manifest("Index", "handbook", {"directory": "alpha"})]
        world.put("manifests/all.yaml", documents)
        world.apply()
        client, project = open_project(world.client())
        (written,) = export_live(client, project, [all_kinds()["Index"]]).documents
        assert written["spec"]["directory"] == {"name": "alpha"}

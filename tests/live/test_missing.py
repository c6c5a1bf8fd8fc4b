"""A type of object that the service does not have is told from a project that it does not know."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from llamasync.core.diagnostic import DiagnosticError
from llamasync.emulator.fault_rules import parse_fault
from llamasync.live.everything import read_everything
from llamasync.live.model import Project
from llamasync.live.project import open_project
from tests.support.world import World, manifest

HOOK = manifest("WebhookConfig", "hook", {"url": "https://h.example/"})


def test_collection_that_the_service_lacks_is_missing_and_costs_one_call_more(tmp_path: Path) -> None:
    with World(tmp_path, dialect="reference") as world:
        world.put("hook.yaml", HOOK)
        live = world.live(world.load(), world.client())
        assert live.missing == {"webhook-configs"}
        assert live.read_calls == 2


@pytest.mark.parametrize("status", [405, 501])
def test_service_may_say_so_in_several_ways(tmp_path: Path, status: int) -> None:
    with World(tmp_path) as world:
        world.put("hook.yaml", HOOK)
        world.emulator.set_faults([parse_fault(f"GET /api/v1/beta/webhook-configs status={status}")])
        assert world.live(world.load(), world.client()).missing == {"webhook-configs"}


@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_project_that_is_not_known_is_no_missing_collection(tmp_path: Path, dialect: str) -> None:
    with World(tmp_path, dialect=dialect) as world:
        world.put("hook.yaml", HOOK)
        client = world.client().with_project(str(uuid.uuid4()))
        with pytest.raises(DiagnosticError) as raised:
            world.live(world.load(), client)
        assert raised.value.diagnostics[0].code == "LS319"


@pytest.mark.parametrize("status", [403, 500])
def test_failing_list_is_no_missing_collection(tmp_path: Path, status: int) -> None:
    with World(tmp_path) as world:
        world.put("hook.yaml", HOOK)
        world.emulator.set_faults([parse_fault(f"GET /api/v1/beta/webhook-configs status={status}")])
        with pytest.raises(DiagnosticError):
            world.live(world.load(), world.client())


def test_everything_is_read_without_what_the_service_lacks(tmp_path: Path) -> None:
    with World(tmp_path, dialect="reference") as world:
        world.client().create("/api/v1/beta/directories", {"name": "docs"})
        client, project = open_project(world.client())
        live = read_everything(client, project, ["directories", "webhook-configs"])
        assert (len(live.objects["directories"]), live.missing) == (1, {"webhook-configs"})
        unknown = str(uuid.uuid4())
        with pytest.raises(DiagnosticError):
            read_everything(client.with_project(unknown), Project(id=unknown), ["webhook-configs"])

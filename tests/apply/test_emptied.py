"""A directory is deleted when it is empty, and what came after the plan was made is nobody's to delete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Switches
from llamasync.plan.model import Plan, PlanOptions
from tests.support.answering import answering
from tests.support.world import UNGUARDED, World, actions, manifest


@pytest.fixture(params=["cascade", "keep", "conflict"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world in which the service does one of three with the files of a deleted directory."""
    with World(tmp_path, switches=Switches(directory_delete_files=request.param, page_size_max=100)) as world:
        yield world


def _without_alpha(world: World, *, names: Iterable[str] = ("a.md",), **spec: Any) -> tuple[str, Callable[[], Plan]]:
    """Apply a directory with these files, take it out of the manifests, and return its id and how to plan that."""
    for name in names:
        world.put(f"docs/{name}", name)
    both = [manifest("Directory", "alpha", spec), manifest("Directory", "beta")]
    world.put("m.yaml", [*both, manifest("FileSet", "docs", {"directory": "alpha", "source": "docs"})])
    world.apply()
    world.put("m.yaml", both[1])
    directories = world.emulator.control.snapshot(ids=True)["directories"]
    return next(one["id"] for one in directories if one["name"] == "alpha"), lambda: world.plan(UNGUARDED)


def test_file_that_came_after_the_plan_keeps_its_directory(world: World) -> None:
    alpha, planned = _without_alpha(world)
    plan = planned()
    world.emulator.control.add_file(alpha, "theirs.md", content=b"theirs")
    result = world.execute(plan)
    ((address, problem),) = result.failed
    assert (str(address), problem.code) == ("Directory/alpha", "LS307")
    assert problem.detail.endswith("holds 1 that the plan did not see, and was not deleted: theirs.md")
    assert list(world.documents()["alpha"]) == ["theirs.md"]
    assert [one.code for one in world.plan(UNGUARDED).problems] == ["LS307"], "the next plan sees it"


def test_file_that_no_page_of_a_shifting_list_showed_keeps_its_directory(tmp_path: Path) -> None:
    setting = Switches(list_consistency="live", list_order="oldest_first", page_size_max=100)
    with World(tmp_path, switches=setting) as world:
        alpha, planned = _without_alpha(world, names=[f"{number:03}.md" for number in range(100)])
        world.emulator.control.add_file(alpha, "theirs.md", content=b"theirs")  # the first on the second page
        (first,) = [one for one in world.store.load().bindings.values() if one.key == ("000.md",)]
        inner, pages = world.app, []

        def shifting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if environ["PATH_INFO"].endswith(f"/{alpha}/files"):
                pages.append(environ["QUERY_STRING"])
                if len(pages) == 2:
                    world.emulator.control.delete_file(first.id)
            return inner(environ, start_response)

        world.app = shifting
        plan = planned()
        assert not plan.problems, "it was not seen, or this tests nothing"
        assert [problem.code for _, problem in world.execute(plan).failed] == ["LS307"]
        assert list(world.documents()["alpha"]) == ["theirs.md"]


def test_file_that_came_after_the_plan_does_not_go_with_the_contents_that_were_shown(world: World) -> None:
    alpha, planned = _without_alpha(world, deleteContents=True)
    world.emulator.control.add_file(alpha, "shown.md", content=b"shown")
    plan = planned()
    world.emulator.control.add_file(alpha, "theirs.md", content=b"theirs")
    assert [(str(address), problem.code) for address, problem in world.execute(plan).failed] == [
        ("Directory/alpha", "LS307")
    ]
    assert list(world.documents()["alpha"]) == ["theirs.md"]
    assert world.execute(planned()).is_complete, "the next plan shows it by name"
    assert list(world.documents()) == ["beta"]


def test_file_that_others_moved_into_a_directory_keeps_that_too(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        three = [manifest("Directory", name) for name in ("alpha", "beta", "gamma")]
        one = manifest("File", "one", {"directory": "alpha", "content": "one", "uniqueId": "a.md"})
        world.put("m.yaml", [*three, one])
        world.apply()
        ids = {one["name"]: one["id"] for one in world.emulator.control.snapshot(ids=True)["directories"]}
        (ours,) = [one for one in world.store.load().bindings.values() if one.key == ("a.md",)]
        world.put("m.yaml", three[2])
        plan = world.plan(UNGUARDED)
        path = f"/api/v1/beta/directories/{ids['alpha']}/files/{ours.id}"
        world.client().send("PATCH", path, {"directory_id": ids["beta"], "target_directory_id": ids["beta"]})
        assert [str(address) for address, _ in world.execute(plan).failed] == ["Directory/beta"]
        assert world.documents() == {"beta": {"a.md": ours.sha256}, "gamma": {}}


@pytest.mark.parametrize("leaves", ["deleted", "moved"])
def test_list_that_lags_behind_keeps_no_directory(world: World, leaves: str) -> None:
    alpha, planned = _without_alpha(world)
    if leaves == "moved":
        moved = manifest("FileSet", "docs", {"directory": "beta", "source": "docs"})
        world.put("m.yaml", [manifest("Directory", "beta"), moved])
    plan = planned()
    path = f"/api/v1/beta/directories/{alpha}/files"
    before = world.client().get(path)
    inner = world.app
    world.app = answering({("GET", path): before}, inner)
    assert world.execute(plan).is_complete
    world.app = inner
    assert sorted(world.documents()) == ["beta"]
    assert actions(world.plan()) == {}


@pytest.mark.parametrize("contents", [False, True])
def test_directory_that_has_no_files_of_ours_is_looked_into_before_it_is_destroyed(
    tmp_path: Path, contents: bool
) -> None:
    with World(tmp_path) as world:
        world.put("m.yaml", manifest("Directory", "alpha", {"deleteContents": contents}))
        world.apply()
        (alpha,) = world.emulator.control.snapshot(ids=True)["directories"]
        world.emulator.control.add_file(alpha["id"], "theirs.md", content=b"theirs")
        plan = world.plan(PlanOptions(destroy=True))
        assert [one.code for one in plan.problems] == ([] if contents else ["LS307"])
        assert [str(one.address) for one in plan.changes] == [
            "Directory/alpha",
            *(["Directory/alpha[theirs.md]"] if contents else []),
        ]

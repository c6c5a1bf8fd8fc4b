"""Plans of a part of the workspace: by path, target, exclusion or label. The rest stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import parse_address
from llamasync.emulator import Fault
from llamasync.plan.model import PlanOptions, Selection
from tests.support.world import UNGUARDED, World, actions, errors, manifest

DESTROY = replace(UNGUARDED, destroy=True)
FILES = {"1.md": "one", "2.md": "two"}


def chosen(options: PlanOptions = UNGUARDED, **selection: Any) -> PlanOptions:
    for name in ("targets", "excludes"):
        selection[name] = tuple(filter(None, map(parse_address, selection.get(name, ()))))
    return replace(options, selection=Selection(**selection))


def write(
    world: World, name: str, *, folder: str = "", directory: dict[str, Any] | None = None, **envelope: Any
) -> Path:
    """Write a directory and its set of files, as one manifest file named after it."""
    for path, text in FILES.items():
        world.put(f"trees/{folder or name}/{path}", f"{name} {text}")
    both = [
        manifest("Directory", name, directory or {}, metadata={"name": name, "labels": {"team": name}}),
        manifest("FileSet", name, {"directory": name, "source": f"../trees/{folder or name}"}, **envelope),
    ]
    return world.put(f"manifests/{name}.yaml", both)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        write(world, "a")
        write(world, "b")
        yield world


@pytest.fixture
def applied(world: World) -> World:
    world.apply()
    return world


def settings(world: World, **spec: Any) -> None:
    world.put("llamasync.yaml", manifest("Workspace", "", spec))


def held(world: World) -> dict[str, set[str]]:
    return {name: set(files) for name, files in world.documents_by_user_directory().items()}


BOTH = {"a": set(FILES), "b": set(FILES)}


# -- destroy


def moved_to_bee(world: World) -> None:
    moves = [{"from": f"{kind}/b", "to": f"{kind}/bee"} for kind in ("Directory", "FileSet")]
    world.put("llamasync.yaml", {"apiVersion": "llamasync/v1", "kind": "Workspace", "spec": {"moved": moves}})
    (world.root / "manifests" / "b.yaml").unlink()
    write(world, "bee", folder="b", directory={"name": "b"})


@pytest.mark.parametrize("how", ["path", "target", "label"])
def test_destroy_knows_manifests_by_their_new_address(applied: World, how: str) -> None:
    moved_to_bee(applied)
    narrow = {"target": {"targets": ["Directory/bee"]}, "label": {"labels": {"team": "bee"}}}.get(how, {})
    paths = [applied.root / "manifests" / "bee.yaml"] if how == "path" else []
    applied.execute(applied.plan(chosen(DESTROY, **narrow), paths=paths))
    assert held(applied) == {"a": set(FILES)}


def test_destroy_keeps_what_is_excluded_by_its_new_address(applied: World) -> None:
    moved_to_bee(applied)
    applied.execute(applied.plan(chosen(DESTROY, excludes=["Directory/bee"])))
    assert held(applied) == {"b": set(FILES)}


def test_exclusion_keeps_what_needs_it_from_being_destroyed(applied: World) -> None:
    applied.execute(applied.plan(chosen(DESTROY, excludes=["Directory/a"])))
    assert held(applied) == {"a": set(FILES)}


def test_exclusion_keeps_what_needs_it_from_being_deleted(applied: World) -> None:
    (applied.root / "manifests" / "b.yaml").unlink()
    plan = applied.plan(chosen(excludes=["Directory/b"]))
    assert (errors(plan), actions(plan)) == ([], {})


def test_directory_that_goes_with_its_contents_takes_no_files_of_other_manifests(world: World) -> None:
    write(world, "a", directory={"deleteContents": True})
    directory, files = (world.root / "manifests" / "a.yaml").read_text().split("---\n")
    world.put("manifests/a.yaml", files)
    alone = world.put("manifests/dir.yaml", directory)
    world.apply()
    plan = world.plan(DESTROY, paths=[alone])
    (problem,) = errors(plan)
    assert (problem.code, problem.detail) == ("LS307", "Directory/a holds 2 of them: 1.md, 2.md (of FileSet/a)")
    (world.root / "manifests" / "dir.yaml").unlink()
    world.put("manifests/a.yaml", files.replace('"directory": "a"', '"directory": {"name": "a"}'))
    assert [one.code for one in errors(world.plan(UNGUARDED))] == ["LS307"]


def test_protection_counts_as_the_manifest_has_it_now(applied: World) -> None:
    write(applied, "a", lifecycle={"protect": True})
    assert {one.code for one in errors(applied.plan(DESTROY))} == {"LS305"}
    (applied.root / "trees" / "a" / "1.md").unlink()
    assert [str(one.address) for one in errors(applied.plan(UNGUARDED))] == ["FileSet/a[1.md]"]


def test_what_a_manifest_lets_go_of_counts_as_it_has_it_now(applied: World) -> None:
    write(applied, "a", lifecycle={"onRemove": "forget"})
    assert actions(applied.plan(chosen(DESTROY, targets=["FileSet/a"]))) == {
        "FileSet/a[1.md]": "forget",
        "FileSet/a[2.md]": "forget",
    }


# -- exclusions and targets


def test_two_that_swap_names_do_so_both_or_not_at_all(applied: World) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        write(applied, name, directory={"name": other})
    whole = actions(applied.plan(UNGUARDED))
    assert actions(applied.plan(chosen(excludes=["Directory/b"]))) == {}
    assert actions(applied.plan(chosen(excludes=["Directory/a"]))) == {}
    for name in ("a", "b"):
        assert actions(applied.plan(chosen(targets=[f"Directory/{name}"]))) == whole


def test_target_takes_along_what_it_needs_though_it_is_unchanged_itself(applied: World) -> None:
    write(applied, "a", directory={"description": "changed"})
    write(applied, "b", directory={"description": "changed"})
    assert actions(applied.plan(chosen(targets=["FileSet/a"]))) == {"Directory/a": "update"}


def test_exclusion_holds_for_what_another_address_would_take_over(applied: World) -> None:
    (applied.root / "manifests" / "b.yaml").unlink()
    write(applied, "bb", folder="b", directory={"name": "b"})
    for path, text in FILES.items():
        applied.put(f"trees/b/{path}", f"b {text}")
    assert actions(applied.plan(chosen(excludes=["FileSet/b"]))).keys() <= {"Directory/bb"}
    plan = applied.plan(chosen(excludes=["Directory/b"]))
    assert actions(plan) == {}


def test_problems_of_the_rest_are_not_told(applied: World) -> None:
    (place,) = (one["id"] for one in applied.emulator.control.snapshot()["directories"] if one["name"] == "a")
    applied.emulator.control.add_file(place, "theirs.md", content=b"theirs")
    assert [one.code for one in errors(applied.plan(DESTROY))] == ["LS307"]
    for narrow in ({"targets": ["Directory/b"]}, {"labels": {"team": "b"}}, {"excludes": ["Directory/a"]}):
        plan = applied.plan(chosen(DESTROY, **narrow))
        assert (errors(plan), actions(plan)) == (
            [],
            {
                "Directory/b": "delete",
                "FileSet/b[1.md]": "delete",
                "FileSet/b[2.md]": "delete",
            },
        ), narrow


def test_part_of_an_emptied_workspace_can_be_deleted(applied: World) -> None:
    for name in ("a", "b"):
        (applied.root / "manifests" / f"{name}.yaml").unlink()
    assert [one.code for one in errors(applied.plan(UNGUARDED))] == ["LS304"]
    plan = applied.plan(chosen(targets=["Directory/a"]))
    assert errors(plan) == []
    assert len(plan.changes) == 3


# -- what an interrupted run left open


@pytest.mark.parametrize("how", ["target", "exclude", "label", "path"])
def test_creates_that_were_interrupted_elsewhere_stay_open(world: World, how: str) -> None:
    world.apply(chosen(excludes=["FileSet/b"]))
    plan = world.plan(UNGUARDED)
    world.emulator.set_faults([Fault(method="POST", path="*/upload", when="after", cut=True), Fault(cut=True)])
    world.execute(plan)
    world.emulator.set_faults([])
    left = {str(one.address) for one in world.store.load().intents}
    assert left == {"FileSet/b[1.md]", "FileSet/b[2.md]"}
    (world.root / "trees" / "b" / "1.md").unlink()
    narrow = {
        "target": {"targets": ["Directory/a"]},
        "exclude": {"excludes": ["FileSet/b"]},
        "label": {"labels": {"team": "a"}},
    }.get(how, {})
    paths = [world.root / "manifests" / "a.yaml"] if how == "path" else []
    plan = world.plan(chosen(**narrow), paths=paths)
    assert (errors(plan), actions(plan)) == ([], {})
    assert world.execute(plan).is_complete
    assert {str(one.address) for one in world.store.load().intents} == left
    world.apply()
    assert held(world) == {"a": set(FILES), "b": {"2.md"}}
    assert world.store.load().intents == ()


# -- paths


def part(world: World, name: str) -> list[Path]:
    return [world.root / "manifests" / f"{name}.yaml"]


def test_path_takes_no_object_over_from_a_manifest_elsewhere(applied: World) -> None:
    applied.put("trees/b/copy.md", "a one")
    plan = applied.plan(UNGUARDED, paths=part(applied, "b"))
    assert actions(plan) == {"FileSet/b[copy.md]": "create"}
    write(applied, "b", directory={"previousNames": ["a"], "name": "c"})
    plan = applied.plan(UNGUARDED, paths=part(applied, "b"))
    assert (plan.changes[0].live and plan.changes[0].live.key) == ("b",)


@pytest.mark.parametrize("taken", ["directory", "file"])
def test_path_is_refused_where_it_would_have_what_a_manifest_elsewhere_has(applied: World, taken: str) -> None:
    if taken == "directory":
        write(applied, "c", folder="b", directory={"name": "a"})
    else:
        spec = {"directory": "a", "content": "mine", "uniqueId": "1.md"}
        applied.put("manifests/c.yaml", manifest("File", "c", spec))
    (problem,) = (one for one in errors(applied.plan(UNGUARDED, paths=part(applied, "c"))) if one.code == "LS316")
    assert problem.detail.endswith("which is not among what was named")
    assert {"directory": "Directory/a", "file": "FileSet/a[1.md]"}[taken] in problem.detail


def test_path_prunes_no_directory_that_manifests_elsewhere_fill(world: World) -> None:
    spec = {"directory": "a", "source": "../trees/b", "uniqueId": "b/{path}", "prune": "all"}
    world.put("manifests/more.yaml", manifest("FileSet", "more", spec))
    world.apply()
    world.forget_all()
    assert "delete" not in actions(world.plan(UNGUARDED, paths=part(world, "more"))).values()
    assert "delete" not in actions(world.plan(UNGUARDED)).values()


@pytest.mark.parametrize("lost", ["never applied", "deleted"])
def test_path_that_needs_what_is_not_there_is_refused(world: World, lost: str) -> None:
    directory, files = (world.root / "manifests" / "a.yaml").read_text().split("---\n")
    world.put("manifests/dir.yaml", directory)
    world.put("manifests/a.yaml", files)
    if lost == "deleted":
        world.apply()
        place = next(one["id"] for one in world.emulator.control.snapshot()["directories"] if one["name"] == "a")
        world.client().send("DELETE", f"/api/v1/beta/directories/{place}")
    (problem,) = errors(world.plan(UNGUARDED, paths=part(world, "a")))
    assert (problem.code, problem.address) == ("LS326", parse_address("FileSet/a"))
    assert problem.source is not None
    assert errors(world.plan(UNGUARDED, paths=[*part(world, "a"), *part(world, "dir")])) == []


@pytest.mark.parametrize("after", [{"m": "two", "n": "one"}, {"m": "two", "n": "three", "o": "one"}])
def test_indexes_that_change_places_do_so_all_or_not_at_all(tmp_path: Path, after: dict[str, str]) -> None:
    before = dict(zip(after, ("one", "two", "three"), strict=False))
    with World(tmp_path) as world:
        for indexes in (before, after):
            directories = [manifest("Directory", name) for name in ("one", "two", "three")]
            free = [
                manifest("Index", name, {"directory": each}, lifecycle={"protect": False})
                for name, each in indexes.items()
            ]
            world.put("m.yaml", [*directories, *free])
            if indexes is before:
                world.apply()
        whole = actions(world.plan(UNGUARDED))
        for name in after:
            assert actions(world.plan(chosen(excludes=[f"Index/{name}"]))) == {}
            assert actions(world.plan(chosen(targets=[f"Index/{name}"]))) == whole

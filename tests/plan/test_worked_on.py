"""Which documents a sync works on, and what in the manifests caused it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.plan.model import Action, Change, Plan
from llamasync.plan.processing import Processing
from tests.support.world import World, actions, errors, manifest

INDEX = Address("Index", "handbook")
FAST = {"tier": "fast", "version": "latest"}
FILES = {"a.md": "one", "b.md": "two", "c.md": "three"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as made:
        lay_out(made)
        yield made


def lay_out(world: World, files: dict[str, str] = FILES, *, tier: str = "fast", **more: Any) -> None:
    """Write a workspace of a directory, its files, a configuration and an index."""
    (world.root / "docs").mkdir(exist_ok=True)
    for path in (world.root / "docs").iterdir():
        path.unlink()
    for name, content in files.items():
        world.put(f"docs/{name}", content)
    index = {"directory": "alpha", "products": [{"type": "parse", "configuration": "config"}]}
    parameters = {"tier": tier, "version": "latest"}
    files_manifest = manifest("FileSet", "set", {"directory": "alpha", "source": "../docs"} | more)
    world.put("manifests/files.yaml", json.dumps(files_manifest, indent=1))
    documents = [
        manifest("Directory", "alpha", {"deleteContents": True}),
        manifest("Configuration", "config", {"productType": "parse_v2", "parameters": parameters}),
        manifest("Index", "handbook", index, lifecycle={"protect": False}),
    ]
    world.put("manifests/all.yaml", documents)


def applied(world: World) -> World:
    """Apply, with time passing before and after."""
    world.clock.sleep(10)
    world.apply()
    world.clock.sleep(10)
    assert actions(world.plan()) == {}
    return world


def change_of(plan: Plan) -> Change:
    return next(change for change in plan.changes if change.address == INDEX)


def processing_of(plan: Plan) -> Processing:
    found = change_of(plan).processing
    assert found is not None
    return found


def names(documents: Any) -> list[str]:
    return sorted(one.name.removeprefix("FileSet/set[").removesuffix("]") for one in documents)


def recorded(world: World, **facts: Any) -> None:
    """Change what the state remembers of the index."""
    with world.store.lock("test"):
        world.store.record(replace(world.store.load().bindings[INDEX], **facts))


def test_new_index_works_on_every_file_of_its_directory(world: World) -> None:
    plan = world.plan()
    assert names(processing_of(plan).documents) == ["a.md", "b.md", "c.md"]
    assert [(step.product, step.tier) for step in processing_of(plan).steps] == [("parse", "fast"), ("index", "")]
    estimate = change_of(plan).estimate
    assert (estimate.documents, estimate.pages, estimate.credits, estimate.is_at_most) == (3, 3, 9, False)
    assert [str(source) for source in estimate.because] == ["manifests/all.yaml:5:1"]


def test_replaced_index_works_on_every_file(world: World) -> None:
    applied(world)
    index = {"directory": "alpha", "products": [{"type": "parse", "configuration": {"id": "cfg-PARSE_AGENTIC"}}]}
    world.put("manifests/all.yaml", [
        manifest("Directory", "alpha"),
        manifest("Configuration", "config", {"productType": "parse_v2", "parameters": FAST}),
        manifest("Index", "handbook", index, lifecycle={"protect": False}),
    ])  # fmt: skip
    plan = world.plan()
    assert change_of(plan).action is Action.REPLACE
    assert names(processing_of(plan).documents) == ["a.md", "b.md", "c.md"]
    assert processing_of(plan).steps[0].tier == "agentic"


def test_plan_that_changes_nothing_has_nothing_worked_on(world: World) -> None:
    assert all(change.processing is None for change in applied(world).plan().changes)


def test_sync_works_on_files_that_are_new_or_have_other_content_because_of_their_manifest(world: World) -> None:
    applied(world)
    lay_out(world, {**FILES, "a.md": "other", "d.md": "four"})
    plan = world.plan()
    assert names(processing_of(plan).documents) == ["a.md", "d.md"]
    assert processing_of(plan).touched == ()
    assert [str(source) for source in change_of(plan).estimate.because] == ["manifests/files.yaml:9:13"]


def test_index_that_is_synced_is_counted_as_that_and_not_as_unchanged(world: World) -> None:
    objects = applied(world).plan().noop
    world.put("docs/a.md", "another one")
    plan = world.plan()
    assert actions(plan) == {"FileSet/set[a.md]": "replace", "Index/handbook": "sync"}
    assert sum(plan.summary().values()) == objects == 6


def test_files_of_which_the_metadata_alone_changes_are_only_exported(world: World) -> None:
    applied(world)
    lay_out(world, {**FILES, "a.md": "other"}, metadata={"team": "x"})
    found = processing_of(world.plan())
    assert (names(found.documents), names(found.touched)) == (["a.md"], ["b.md", "c.md"])
    assert found.notes == ("documents of which the metadata alone changes are exported again, not parsed",)


def test_renamed_file_is_only_exported_and_one_from_another_directory_is_parsed(world: World) -> None:
    beta = [manifest("Directory", "beta"), manifest("File", "x", {"directory": "beta", "content": "x"})]
    world.put("manifests/more.yaml", beta)
    applied(world)
    (world.root / "docs" / "a.md").rename(world.root / "docs" / "z.md")
    beta[1] = manifest("File", "x", {"directory": "alpha", "content": "x"})
    world.put("manifests/more.yaml", beta)
    plan = world.plan()
    assert set(actions(plan).values()) == {"move", "sync"}
    found = processing_of(plan)
    assert (names(found.documents), names(found.touched)) == (["File/x"], ["z.md"])


def test_deleted_files_cost_nothing(world: World) -> None:
    applied(world)
    lay_out(world, {"a.md": "one"})
    plan = world.plan()
    assert processing_of(plan).documents == ()
    assert (plan.estimate.pages, plan.estimate.credits) == (0, 0)


def test_files_applied_after_the_last_sync_are_worked_on_too(world: World) -> None:
    applied(world)
    lay_out(world, {**FILES, "a.md": "other"})
    with world.store.lock("test"):
        held = world.store.load().bindings[Address("FileSet", "set", "b.md")]
        world.store.record(replace(held, applied_at=world.clock.now().isoformat()))
    assert names(processing_of(world.plan()).documents) == ["a.md", "b.md"]


@pytest.mark.parametrize(
    "facts", [{"inputs": ""}, {"inputs": "sha256:other"}, {"applied_at": "", "inputs": "sha256:other"}]
)
def test_all_files_are_the_most_that_it_can_be_where_it_is_not_known(world: World, facts: dict[str, str]) -> None:
    recorded(applied(world), **facts)
    found = processing_of(world.plan())
    assert names(found.documents) == ["a.md", "b.md", "c.md"]
    assert found.is_at_most or facts.get("applied_at") == ""
    assert [str(source) for source in found.because] == ["manifests/all.yaml:5:1"]


def test_unfinished_sync_may_have_all_files_worked_on_whatever_changes_now(world: World) -> None:
    recorded(applied(world), inputs="")
    lay_out(world, {**FILES, "a.md": "other"})
    found = processing_of(world.plan())
    assert (names(found.documents), found.is_at_most) == (["a.md", "b.md", "c.md"], True)


def test_sync_that_failed_in_the_service_may_have_all_files_worked_on(world: World) -> None:
    applied(world)
    world.emulator.control.fail_next_sync()
    index = world.store.load().bindings[INDEX].id
    world.client().with_project(world.emulator.default_project_id).create(f"/api/v1/indexes/{index}/sync", None)
    world.emulator.control.finish_syncs()
    world.clock.sleep(10)
    lay_out(world, {**FILES, "a.md": "other"})
    found = processing_of(world.plan())
    assert (names(found.documents), found.is_at_most) == (["a.md", "b.md", "c.md"], True)


def test_adopted_index_may_have_all_files_worked_on(world: World) -> None:
    applied(world)
    with world.store.lock("test"):
        world.store.forget(INDEX)
    found = processing_of(world.plan())
    assert (names(found.documents), found.is_at_most) == (["a.md", "b.md", "c.md"], True)


def test_sync_that_is_always_done_works_on_nothing_that_stayed_the_same(world: World) -> None:
    text = (world.root / "manifests/all.yaml").read_text()
    world.put("manifests/all.yaml", text.replace('"products"', '"sync": {"when": "always"}, "products"'))
    world.clock.sleep(10)
    world.apply()
    assert processing_of(world.plan()).documents == ()


def test_files_of_others_count_and_their_pages_are_not_known(world: World) -> None:
    applied(world)
    directory = world.store.load().bindings[Address("Directory", "alpha")].id
    world.emulator.control.add_file(directory, unique_id="theirs.md", content=b"not ours")
    world.clock.sleep(10)
    lay_out(world, {**FILES, "a.md": "other"})
    estimate = change_of(world.plan()).estimate
    assert (estimate.documents, estimate.pages) == (2, 1)
    assert [(one.name, one.why) for one in estimate.uncounted] == [
        ("theirs.md", "not ours, and the bytes are not known here")
    ]


def test_changed_configuration_may_have_all_files_worked_on_by_the_sync(world: World) -> None:
    applied(world)
    lay_out(world, {**FILES, "a.md": "other"}, tier="agentic")
    plan = world.plan()
    found = processing_of(plan)
    assert (names(found.documents), found.is_at_most) == (["a.md", "b.md", "c.md"], True)
    assert [str(source) for source in found.because] == ["manifests/all.yaml:3:1"]
    assert found.steps[0].tier == "agentic"
    assert "is not documented" in found.notes[0]
    assert "LS333" not in [one.code for one in plan.problems]


def test_changed_configuration_without_a_sync_is_noted(world: World) -> None:
    applied(world)
    lay_out(world, tier="agentic")
    plan = world.plan()
    assert actions(plan) == {"Configuration/config": "update"}
    assert [(one.code, str(one.address), one.severity.value) for one in plan.problems] == [
        ("LS333", "Index/handbook", "note")
    ]
    assert not errors(plan)


def test_changed_configuration_that_no_index_names_is_not_noted(world: World) -> None:
    other = manifest("Configuration", "other", {"productType": "parse_v2", "parameters": FAST})
    world.put("manifests/other.yaml", other)
    applied(world)
    other["spec"]["parameters"] = {"tier": "agentic", "version": "latest"}
    world.put("manifests/other.yaml", other)
    plan = world.plan()
    assert (actions(plan), plan.problems) == ({"Configuration/other": "update"}, ())


@pytest.mark.parametrize(
    ("configuration", "tier"),
    [({"name": "theirs"}, "cost_effective"), ({"id": "cfg-PARSE_AGENTIC_PLUS"}, "agentic_plus")],
)
def test_tier_is_that_of_a_configuration_named_in_any_way(
    world: World, configuration: dict[str, str], tier: str
) -> None:
    theirs = {"name": "theirs", "parameters": {**FAST, "tier": "cost_effective", "product_type": "parse_v2"}}
    world.client().create("/api/v1/beta/configurations", theirs)
    text = (world.root / "manifests/all.yaml").read_text()
    world.put(
        "manifests/all.yaml", text.replace('"configuration": "config"', f'"configuration": {json.dumps(configuration)}')
    )
    assert processing_of(world.plan()).steps[0].tier == tier


def test_part_of_the_workspace_knows_the_rest_by_what_was_applied(world: World) -> None:
    index = world.put("manifests/index.yaml", manifest("Index", "handbook", {
        "directory": "alpha", "products": [{"type": "parse", "configuration": "config"}]}))  # fmt: skip
    text = (world.root / "manifests/all.yaml").read_text()
    world.put("manifests/all.yaml", "---\n".join(text.split("---\n")[:2]))
    applied(world)
    recorded(world, inputs="")
    found = processing_of(world.plan(paths=(index,)))
    assert names(found.documents) == ["a.md", "b.md", "c.md"]
    assert all(one.content is None and one.sha256 for one in found.documents)
    assert found.steps[0].tier == "fast"

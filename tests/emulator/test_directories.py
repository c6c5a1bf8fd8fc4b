from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.emulator.support import DIRECTORIES, World

Worlds = Callable[..., World]


def test_a_second_directory_of_the_same_name_is_made_when_names_are_free(worlds: Worlds) -> None:
    world = worlds({"directory_name_uniqueness": "allow"})
    assert world.directory("docs") != world.directory("docs")


def test_a_second_directory_of_the_same_name_is_refused_when_names_are_unique(worlds: Worlds) -> None:
    world = worlds({"directory_name_uniqueness": "conflict"})
    first, other = world.directory("docs"), world.directory("other")
    assert world.status("POST", DIRECTORIES, json={"name": "docs"}) == 409
    assert world.status("PATCH", f"{DIRECTORIES}/{other}", json={"name": "docs"}) == 409
    assert world.status("PATCH", f"{DIRECTORIES}/{first}", json={"name": "docs"}) == 200


def test_the_name_of_a_deleted_directory_can_be_used_again(worlds: Worlds) -> None:
    world = worlds({"directory_name_uniqueness": "conflict"})
    world.ok("DELETE", f"{DIRECTORIES}/{world.directory('docs')}")
    world.directory("docs")


@pytest.mark.parametrize(("setting", "live"), [("cascade", 0), ("keep", 1)])
def test_files_of_a_deleted_directory_go_or_stay_as_the_switch_says(worlds: Worlds, setting: str, live: int) -> None:
    world = worlds({"directory_delete_files": setting, "deleted_get": "visible"})
    directory = world.directory()
    world.uploaded(directory)
    world.ok("DELETE", f"{DIRECTORIES}/{directory}")
    assert len(world.items(f"{DIRECTORIES}/{directory}/files")) == live
    assert len(world.items(f"{DIRECTORIES}/{directory}/files", include_deleted=True)) == 1


def test_a_directory_with_files_is_not_deleted_when_that_is_a_conflict(worlds: Worlds) -> None:
    world = worlds({"directory_delete_files": "conflict"})
    directory = world.directory()
    file = world.uploaded(directory)
    assert world.status("DELETE", f"{DIRECTORIES}/{directory}") == 409
    world.ok("DELETE", f"{DIRECTORIES}/{directory}/files/{file['id']}")
    assert world.status("DELETE", f"{DIRECTORIES}/{directory}") == 204


@pytest.mark.parametrize(("setting", "status"), [("not_found", 404), ("visible", 200)])
def test_a_deleted_directory_is_seen_or_not_as_the_switch_says(worlds: Worlds, setting: str, status: int) -> None:
    world = worlds({"deleted_get": setting})
    directory = world.directory()
    world.ok("DELETE", f"{DIRECTORIES}/{directory}")
    answer = world.client.get(f"{DIRECTORIES}/{directory}")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["deleted_at"] is not None


@pytest.mark.parametrize(("setting", "status"), [("not_found", 404), ("no_content", 204)])
def test_deleting_again_is_refused_or_not_as_the_switch_says(worlds: Worlds, setting: str, status: int) -> None:
    world = worlds({"deleted_again": setting, "deleted_get": "visible"})
    directory = world.directory()
    file = world.uploaded(directory)
    configuration = world.ok(
        "POST",
        "/api/v1/beta/configurations",
        json={"name": "n", "parameters": {"product_type": "parse_v2", "tier": "fast", "version": "latest"}},
    )
    for path in (
        f"{DIRECTORIES}/{directory}/files/{file['id']}",
        f"/api/v1/beta/files/{file['file_id']}",
        f"/api/v1/beta/configurations/{configuration['id']}",
        f"{DIRECTORIES}/{directory}",
    ):
        assert world.status("DELETE", path) == 204
        assert world.status("DELETE", path) == status


@pytest.mark.parametrize(("setting", "after"), [("keep", "text"), ("clear", None)])
def test_a_null_description_keeps_or_clears_it_as_the_switch_says(
    worlds: Worlds, setting: str, after: str | None
) -> None:
    world = worlds({"patch_null_description": setting})
    directory = world.directory(description="text")
    assert world.ok("PATCH", f"{DIRECTORIES}/{directory}", json={"description": None})["description"] == after
    assert world.ok("GET", f"{DIRECTORIES}/{directory}")["description"] == after


@pytest.mark.parametrize(("setting", "after"), [("empty", ""), ("null", None)])
def test_an_empty_description_is_kept_or_dropped_as_the_switch_says(
    worlds: Worlds, setting: str, after: str | None
) -> None:
    world = worlds({"empty_description": setting})
    directory = world.directory(description="")
    assert world.ok("GET", f"{DIRECTORIES}/{directory}")["description"] == after
    world.ok("PATCH", f"{DIRECTORIES}/{directory}", json={"description": "text"})
    assert world.ok("PATCH", f"{DIRECTORIES}/{directory}", json={"description": ""})["description"] == after


@pytest.mark.parametrize(
    ("setting", "on_change", "on_nothing"),
    [("always", True, True), ("on_change", True, False), ("never", False, False)],
)
def test_updated_at_moves_as_the_switch_says(worlds: Worlds, setting: str, on_change: bool, on_nothing: bool) -> None:
    world = worlds({"updated_at_on_patch": setting})
    directory = world.directory()
    path = f"{DIRECTORIES}/{directory}"
    file = f"{path}/files/{world.uploaded(directory)['id']}"
    for each, change in ((path, {"description": "x"}), (file, {"display_name": "x"})):
        before = world.ok("GET", each)["updated_at"]
        changed = world.ok("PATCH", each, json=change)["updated_at"]
        assert (changed != before) == on_change
        assert (world.ok("PATCH", each, json=change)["updated_at"] != changed) == on_nothing


def test_directories_are_found_by_name_and_types(world: World) -> None:
    user, ephemeral = world.directory("a"), world.directory("b", type="ephemeral")
    index = world.emulator.control.add_directory("c", type="index", connector_subscription_id="sub-1")

    def ids(**query: object) -> set[str]:
        return {each["id"] for each in world.items(DIRECTORIES, **query)}

    assert ids() == {user, ephemeral, index}
    assert ids(name="a") == {user}
    assert ids(type="index") == {index}
    assert ids(types=["user", "index"]) == {user, index}
    assert world.ok("GET", f"{DIRECTORIES}/{index}")["connector_subscription_id"] == "sub-1"


def test_system_metadata_of_a_directory_is_kept(world: World) -> None:
    directory = world.directory(system_metadata={"a": [1, {"b": 2}]})
    assert world.ok("GET", f"{DIRECTORIES}/{directory}")["system_metadata"] == {"a": [1, {"b": 2}]}


def test_the_reference_dialect_knows_neither_types_nor_bulk_delete(worlds: Worlds) -> None:
    world = worlds(dialect="reference")
    made = world.ok("POST", DIRECTORIES, json={"name": "docs", "type": "ephemeral", "system_metadata": {"a": 1}})
    assert set(made) == {"id", "created_at", "updated_at", "project_id", "name", "description", "deleted_at"}
    body = {"directory_file_ids": ["dfl-x"]}
    assert world.status("POST", f"{DIRECTORIES}/{made['id']}/files/bulk-delete", json=body) == 405


def test_the_reference_dialect_can_be_told_to_have_bulk_delete(worlds: Worlds) -> None:
    world = worlds({"reference_bulk_delete": "served"}, dialect="reference")
    directory = world.directory()
    body = {"directory_file_ids": [world.uploaded(directory)["id"]]}
    assert world.status("POST", f"{DIRECTORIES}/{directory}/files/bulk-delete", json=body) == 204


def test_projects_do_not_see_each_other() -> None:
    from llamasync.emulator import Project
    from tests.emulator.support import make_world

    world = make_world(projects=(Project("one"), Project("two", organization="Other")))
    two = {"project_id": world.ok("GET", "/api/v1/projects", params={"project_name": "two"})[0]["id"]}
    directory = world.directory()
    assert world.items(DIRECTORIES, **two) == []
    assert world.status("GET", f"{DIRECTORIES}/{directory}", params=two) == 404
    assert world.status("DELETE", f"{DIRECTORIES}/{directory}", params=two) == 404
    organizations = world.ok("GET", "/api/v1/organizations")
    assert [each["name"] for each in organizations] == ["Default", "Other"]
    elsewhere = {**two, "organization_id": organizations[0]["id"]}
    assert world.status("GET", DIRECTORIES, params=elsewhere) == 404
    assert world.status("GET", f"/api/v2/organizations/{organizations[1]['id']}") == 200
    assert world.status("GET", "/api/v2/organizations/00000000-0000-4000-8000-000000000000") == 404
    assert world.status("GET", "/api/v2/projects/00000000-0000-4000-8000-000000000000") == 404
    world.close()

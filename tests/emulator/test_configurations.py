from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.support import CONFIGURATIONS, PARSE, World

Worlds = Callable[..., World]
SPLIT: dict[str, Any] = {"product_type": "split_v1", "categories": [{"name": "x"}]}


def upsert(world: World, name: str = "n", **parameters: Any) -> Any:
    return world.ok("POST", CONFIGURATIONS, json={"name": name, "parameters": {**PARSE, **parameters}})


def test_a_second_post_changes_the_same_configuration(worlds: Worlds) -> None:
    world = worlds({"configuration_upsert": "update"})
    first, second = upsert(world), upsert(world, tier="agentic")
    assert (second["id"], second["version"]) == (first["id"], "2")
    assert [each["parameters"]["tier"] for each in world.items(CONFIGURATIONS)] == ["agentic"]


def test_a_second_post_makes_a_new_version(worlds: Worlds) -> None:
    world = worlds({"configuration_upsert": "new_version"})
    first, second = upsert(world), upsert(world, tier="agentic")
    other = upsert(world, "other")
    assert second["id"] != first["id"]
    assert second["version"] == "2"
    assert len(world.items(CONFIGURATIONS, name="n")) == 2
    latest = {each["id"] for each in world.items(CONFIGURATIONS, latest_only=True)}
    assert latest == {second["id"], other["id"]}
    world.ok("DELETE", f"{CONFIGURATIONS}/{second['id']}")
    assert {each["id"] for each in world.items(CONFIGURATIONS, latest_only=True)} == {first["id"], other["id"]}


def test_the_same_name_with_another_product_type_is_another_configuration(world: World) -> None:
    upsert(world)
    world.ok("POST", CONFIGURATIONS, json={"name": "n", "parameters": SPLIT})
    assert len(world.items(CONFIGURATIONS, name="n")) == 2
    assert [each["name"] for each in world.items(CONFIGURATIONS, product_type="split_v1")] == ["n"]


@pytest.mark.parametrize(("setting", "status"), [("conflict", 409), ("allow", 200)])
def test_a_put_that_takes_a_known_name(worlds: Worlds, setting: str, status: int) -> None:
    world = worlds({"configuration_name_conflict": setting})
    upsert(world)
    other = f"{CONFIGURATIONS}/{upsert(world, 'other')['id']}"
    assert world.status("PUT", other, json={"name": "n"}) == status
    assert world.status("PUT", other, json={"name": "free"}) == 200


def test_a_put_replaces_the_parameters_and_keeps_what_is_not_given(world: World) -> None:
    path = f"{CONFIGURATIONS}/{upsert(world, client_name='me')['id']}"
    assert world.ok("PUT", path, json={"name": None, "parameters": None})["parameters"]["client_name"] == "me"
    assert world.ok("PUT", path, json={"parameters": PARSE})["parameters"] == PARSE
    assert world.ok("PUT", path, json={"parameters": SPLIT})["product_type"] == "split_v1"


def test_parameters_come_back_as_sent_or_with_defaults(worlds: Worlds) -> None:
    sent = {"product_type": "split_v1", "categories": [{"name": "x"}], "splitting_strategy": {}}
    body = {"name": "n", "parameters": sent}
    plain = worlds({"configuration_parameters": "as_sent"}).ok("POST", CONFIGURATIONS, json=body)
    filled = worlds({"configuration_parameters": "with_defaults"}).ok("POST", CONFIGURATIONS, json=body)
    assert plain["parameters"] == sent
    assert filled["parameters"] == {**sent, "splitting_strategy": {"allow_uncategorized": "include"}}


def test_built_in_configurations_are_read_and_never_changed(world: World) -> None:
    path = f"{CONFIGURATIONS}/cfg-PARSE_AGENTIC"
    assert world.ok("GET", path)["parameters"]["tier"] == "agentic"
    assert world.status("PUT", path, json={"name": "x"}) == 403
    assert world.status("DELETE", path) == 403
    assert world.status("GET", f"{CONFIGURATIONS}/cfg-PARSE_NOTHING") == 404


@pytest.mark.parametrize(
    ("parameters", "loc"),
    [
        ({**PARSE, "tier": "no such"}, ["body", "parameters", "tier"]),
        ({**PARSE, "output_options": {"typo": 1}}, ["body", "parameters", "output_options"]),
        ({"product_type": "no such"}, ["body", "parameters"]),
        ({"product_type": "split_v1"}, ["body", "parameters", "categories"]),
        (5, ["body", "parameters"]),
    ],
)
def test_parameters_are_checked_by_their_product_type(world: World, parameters: Any, loc: list[str]) -> None:
    answer = world.client.post(CONFIGURATIONS, json={"name": "n", "parameters": parameters})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == loc

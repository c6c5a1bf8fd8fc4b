"""Whatever is asked, within the contract or beside it: no 5xx, and an answer that the contract describes."""

from __future__ import annotations

import functools
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from llamasync.emulator import Switches
from llamasync.emulator.calls import ENDPOINTS
from llamasync.emulator.contract import Operation, load_contract
from tests.emulator.populate_runs import populate_runs
from tests.emulator.support import PARSE, World, check_against_contract, make_world

SETTINGS = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
OPERATIONS = [
    pytest.param(dialect, operation, id=f"{dialect} {operation.method} {operation.template}")
    for dialect in ("reference", "current")
    for operation in load_contract(dialect).operations
    if operation.key in ENDPOINTS
]


@functools.cache
def body_strategy(dialect: str, key: tuple[str, str]) -> Any:
    operation = next(each for each in load_contract(dialect).operations if each.key == key)
    if operation.body_schema is None or operation.body_type != "application/json":
        return st.none()
    fitting = from_schema(_inlined(operation.body_schema, load_contract(dialect).components, 3))
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    )
    return fitting | anything


def _inlined(schema: Any, components: Any, depth: int) -> Any:
    """Replace references by what they mean, as deep as the strategy needs."""
    if isinstance(schema, list):
        return [_inlined(each, components, depth) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        if depth == 0:
            return {}
        target = components["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return _inlined(target, components, depth - 1)
    skipped = ("discriminator", "format")
    return {name: _inlined(each, components, depth) for name, each in schema.items() if name not in skipped}


def query_strategy(operation: Operation) -> Any:
    names = [each["name"] for each in operation.parameters if each["in"] == "query"]
    if not names:
        return st.just([])
    values = (
        st.sampled_from(["1", "0", "user", "true", "download_url", "parse_v2", "2026-01-01T00:00:00Z", ""]) | st.text()
    )
    return st.lists(st.tuples(st.sampled_from(names), values), max_size=3)


def populated(dialect: str) -> tuple[World, dict[str, str]]:
    """Make an emulator with one object of each kind, and the values that fill the paths of the contract."""
    world = make_world(dialect=dialect)
    directory = world.directory()
    file = world.uploaded(directory)
    configuration = world.ok("POST", "/api/v1/beta/configurations", json={"name": "n", "parameters": PARSE})
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})
    world.emulator.control.finish_syncs()
    session = world.ok("POST", "/api/v1/chat", json={"index_ids": [index["id"]]})
    (project,) = world.ok("GET", "/api/v1/projects")
    return world, {
        "directory_id": directory,
        "directory_file_id": file["id"],
        "file_id": file["file_id"],
        "config_id": configuration["id"],
        "index_id": index["id"],
        "session_id": session["session_id"],
        "project_id": project["id"],
        "organization_id": project["organization_id"],
        **populate_runs(world),
    }


@pytest.mark.parametrize(("dialect", "operation"), OPERATIONS)
def test_no_call_breaks_the_emulator_or_the_contract(dialect: str, operation: Operation) -> None:
    @SETTINGS
    @given(st.data())
    def run(data: st.DataObject) -> None:
        world, path_values = populated(dialect)
        path = operation.template
        for name, value in path_values.items():
            path = path.replace(f"{{{name}}}", value)
        query = data.draw(query_strategy(operation))
        body = data.draw(body_strategy(dialect, operation.key))
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = world.client.request(operation.method, path, params=query, content=content, headers=headers)
        assert answer.status_code < 500
        if (dialect, operation.template.rsplit("/", 1)[1]) != ("reference", "bulk-delete"):
            check_against_contract(dialect, operation.method, path, answer)
        world.close()

    run()


@SETTINGS
@given(
    st.sampled_from(["upload_file", "file", "x"]),
    st.text(max_size=20),
    st.binary(max_size=50),
    st.dictionaries(
        st.sampled_from(["unique_id", "display_name", "external_file_id", "metadata", "purpose"]), st.text()
    ),
)
def test_no_form_breaks_the_emulator(part: str, name: str, content: bytes, fields: dict[str, str]) -> None:
    world = make_world({"unique_id_conflict": "upsert"})
    directory = world.directory()
    usable = {key: value.encode("utf-8", "replace").decode() for key, value in fields.items()}
    for path in (f"/api/v1/beta/directories/{directory}/files/upload", "/api/v1/beta/files"):
        answer = world.client.post(path, files={part: (name, content)}, data=usable)
        assert answer.status_code in {201, 422}, answer.text
        check_against_contract("current", "POST", path, answer)
    world.close()


@pytest.mark.parametrize("seed", range(40))
def test_every_combination_of_switches_answers_by_the_contract(seed: int) -> None:
    chooser = random.Random(seed)
    chosen = {name: chooser.choice(values) for name, values in Switches.space().items()}
    dialect = chooser.choice(["reference", "current"])
    world = make_world(chosen, dialect=dialect)
    directories = "/api/v1/beta/directories"
    first, second = world.directory("a"), world.directory("b")
    made = [world.uploaded(first, f"{i}.txt", unique_id=str(i)) for i in range(3)]
    key = "directory_id" if dialect == "reference" else "target_directory_id"
    calls: list[tuple[str, str, Any]] = [
        ("POST", directories, {"name": "a", "description": ""}),
        ("PATCH", f"{directories}/{first}", {"description": None}),
        ("PATCH", f"{directories}/{first}/files/{made[0]['id']}", {"unique_id": "1", "metadata": None}),
        ("POST", f"{directories}/{second}/files", {"file_id": made[1]["file_id"], "unique_id": "2"}),
        ("POST", f"{directories}/{second}/files", {"file_id": made[1]["file_id"], "unique_id": "2"}),
        ("PATCH", f"{directories}/{first}/files/{made[2]['id']}", {key: second}),
        ("GET", f"{directories}/{first}/files?page_size=1&include_deleted=true&expand=download_url", None),
        ("GET", f"{directories}?page_size=2000", None),
        ("DELETE", f"/api/v1/beta/files/{made[1]['file_id']}", None),
        ("DELETE", f"{directories}/{second}/files/{made[2]['id']}", None),
        ("DELETE", f"{directories}/{second}/files/{made[2]['id']}", None),
        ("DELETE", f"{directories}/{second}", None),
        ("GET", f"{directories}/{second}", None),
        ("GET", f"{directories}/{second}/files", None),
        ("POST", "/api/v1/beta/configurations", {"name": "n", "parameters": PARSE}),
        ("POST", "/api/v1/beta/configurations", {"name": "n", "parameters": PARSE}),
        ("GET", "/api/v1/beta/configurations?latest_only=true", None),
        ("GET", "/api/v1/beta/files?order_by=name&page_size=1", None),
    ]
    for method, path, body in calls:
        answer = world.client.request(method, path, json=body)
        assert answer.status_code < 500
        check_against_contract(dialect, method, path.partition("?")[0], answer)
    world.close()

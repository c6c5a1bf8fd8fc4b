"""Forms of any content, and directories under all combinations of switches: answers that the contract describes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llamasync.emulator import Switches
from tests.emulator.support import PARSE, check_against_contract, make_world

SETTINGS = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


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

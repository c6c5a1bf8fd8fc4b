"""One object of each kind that sdk_runs_session tries, for tests that fill the paths of the contract."""

from __future__ import annotations

from tests.emulator.job_documents import stored
from tests.emulator.support import World


def populate_runs(world: World) -> dict[str, str]:
    """Make them, and return the values of the paths' parameters."""
    (item,) = world.emulator.control.agent_data.add([{"a": 1}])
    file = stored(world, "a.txt", b"invoice")
    settings = {"categories": [{"name": "invoice"}]}
    document = {"type": "file_id", "value": file}
    split = world.ok("POST", "/api/v1/beta/split/jobs", json={"document_input": document, "configuration": settings})
    sheet = stored(world, "a.csv", b"a,b\n1,2\n")
    sheets = world.ok("POST", "/api/v1/beta/sheets/jobs", json={"file_id": sheet})
    world.clock.move(seconds=10)
    found = world.ok("GET", f"/api/v1/beta/sheets/jobs/{sheets['id']}")
    directory = world.directory("batch")
    in_batch = world.uploaded(directory, "b.txt", b"invoice")["id"]
    config = {"job": {"type": "parse_v2", "configuration_id": "cfg-PARSE_AGENTIC"}}
    batch = world.ok("POST", "/api/v2/batches", json={"source_directory_id": directory, "config": config})
    body = {"directory_id": directory, "job_config": {"parameters": {}}}
    batch_job = world.ok("POST", "/api/v1/beta/batch-processing", json=body)
    return {
        "item_id": item,
        "split_job_id": split["id"],
        "spreadsheet_job_id": sheets["id"],
        "region_id": found["regions"][0]["region_id"],
        "region_type": "table",
        "batch_id": batch["id"],
        "job_id": batch_job["id"],
        "batch_item_id": in_batch,
    }

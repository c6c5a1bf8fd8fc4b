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
    return {"item_id": item, "split_job_id": split["id"]}

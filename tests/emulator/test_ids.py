"""Ids have the forms of the contract."""

from __future__ import annotations

import re
from uuid import UUID

from tests.emulator.support import DIRECTORIES, World

_FORM = "{}-[0-9a-v]{{26}}"


def test_ids_look_as_those_of_the_service(world: World) -> None:
    directory = world.directory()
    sent = world.uploaded(directory)
    added = world.ok("POST", f"{DIRECTORIES}/{directory}/files", json={"file_id": sent["file_id"], "unique_id": "b"})
    parameters = {"product_type": "parse_v2", "tier": "fast", "version": "latest"}
    body = {"name": "fast", "parameters": parameters}
    configuration = world.ok("POST", "/api/v1/beta/configurations", json=body)
    assert re.fullmatch(_FORM.format("dir"), directory)
    assert re.fullmatch(_FORM.format("dfl"), sent["id"])
    assert re.fullmatch(_FORM.format("dfl"), added["id"])
    assert re.fullmatch(_FORM.format("cfg"), configuration["id"])
    for identity in (sent["file_id"], sent["project_id"]):
        assert str(UUID(identity)) == identity

"""Python takes True for 1; JSON, people and retrieval filters do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World, actions, manifest


@pytest.mark.parametrize(("before", "after"), [(1, True), (False, 0)])
def test_metadata_that_turns_from_a_number_to_a_boolean_is_a_change(tmp_path: Path, before: Any, after: Any) -> None:
    with World(tmp_path) as world:
        for value in (before, after):
            spec = {"directory": "d", "content": "text", "uniqueId": "a.md", "metadata": {"reviewed": value}}
            world.put("m.yaml", [manifest("Directory", "d"), manifest("File", "a", spec)])
            world.apply()
        (file,) = world.snapshot()["directories"][0]["files"]
        assert file["metadata"]["reviewed"] is after
        assert actions(world.plan()) == {}

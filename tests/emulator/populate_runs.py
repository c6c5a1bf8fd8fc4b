"""One object of each kind that sdk_runs_session tries, for tests that fill the paths of the contract."""

from __future__ import annotations

from tests.emulator.support import World


def populate_runs(world: World) -> dict[str, str]:
    """Make them, and return the values of the paths' parameters."""
    (item,) = world.emulator.control.agent_data.add([{"a": 1}])
    return {"item_id": item}

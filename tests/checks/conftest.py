from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Switches
from tests.support.checking import CheckWorld

Make = Callable[..., CheckWorld]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make a world whose index is ready, unless `apply` is False; switches by their names."""
    with ExitStack() as stack:

        def made(dialect: str = "current", *, apply: bool = True, **switches: Any) -> CheckWorld:
            world = CheckWorld(tmp_path, dialect=dialect, switches=Switches(**switches))
            stack.enter_context(world)
            if apply:
                assert world.apply().is_complete
            return world

        yield made


@pytest.fixture(params=["current", "reference"])
def world(request: pytest.FixtureRequest, make: Make) -> CheckWorld:
    """A world in each dialect."""
    return make(request.param)

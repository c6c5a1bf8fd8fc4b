from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.emulator.support import World, make_world


@pytest.fixture
def worlds() -> Iterator[Callable[..., World]]:
    """Make emulators that are closed after the test."""
    made: list[World] = []

    def make(switches: dict[str, Any] | None = None, **options: Any) -> World:
        made.append(make_world(switches, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    return worlds()

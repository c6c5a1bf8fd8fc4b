"""With a latency every answer takes at least so long, however little there is to do."""

from __future__ import annotations

import time

from tests.emulator.support import make_world


def test_answer_takes_at_least_the_latency() -> None:
    world = make_world(latency_s=0.05)
    started = time.monotonic()
    world.ok("GET", "/api/v1/projects")
    assert time.monotonic() - started >= 0.05
    world.close()

from __future__ import annotations

from collections.abc import Callable

from llamasync.emulator import RateLimit
from llamasync.emulator.limits import FREE_TIER, UPLOADS
from tests.emulator.support import DIRECTORIES, World

Worlds = Callable[..., World]


def test_uploads_beyond_the_rate_are_told_when_to_come_back(worlds: Worlds) -> None:
    world = worlds(rate_limits=(RateLimit(3, 5.0, uploads_only=True),))
    directory = world.directory()
    statuses = [world.upload(directory, unique_id=str(i)).status_code for i in range(4)]
    assert statuses == [201, 201, 201, 429]
    answer = world.upload(directory, unique_id="again")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert world.status("GET", DIRECTORIES) == 200
    world.clock.move(seconds=5)
    assert world.upload(directory, unique_id="again").status_code == 201


def test_a_limit_of_all_requests_counts_reads_too(worlds: Worlds) -> None:
    world = worlds(rate_limits=(FREE_TIER,))
    assert [world.status("GET", DIRECTORIES) for _ in range(21)] == [200] * 20 + [429]
    assert (UPLOADS.count, UPLOADS.window_s) == (50, 5.0)


def test_no_limit_is_enforced_unless_asked_for(world: World) -> None:
    directory = world.directory()
    assert {world.upload(directory, unique_id=str(i)).status_code for i in range(60)} == {201}

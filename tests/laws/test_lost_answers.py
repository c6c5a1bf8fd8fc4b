"""A service that fails and loses answers all the time: no create takes effect twice, and all ends as it should."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given

from llamasync.emulator import Fault, Switches
from tests.support.strategies import Draft, dialects, drafts, recoverable, switches
from tests.support.troubles import apply_until_done, troubles
from tests.support.world import World, actions


@given(first=drafts(), second=drafts(), trouble=troubles(), setting=switches(), dialect=dialects)
def test_lost_answers_make_no_twins_and_everything_ends_as_it_should(
    first: Draft, second: Draft, trouble: list[Fault], setting: Switches, dialect: str
) -> None:
    setting = recoverable(setting, first, second)
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        for draft in (first, second):
            draft.write(world)
            apply_until_done(world, trouble)
            assert actions(world.plan()) == {}
            held = world.documents_by_user_directory()
            assert {name: set(files) for name, files in held.items()} == draft.expected()

"""A service that fails and loses answers all the time: no create takes effect twice, and all ends as it should."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from llamasync.core.diagnostic import DiagnosticError
from llamasync.emulator import Fault, Switches
from tests.support.strategies import Draft, dialects, drafts, switches
from tests.support.world import World, actions

RUNS = 12


@st.composite
def troubles(draw: st.DrawFn) -> list[Fault]:
    """Draw one to three rules, each of which strikes a third of the requests at most."""
    return [
        Fault(
            method=draw(st.sampled_from(("*", "POST", "PATCH,PUT", "DELETE", "GET"))),
            path="*",
            when=draw(st.sampled_from(("before", "after"))),
            p=draw(st.sampled_from((0.1, 0.33))),
            seed=draw(st.integers(0, 99)),
            **draw(
                st.sampled_from(
                    (
                        {"cut": True},
                        {"status": 500},
                        {"status": 503, "retry_after": "1"},
                        {"status": 504, "body": "html"},
                        {"status": 408},
                    )
                )
            ),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]


@given(first=drafts(), second=drafts(), trouble=troubles(), setting=switches(), dialect=dialects)
def test_lost_answers_make_no_twins_and_everything_ends_as_it_should(
    first: Draft, second: Draft, trouble: list[Fault], setting: Switches, dialect: str
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting, dialect=dialect) as world:
        for draft in (first, second):
            draft.write(world)
            _apply_until_done(world, trouble)
            assert actions(world.plan()) == {}
            held = world.documents()
            assert {name: set(files) for name, files in held.items()} == draft.expected()


def _apply_until_done(world: World, trouble: list[Fault]) -> None:
    world.emulator.set_faults(trouble)
    for _ in range(RUNS):
        try:
            if world.apply().is_complete:
                break
        except DiagnosticError:
            continue
    world.emulator.set_faults([])
    assert world.apply().is_complete

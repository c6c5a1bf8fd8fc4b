"""A service in trouble: rules that fail requests or lose answers, and applying until it is done all the same."""

from __future__ import annotations

from hypothesis import strategies as st

from llamasync.core.diagnostic import DiagnosticError
from llamasync.emulator import Fault
from tests.support.world import World

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


def apply_until_done(world: World, trouble: list[Fault]) -> None:
    """Apply again and again while the rules hold, then once more without them; fails the test when that is not
    enough."""
    world.emulator.set_faults(trouble)
    for _ in range(RUNS):
        try:
            if world.apply().is_complete:
                break
        except DiagnosticError:
            continue
    world.emulator.set_faults([])
    assert world.apply().is_complete

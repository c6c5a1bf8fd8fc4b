"""Applying against a service that fails now and then, as people do: again, until it is done."""

from __future__ import annotations

from llamasync.core.diagnostic import DiagnosticError
from llamasync.emulator import Fault
from tests.support.world import World

RUNS = 12


def apply_until_done(world: World, trouble: list[Fault]) -> None:
    """Apply under `trouble` until a run is complete, then once more without it."""
    world.emulator.set_faults(trouble)
    for _ in range(RUNS):
        try:
            if world.apply().is_complete:
                break
        except DiagnosticError:
            continue
    world.emulator.set_faults([])
    assert world.apply().is_complete

"""Every operation in any order, under any switches: no 5xx, answers by the contract, and links that can be followed."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pytest

from llamasync.emulator import Switches
from llamasync.emulator.contract import Operation, load_contract
from llamasync.emulator.pipeline import UNSERVED
from tests.emulator.any_calls import Caller, links
from tests.emulator.populate import populated
from tests.emulator.support import check_against_contract

WORLDS = 12
# Not in the contract files, and real all the same. 400 is the emulator's own word for another product's configuration.
UNDECLARED = {400, 401, 402, 403, 404, 409, 429}


def world_of(dialect: str, seed: int) -> Caller:
    """Make a world with something of everything in it, under switches that the seed chooses."""
    chooser = random.Random(f"{dialect} {seed}")
    switches: dict[str, Any] = {name: chooser.choice(values) for name, values in Switches.space().items()}
    world, known = populated(dialect, switches if seed else {})
    caller = Caller(world, dialect, chooser)
    for name, identity in known.items():
        caller.learn(name, identity)
    return caller


def deletes(operation: Operation) -> bool:
    return operation.method == "DELETE" or operation.template.endswith("delete")


def check(caller: Caller, operation: Operation, path: str, answer: Any) -> None:
    absent = any(operation.key in each for each in UNSERVED[caller.dialect].values())
    allowed = {operation.status, 422, *UNDECLARED, *({405} if absent else ())}
    assert answer.status_code in allowed
    if answer.status_code not in (404, 405):
        check_against_contract(caller.dialect, operation.method, path, answer)
    if answer.is_success and answer.headers.get("content-type") == "application/json":
        for link in links(answer.json()):
            assert caller.world.client.get(link).status_code == 200


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("dialect", ["reference", "current"])
def test_no_order_of_calls_breaks_the_emulator_or_the_contract(dialect: str) -> None:
    seen: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for seed in range(WORLDS):
        caller = world_of(dialect, seed)
        operations = [*load_contract(dialect).operations]
        caller.chooser.shuffle(operations)
        # What deletes comes in the second round only, or there would be nothing left to call.
        rounds = [*(each for each in operations if not deletes(each)), *operations]
        for operation in rounds:
            path, answer = caller.call(operation)
            seen[operation.key][answer.status_code] += 1
            try:
                check(caller, operation, path, answer)
            except Exception as wrong:
                last = "\n".join(caller.log[-5:])
                text = f"{answer.status_code} {answer.text[:500]}\n{last}\n{caller.world.emulator.switches}"
                raise AssertionError(text) from wrong
            caller.world.clock.move(seconds=caller.chooser.choice([0, 0.01, 1, 5]))
        caller.world.close()
    sometimes = {each for operations in UNSERVED[caller.dialect].values() for each in operations}
    never = [key for key, statuses in seen.items() if not any(status < 300 for status in statuses)]
    assert set(never) <= sometimes

"""Any sequence of calls leaves what a plain dict would hold, whichever Store it went through."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.state.model import Binding, Intent, State
from tests.state.samples import MemoryPlace, SqlitePlace, a_binding, bindings, intents, states, values, written

few = st.sampled_from([Address("Directory", "a"), Address("Directory", "b"), Address("FileSet", "s", 'x"]')])


class _Calls(RuleBasedStateMachine):
    """Calls to a Store, and what a dict makes of them."""

    place: Any

    def __init__(self) -> None:
        super().__init__()
        self.bindings: dict[Address, Binding] = {}
        self.intents: dict[int, Intent] = {}
        self.open()

    def open(self) -> None:
        self.store = self.place.another()
        self.lock = self.store.lock("test")
        self.lock.__enter__()

    @rule()
    def reopen(self) -> None:
        self.lock.__exit__(None, None, None)
        self.store.close()
        self.open()

    @rule(binding=bindings, address=few, needs=st.lists(few, max_size=2).map(tuple), number=st.integers(0, 3))
    def record(self, binding: Binding, address: Address, needs: tuple[Address, ...], number: int) -> None:
        binding = replace(binding, address=address, needs=needs)
        intent = self.intents.pop(number, None)
        self.store.record(binding, intent)
        self.bindings[address] = binding

    @rule(address=few, number=st.integers(0, 3))
    def forget(self, address: Address, number: int) -> None:
        self.store.forget(address, self.intents.pop(number, None))
        self.bindings.pop(address, None)

    @rule(intent=intents, address=few)
    def begin(self, intent: Intent, address: Address) -> None:
        begun = self.store.begin(replace(intent, address=address))
        assert begun.number not in self.intents
        self.intents[begun.number] = begun

    @rule(old=few, new=few)
    def rename(self, old: Address, new: Address) -> None:
        if old not in self.bindings or new in self.bindings:
            with pytest.raises(DiagnosticError):
                self.store.rename(old, new)
            return
        self.store.rename(old, new)

        def renamed(address: Address) -> Address:
            return new if address == old else address

        self.bindings = {
            renamed(a): replace(b, address=renamed(a), needs=tuple(map(renamed, b.needs)))
            for a, b in self.bindings.items()
        }
        self.intents = {n: replace(i, address=renamed(i.address)) for n, i in self.intents.items()}

    @invariant()
    def loads_what_the_dict_holds(self) -> None:
        state = self.store.load()
        assert state.bindings == self.bindings
        assert state.intents == tuple(self.intents[number] for number in sorted(self.intents))

    def teardown(self) -> None:
        self.lock.__exit__(None, None, None)
        self.store.close()


class _SqliteCalls(_Calls):
    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.place = SqlitePlace(Path(self.folder.name))
        super().__init__()

    def teardown(self) -> None:
        super().teardown()
        self.place.close()
        self.folder.cleanup()


class _MemoryCalls(_Calls):
    def __init__(self) -> None:
        self.place = MemoryPlace()
        super().__init__()


calm = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
TestSqliteCalls = _SqliteCalls.TestCase
TestSqliteCalls.settings = calm
TestMemoryCalls = _MemoryCalls.TestCase
TestMemoryCalls.settings = calm


@pytest.mark.parametrize("kind", ["sqlite", "memory"])
@given(state=states)
@settings(max_examples=40)
def test_any_state_can_be_put_in_place_and_comes_back(kind: str, state: State) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place: Any = SqlitePlace(Path(folder)) if kind == "sqlite" else MemoryPlace()
        with written(place.another()) as store:
            store.replace_all(state)
            assert store.load() == replace(state, serial=state.serial + 1, lineage=store.load().lineage)
        place.close()


@given(value=values)
def test_json_values_keep_their_types(value: Any) -> None:
    place = MemoryPlace()
    with written(place.another()) as store:
        store.record(a_binding(fields={"value": value}))
        kept = store.load().bindings[a_binding().address].fields["value"]
    assert repr(kept) == repr(value)

"""What every Store promises: the same tests over each of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.core.secret import Secret
from llamasync.state.model import Intent, Outline, State
from llamasync.state.store import Store
from tests.state.samples import (
    DIRECTORY,
    MemoryPlace,
    SqlitePlace,
    a_binding,
    a_file,
    an_intent,
    file_address,
    written,
)

Place = SqlitePlace | MemoryPlace


@pytest.fixture(params=["sqlite", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = SqlitePlace(tmp_path) if request.param == "sqlite" else MemoryPlace()
    yield place
    place.close()


@pytest.fixture
def store(place: Place) -> Store:
    return place.another()


def code_of(error: pytest.ExceptionInfo[DiagnosticError]) -> str:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code


def test_state_that_does_not_exist_is_empty(store: Store) -> None:
    assert store.load() == State()
    assert store.lock_owner() is None
    assert store.force_unlock() is None


def test_bindings_that_are_not_kept_are_left_out(place: Place, store: Store) -> None:
    many = [replace(a_file(), address=Address("FileSet", "many", f"{number:04}")) for number in range(1100)]
    with written(store):
        for one in (a_binding(), *many):
            store.record(one)
    found = place.another().load(lambda binding: binding.address.item in ("", "0001", "1099"))
    assert [one.item for one in found.bindings] == ["", "0001", "1099"]
    assert found.lineage == store.load().lineage


def test_everything_of_a_binding_comes_back(place: Place, store: Store) -> None:
    with written(store):
        store.record(a_file())
        store.record(a_binding())
    assert place.another().load().bindings == {DIRECTORY: a_binding(), file_address(): a_file()}


def test_the_outline_is_that_of_what_is_loaded(place: Place, store: Store) -> None:
    assert store.outline() == State().outline == Outline()
    with written(store):
        store.claim("prj-1", "http://here")
        store.record(a_file())
        store.record(a_file("b"))
        store.record(a_binding())
    outline = place.another().outline()
    assert outline == place.another().load().outline
    assert outline.project_id == "prj-1"
    assert outline.places == {(one.collection, one.parent_id) for one in (a_file(), a_binding())}


def test_bindings_are_sorted_by_address(store: Store) -> None:
    with written(store):
        for item in ("ä", "b", "B", "a"):
            store.record(a_file(item))
    assert [address.item for address in store.load().bindings] == ["B", "a", "b", "ä"]


def test_record_replaces_what_was_there(store: Store) -> None:
    with written(store):
        store.record(a_file(size_bytes=1))
        store.record(a_file(size_bytes=2))
    assert store.load().bindings == {file_address(): a_file(size_bytes=2)}


def test_begin_numbers_each_intent_and_keeps_it_until_it_is_recorded(store: Store) -> None:
    with written(store):
        first, second = store.begin(an_intent(number=77)), store.begin(an_intent(digest="sha256:1"))
        assert 0 < first.number < second.number
        assert store.load().intents == (first, second)
        store.record(a_binding(), first)
        assert store.load().intents == (second,)
        store.forget(DIRECTORY, second)
        assert store.load() == replace(store.load(), intents=(), bindings={})


def test_what_is_recorded_later_is_there_when_a_later_call_returns(place: Place, store: Store) -> None:
    with written(store):
        first = store.begin(an_intent())
        store.record_later(a_binding(), first)
        second = store.begin(an_intent(digest="sha256:1"))
        assert place.another().load().bindings == {DIRECTORY: a_binding()}
        assert place.another().load().intents == (second,)
        store.record_later(a_file(), second)
        store.flush()
        assert place.another().load().bindings == {DIRECTORY: a_binding(), file_address(): a_file()}
        assert place.another().load().intents == ()


def test_what_cannot_be_recorded_later_is_told_at_the_latest_by_a_flush(place: Place, store: Store) -> None:
    def record(intent: Intent) -> None:
        store.record_later(a_binding(), intent)
        store.flush()

    with store.lock("apply"):
        intent = store.begin(an_intent())
        place.another().force_unlock()
        with pytest.raises(DiagnosticError) as error:
            record(intent)
        assert code_of(error) == "LS504"
    assert store.load().intents == (intent,), "by which the object is found again"


def test_numbers_of_intents_are_never_given_twice(place: Place, store: Store) -> None:
    with written(store):
        first = store.begin(an_intent())
        store.close_intent(first)
        store.close_intent(first)
    with written(place.another()) as again:
        assert again.begin(an_intent()).number > first.number


def test_forgetting_what_is_unknown_is_no_problem(store: Store) -> None:
    with written(store):
        store.forget(DIRECTORY)
    assert store.load().bindings == {}


def test_rename_moves_the_binding_what_needs_it_and_its_intents(store: Store) -> None:
    new = Address("Directory", "agreements")
    other = Address("Directory", "other")
    with written(store):
        store.record(a_binding())
        store.record(a_file(needs=(other, DIRECTORY)))
        intent = store.begin(an_intent())
        kept = store.begin(an_intent(other))
        store.rename(DIRECTORY, new)
    state = store.load()
    assert state.bindings == {new: a_binding(new), file_address(): a_file(needs=(other, new))}
    assert state.intents == (replace(intent, address=new), kept)


def test_rename_of_an_unknown_address_is_refused(store: Store) -> None:
    with written(store), pytest.raises(DiagnosticError) as error:
        store.rename(DIRECTORY, Address("Directory", "new"))
    assert code_of(error) == "LS505"


def test_rename_to_an_address_that_exists_is_refused_and_changes_nothing(store: Store) -> None:
    with written(store):
        store.record(a_binding())
        store.record(a_file())
        with pytest.raises(DiagnosticError) as error:
            store.rename(DIRECTORY, file_address())
    assert code_of(error) == "LS506"
    assert store.load().bindings == {DIRECTORY: a_binding(), file_address(): a_file()}


def test_claim_is_remembered_and_another_project_is_refused(store: Store) -> None:
    with written(store):
        store.claim("p-1", "https://one.example")
        store.claim("p-1", "https://two.example")
        with pytest.raises(DiagnosticError) as error:
            store.claim("p-2", "https://one.example")
    assert code_of(error) == "LS501"
    state = store.load()
    assert (state.project_id, state.endpoint) == ("p-1", "https://two.example")


def test_lineage_is_made_at_the_first_write_and_stays(place: Place, store: Store) -> None:
    with written(store):
        assert store.load().lineage == ""
        store.record(a_binding())
        lineage = store.load().lineage
        store.record(a_file())
    with written(place.another()) as again:
        again.forget(DIRECTORY)
    assert len(lineage) == 36
    assert store.load().lineage == lineage


def test_serial_grows_with_each_write_but_not_with_the_lock_or_a_refusal(store: Store) -> None:
    with written(store):
        assert store.load().serial == 0
        for n in range(1, 4):
            store.record(a_binding())
            assert store.load().serial == n
        with pytest.raises(DiagnosticError):
            store.rename(file_address(), DIRECTORY)
    assert store.load().serial == 3


def test_replace_all_puts_a_whole_state_in_place(store: Store) -> None:
    state = State(
        bindings={DIRECTORY: a_binding()},
        intents=(an_intent(number=9),),
        project_id="p",
        endpoint="e",
        lineage="l",
        serial=41,
    )
    with written(store):
        store.record(a_file())
        store.begin(an_intent())
        store.replace_all(state)
        assert store.load() == replace(state, serial=42)
        assert store.begin(an_intent()).number > 9
        store.replace_all(State())
        assert store.load().bindings == {}
        assert store.load().serial == 44
        assert store.load().lineage not in {"", "l"}


def test_lock_tells_who_holds_it_and_is_given_back(place: Place, store: Store) -> None:
    with store.lock("apply") as owner:
        assert place.another().lock_owner() == store.lock_owner() == owner
        assert owner.command == "apply"
        assert owner.took_over is None
    assert store.lock_owner() is None
    with store.lock("apply") as again:
        assert again.token != owner.token


def test_second_lock_is_refused_and_told_of_the_first(place: Place, store: Store) -> None:
    with store.lock("apply manifests") as owner:
        for other in (place.another(), store):
            with pytest.raises(DiagnosticError) as error, other.lock("destroy"):
                pass
            assert code_of(error) == "LS504"
            (diagnostic,) = error.value.diagnostics
            assert owner.who in diagnostic.detail
            assert "`llamasync apply manifests`, less than a minute ago" in diagnostic.detail
            assert "llamasync state force-unlock" in diagnostic.hint
        assert store.lock_owner() == owner


def test_lock_is_given_back_when_the_run_fails(store: Store) -> None:
    with pytest.raises(KeyError), store.lock("apply"):
        raise KeyError
    assert store.lock_owner() is None


def test_run_whose_lock_was_forced_open_can_write_no_more(place: Place, store: Store) -> None:
    other = place.another()
    with store.lock("apply") as owner:
        store.record(a_binding())
        assert other.force_unlock() == owner
        for write in (
            lambda: store.record(a_file()),
            lambda: store.begin(an_intent()),
            lambda: store.forget(DIRECTORY),
        ):
            with pytest.raises(DiagnosticError) as error:
                write()
            assert code_of(error) == "LS504"
            assert "forced open" in error.value.diagnostics[0].detail
        with other.lock("state rm") as second:
            with pytest.raises(DiagnosticError, match=f"process {second.pid}"):
                store.record(a_file())
            other.record(a_binding(id="dir-2"))
    assert store.load().bindings == {DIRECTORY: a_binding(id="dir-2")}


def test_run_whose_lock_was_forced_open_does_not_give_back_its_successors(place: Place, store: Store) -> None:
    other = place.another()
    with store.lock("apply"):
        other.force_unlock()
        lock = other.lock("apply")
        owner = lock.__enter__()
    assert store.lock_owner() == owner
    lock.__exit__(None, None, None)
    assert store.lock_owner() is None


def test_closing_gives_the_lock_back(place: Place, store: Store) -> None:
    with store.lock("apply"):
        store.close()
        assert place.another().lock_owner() is None
    store.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.claim("p", "e"),
        lambda store: store.begin(an_intent()),
        lambda store: store.record(a_binding()),
        lambda store: store.record_later(a_binding(), an_intent()),
        lambda store: store.forget(DIRECTORY),
        lambda store: store.rename(DIRECTORY, file_address()),
        lambda store: store.close_intent(an_intent()),
        lambda store: store.replace_all(State()),
    ],
)
def test_writing_without_the_lock_is_a_bug(store: Store, write: Any) -> None:
    with pytest.raises(RuntimeError, match="without the lock"):
        write(store)
    assert store.load() == State()


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"headers": [{"authorization": Secret("hunter2")}]}},
        {"observed": {"key": Secret("hunter2")}},
        {"fields": {Secret("hunter2"): 1}},
        {"fields": {1: 1}},
        {"fields": {"at": b"bytes"}},
        {"fields": {"at": {1, 2}}},
        {"id": Secret("hunter2")},
        {"key": (Secret("hunter2"),)},
        {"address": Address("Directory", Secret("hunter2"))},  # type: ignore[arg-type]
        {"needs": (Address("Directory", Secret("hunter2")),)},  # type: ignore[arg-type]
    ],
)
def test_secret_or_anything_that_is_no_json_is_refused_before_anything_is_stored(store: Store, wrong: Any) -> None:
    with written(store):
        intent = store.begin(an_intent())
        before = store.load()
        with pytest.raises(TypeError, match="state cannot hold"):
            store.record(replace(a_binding(), **wrong), intent)
        with pytest.raises(TypeError, match="state cannot hold"):
            store.replace_all(State(bindings={DIRECTORY: replace(a_binding(), **wrong)}))
        assert store.load() == before


@pytest.mark.parametrize("wrong", [{"key": (Secret("hunter2"),)}, {"digest": Secret("hunter2")}])
def test_secret_in_an_intent_is_refused(store: Store, wrong: Any) -> None:
    with written(store):
        with pytest.raises(TypeError, match="state cannot hold a Secret"):
            store.begin(an_intent(**wrong))
        assert store.load() == State()


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"ratio": float("nan")}},
        {"fields": {"ratio": float("inf")}},
        {"fields": {"text": "\ud800"}},
        {"id": "\ud800"},
        {"size_bytes": -1},
        {"size_bytes": 2**63},
        {"size_bytes": True},
    ],
)
def test_value_that_no_file_could_hold_is_refused_before_anything_is_stored(store: Store, wrong: Any) -> None:
    with written(store):
        with pytest.raises(ValueError, match=r"state cannot hold|surrogates|size_bytes"):
            store.record(a_binding(**wrong))
        assert store.load() == State()


def test_what_a_caller_does_to_its_values_later_changes_nothing(store: Store) -> None:
    metadata: dict[str, Any] = {"team": "legal"}
    with written(store):
        store.record(a_binding(fields=MappingProxyType({"metadata": MappingProxyType(metadata), "tags": ("a",)})))
        metadata["team"] = "sales"
        store.load().bindings[DIRECTORY].fields["metadata"]["team"] = "nobody"
    assert store.load().bindings[DIRECTORY].fields == {"metadata": {"team": "legal"}, "tags": ["a"]}


def test_ten_threads_lose_nothing_and_get_their_own_answers(store: Store) -> None:
    numbers: list[int] = []
    refused: list[str] = []

    def work(worker: int) -> None:
        for n in range(100):
            item = f"{worker}/{n}"
            intent = store.begin(an_intent(file_address(item)))
            numbers.append(intent.number)
            store.record(a_file(item), intent)
            if n % 10 == 0:
                with pytest.raises(DiagnosticError) as error:
                    store.rename(file_address(f"unknown {item}"), DIRECTORY)
                refused.append(error.value.diagnostics[0].detail)

    with written(store):
        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    state = store.load()
    assert state.bindings == {file_address(f"{w}/{n}"): a_file(f"{w}/{n}") for w in range(10) for n in range(100)}
    assert state.intents == ()
    assert sorted(numbers) == list(range(1, 1001))
    assert sorted(refused) == sorted(
        f"there is no FileSet/contracts[unknown {w}/{n}]" for w in range(10) for n in range(0, 100, 10)
    )

"""The vocabulary: what its words promise."""

from __future__ import annotations

import copy
import json
import pickle
import time
from datetime import UTC, datetime
from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.core.address import Address, parse_address
from llamasync.core.clock import SYSTEM_CLOCK
from llamasync.core.codes import CODES
from llamasync.core.diagnostic import Diagnostic, DiagnosticError, Severity, has_errors
from llamasync.core.digest import canonical_json, digest
from llamasync.core.graph import depths, find_cycle, order
from llamasync.core.reference import Reference
from llamasync.core.secret import REDACTED, Secret, holds_secret, plainly, revealed, sealed, sealing_key
from llamasync.core.source import Source

NAMES = st.text(st.characters(exclude_characters="/[]", exclude_categories=("Z", "C")), min_size=1)
ITEMS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
# Acyclic: each node needs smaller ones only.
GRAPHS = (
    st.integers(1, 8)
    .flatmap(
        lambda size: st.tuples(
            *(st.sets(st.integers(0, max(0, node - 1))) if node else st.just(set()) for node in range(size))
        )
    )
    .map(lambda needs: dict(enumerate(needs)))
)


# -- addresses


@given(kind=st.from_regex(r"[A-Za-z][A-Za-z0-9]*", fullmatch=True), name=NAMES, item=st.just("") | ITEMS)
def test_address_is_read_back_from_its_text(kind: str, name: str, item: str) -> None:
    one = Address(kind, name, item)
    assert parse_address(str(one)) == one
    assert parse_address(str(one.manifest)) == Address(kind, name)


@pytest.mark.parametrize(
    "text", ["", "Directory", "Directory/", "/a", "Directory/a b", "Directory/a[]", "1/a", "A/b/c"]
)
def test_text_of_another_form_is_no_address(text: str) -> None:
    assert parse_address(text) is None


# -- references and sources


def test_reference_is_told_by_what_it_is_given_by() -> None:
    assert str(Reference("Directory", Address("Directory", "a"))) == "Directory/a"
    assert str(Reference("Directory", id="dir-1")) == "dir-1"
    assert str(Reference("Directory", name="A b")) == "Directory named 'A b'"


# -- time


def test_system_clock_tells_utc_and_waits_no_shorter_than_asked() -> None:
    assert SYSTEM_CLOCK.now().tzinfo is UTC
    assert abs((SYSTEM_CLOCK.now() - datetime.now(UTC)).total_seconds()) < 5
    before = SYSTEM_CLOCK.monotonic()
    SYSTEM_CLOCK.sleep(0.01)
    assert SYSTEM_CLOCK.monotonic() - before >= 0.009


@pytest.mark.parametrize("seconds", [0, -1])
def test_system_clock_does_not_wait_for_nothing(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    SYSTEM_CLOCK.sleep(seconds)
    assert asked == []


# -- diagnostics


def test_every_code_has_a_name_of_its_form_and_three_texts() -> None:
    assert all(len(code) == 5 and code.startswith("LS") and code[2:].isdigit() for code in CODES)
    for code in CODES.values():
        assert code.summary
        assert not code.summary.endswith(".")
        assert code.why.endswith((".", ")"))
        assert code.fix


def test_unknown_code_is_a_bug() -> None:
    with pytest.raises(ValueError, match="LS999"):
        Diagnostic("LS999")


def test_diagnostics_are_in_the_order_of_their_places() -> None:
    first = Diagnostic("LS305")
    second = Diagnostic("LS305", "b", Source("a.yaml", 2, 1))
    third = Diagnostic("LS301", "a", Source("a.yaml", 10, 1))
    assert sorted([third, second, first], key=lambda one: one.sort_key) == [first, second, third]


def test_only_errors_stop_a_stage() -> None:
    warning = Diagnostic("LS301", severity=Severity.WARNING)
    assert not has_errors([warning, Diagnostic("LS301", severity=Severity.NOTE)])
    assert has_errors((warning, Diagnostic("LS301")))


def test_diagnostic_error_tells_all_of_its_problems() -> None:
    error = DiagnosticError(Diagnostic("LS304", "one"), Diagnostic("LS310", "two"))
    assert str(error) == "LS304 the workspace is empty: one; LS310 nothing has this address, or these labels: two"
    assert [one.code for one in error.diagnostics] == ["LS304", "LS310"]


# -- digests


@given(value=JSON)
def test_canonical_json_is_json_of_the_same_value_whatever_the_order_of_keys(value: object) -> None:
    assert json.loads(canonical_json(value)) == value
    if isinstance(value, dict):
        assert digest(dict(reversed(value.items()))) == digest(value)
    assert digest([value]) != digest(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_number_that_json_has_not_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest(value)


def test_what_json_cannot_hold_has_no_digest() -> None:
    with pytest.raises(TypeError):
        digest(Secret("a"))


# -- secrets


@given(text=st.text())
def test_secret_shows_its_text_to_nobody(text: str) -> None:
    secret = Secret(text)
    assert {str(secret), repr(secret), f"{secret}", f"{secret!r:s}"} == {REDACTED}
    assert str([secret]) == f"[{REDACTED}]"
    assert secret.reveal() == text


def test_secrets_are_equal_by_text_and_to_nothing_else() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_digest_of_a_secret_hangs_on_the_key() -> None:
    assert Secret("a").digest(b"k") == Secret("a").digest(b"k")
    assert Secret("a").digest(b"k") != Secret("a").digest(b"other")
    assert Secret("a").digest(b"k") != Secret("b").digest(b"k")
    assert Secret("a").digest(b"k").startswith("hmac-sha256:")


@pytest.mark.parametrize("leave", [pickle.dumps, copy.deepcopy, json.dumps], ids=["pickle", "deepcopy", "json"])
def test_secret_leaves_by_no_other_door(leave: object) -> None:
    with pytest.raises(TypeError):
        leave(Secret("a"))  # type: ignore[operator]


# -- graphs


@given(needs=GRAPHS)
def test_order_puts_each_node_after_all_that_it_needs(needs: dict[int, set[int]]) -> None:
    found = order(needs)
    assert sorted(found) == sorted(needs)
    for node, wanted in needs.items():
        assert all(found.index(need) < found.index(node) for need in wanted)
    assert find_cycle(needs) == ()


@given(needs=GRAPHS)
def test_depth_is_the_longest_chain_that_waits(needs: dict[int, set[int]]) -> None:
    found = depths(needs)
    for node in needs:
        waiting = [other for other, wanted in needs.items() if node in wanted]
        assert found[node] == max((found[other] + 1 for other in waiting), default=0)
    assert list(found.values()) == sorted(found.values(), reverse=True)


@given(needs=GRAPHS, pair=st.tuples(st.integers(0, 7), st.integers(0, 7)))
def test_circle_that_is_found_is_one(needs: dict[int, set[int]], pair: tuple[int, int]) -> None:
    low, high = min(pair), max(pair)
    graph = {**needs, low: {*needs.get(low, set()), high}, high: {*needs.get(high, set()), low}}
    circle = find_cycle(graph)
    assert len(circle) == len(set(circle)) > 0
    around = list(zip(circle, (*circle[1:], circle[0]), strict=True))
    assert all(b in graph[a] for a, b in around) or all(a in graph[b] for a, b in around)
    for function in (order, depths):
        with pytest.raises(CycleError):
            function(graph)


# -- secrets inside of values


def test_secrets_are_found_sealed_shown_and_revealed_at_any_depth() -> None:
    value = {"a": [Secret("x"), ("b", {"c": Secret("y", "<(secret)>")})], "d": 1}
    assert holds_secret(value)
    assert not holds_secret({"a": ["x", ("b",)]})
    assert plainly(value) == {"a": ["(secret)", ["b", {"c": "<(secret)>"}]], "d": 1}
    assert revealed(value) == {"a": ["x", ["b", {"c": "y"}]], "d": 1}
    key = sealing_key("lineage")
    assert sealed(value, key)["a"][0] == Secret("x").digest(key)
    assert sealed(value, b"") == plainly(value), "without a key there is no digest"


def test_sealing_key_hangs_on_the_lineage_and_there_is_none_without() -> None:
    assert sealing_key("") == b""
    assert len({sealing_key("a"), sealing_key("b"), b""}) == 3


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("x", "(secret)", "x"),
        ("https://me@h/", "https://(secret)@h/", "me"),
        ("https://me@h/", "https://other/(secret)", "https://me@h/"),
        ("x", "no mark at all", "x"),
    ],
)
def test_hidden_part_of_a_secret_is_what_is_not_shown(text: str, shown: str, hidden: str) -> None:
    assert Secret(text, shown).hidden() == hidden

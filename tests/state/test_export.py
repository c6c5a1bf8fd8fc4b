"""State as JSON text: equal states are equal texts, and every damage is named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.core.secret import Secret
from llamasync.state.export import state_from_json, state_to_json
from llamasync.state.model import State
from tests.state.samples import DIRECTORY, a_binding, a_file, an_intent, file_address, states

STATE = State(
    bindings={file_address(): a_file(), DIRECTORY: a_binding()},
    intents=(an_intent(number=4, digest="sha256:ab"),),
    project_id="p-1",
    endpoint="https://api.example",
    lineage="8a4f",
    serial=7,
)
TEXT = """\
{
  "bindings": [
    {
      "address": "Directory/contracts",
      "collection": "directories",
      "id": "dir-1",
      "key": [
        "contracts"
      ]
    }
  ],
  "endpoint": "https://api.example",
  "format_version": 1,
  "intents": [
    {
      "address": "Directory/contracts",
      "collection": "directories",
      "digest": "sha256:ab",
      "key": [
        "contracts"
      ],
      "number": 4
    }
  ],
  "lineage": "8a4f",
  "project_id": "p-1",
  "serial": 7
}
"""


def damaged(**changes: Any) -> str:
    return json.dumps({**json.loads(state_to_json(STATE)), **changes})


def binding_json(**changes: Any) -> dict[str, Any]:
    item = {"address": "Directory/x", "collection": "directories", "id": "d", "key": [], **changes}
    return {name: value for name, value in item.items() if value is not ...}


def problems_of(text: str, code: str = "LS502") -> list[str]:
    with pytest.raises(DiagnosticError) as error:
        state_from_json(text)
    assert {diagnostic.code for diagnostic in error.value.diagnostics} == {code}
    return [diagnostic.detail for diagnostic in error.value.diagnostics]


def test_text_is_stable_and_leaves_out_what_has_its_default() -> None:
    assert state_to_json(replace(STATE, bindings={DIRECTORY: a_binding()})) == TEXT


def test_order_of_bindings_and_intents_does_not_matter() -> None:
    other = replace(STATE, bindings=dict(reversed(STATE.bindings.items())))
    assert state_to_json(other) == state_to_json(STATE)
    two = (an_intent(number=1), an_intent(number=2))
    assert state_to_json(State(intents=two)) == state_to_json(State(intents=two[::-1]))


def test_state_comes_back_sorted() -> None:
    back = state_from_json(state_to_json(STATE))
    assert back == STATE
    assert list(back.bindings) == sorted(STATE.bindings)


@given(state=states)
def test_any_state_comes_back(state: State) -> None:
    text = state_to_json(state)
    back = state_from_json(text)
    assert back == state
    assert state_to_json(back) == text


def test_address_whose_text_means_another_is_written_in_parts() -> None:
    tricky = Address("FileSet", "a[b]")
    state = State(bindings={tricky: a_binding(tricky, needs=(tricky, DIRECTORY))})
    text = state_to_json(state)
    assert '"Directory/contracts"' in text
    assert state_from_json(text) == state


@pytest.mark.parametrize("wrong", [{"fields": {"key": Secret("hunter2")}}, {"id": Secret("hunter2")}])
def test_secret_is_not_written(wrong: Any) -> None:
    with pytest.raises(TypeError, match="Secret"):
        state_to_json(State(bindings={DIRECTORY: a_binding(**wrong)}))


def test_text_that_no_file_could_hold_is_not_written() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        state_to_json(State(endpoint="\ud800"))


def test_later_format_is_told_apart_from_damage() -> None:
    assert problems_of(damaged(format_version=2, bindings="another shape"), "LS503") == [
        "it has format 2; this llamasync knows formats up to 1"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not JSON: Expecting value"),
        ("bindings: []", "it is not JSON: Expecting value"),
        (TEXT[:200], "it is not JSON: "),
        ('{"serial": NaN}', "it is not JSON: NaN is not JSON"),
        ('{"serial": 1, "serial": 2}', "it is not JSON: the key 'serial' is there twice"),
        ("[" * 100_000, "it is nested too deep"),
        ("[]", "it is not a JSON object"),
    ],
)
def test_text_that_is_no_json_object_is_damaged(text: str, problem: str) -> None:
    (detail,) = problems_of(text)
    assert detail.startswith(problem)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"format_version": "1"}, ["format_version is not 1"]),
        ({"format_version": 0}, ["format_version is not 1"]),
        ({"serial": -1}, ["serial is not a number that counts something"]),
        ({"serial": True}, ["serial is not a number that counts something"]),
        ({"lineage": None}, ["lineage is not a text"]),
        ({"resources": []}, ["resources is not known"]),
        ({"bindings": {}, "intents": 3}, ["bindings is not a list", "intents is not a list"]),
        ({"bindings": [3]}, ["bindings[0] is not an object"]),
        ({"bindings": [binding_json(id=..., key=...)]}, ["bindings[0].id is missing", "bindings[0].key is missing"]),
        ({"bindings": [binding_json(iid="d")]}, ["bindings[0].iid is not known"]),
        ({"bindings": [binding_json(address="x")]}, ["bindings[0].address is not an address"]),
        ({"bindings": [binding_json(address=["a", "b"])]}, ["bindings[0].address is not a text"]),
        ({"bindings": [binding_json(address=["a", "b", 3])]}, ["bindings[0].address is not a text"]),
        ({"bindings": [binding_json(needs=["x"])]}, ["bindings[0].needs is not an address"]),
        ({"bindings": [binding_json(key=[1])]}, ["bindings[0].key is not a text"]),
        ({"bindings": [binding_json(fields=[])]}, ["bindings[0].fields is not an object"]),
        ({"bindings": [binding_json(protect=1)]}, ["bindings[0].protect is not true or false"]),
        (
            {"bindings": [binding_json(size_bytes=1.5)]},
            ["bindings[0].size_bytes is not a number that counts something"],
        ),
        ({"bindings": [binding_json()] * 3}, ["bindings: Directory/x is there 3 times"]),
        ({"intents": [binding_json(id=...)]}, ["intents[0].number is missing"]),
        (
            {"intents": [binding_json(id=..., number=1)] * 2, "project_id": 4},
            ["project_id is not a text", "intents: 1 is there 2 times"],
        ),
    ],
)
def test_every_damage_is_named(changes: dict[str, Any], problems: list[str]) -> None:
    assert sorted(problems_of(damaged(**changes))) == sorted(problems)


def test_value_that_cannot_be_stored_is_named() -> None:
    (detail,) = problems_of(
        damaged(bindings=[binding_json(fields={"ratio": 1})]).replace('"ratio": 1', '"ratio": 1e999')
    )
    assert detail == "bindings[0]: state cannot hold inf"
    (detail,) = problems_of(damaged(bindings=[binding_json(id="\ud800")]))
    assert "surrogates" in detail


def test_missing_parts_of_the_document_are_named() -> None:
    assert problems_of("{}") == [
        f"{name} is missing"
        for name in ("bindings", "endpoint", "format_version", "intents", "lineage", "project_id", "serial")
    ]

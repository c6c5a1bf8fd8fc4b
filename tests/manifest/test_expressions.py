from __future__ import annotations

from typing import Any

import pytest

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.manifest.expressions import Expansion, Scope
from llamasync.manifest.yaml_events import load_documents

SCOPE = Scope(env={"A": "one", "EMPTY": ""}, variables={"n": 5, "flag": True, "list": [1], "team": "legal"})


def expand(text: str, scope: Scope = SCOPE) -> tuple[Any, list[Diagnostic], set[Any]]:
    [document], problems = load_documents(text, "a.yaml")
    assert not problems
    expansion = Expansion(document, scope)
    return expansion.expand(document.data), expansion.problems, expansion.placeholders


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${env:A}", "one"),
        ("x-${env:A}-${var:team}", "x-one-legal"),
        ("${env:MISSING:-two}", "two"),
        ("${env:EMPTY:-two}", "two"),
        ("${env:EMPTY}", ""),
        ("${env:MISSING:-}", ""),
        ("${env:A:-two}", "one"),
        ("$${env:A}", "${env:A}"),
        ("$$${env:A}", "$${env:A}"),
        ("{path} $5 {}", "{path} $5 {}"),
        ("n=${var:n} ${var:flag}", "n=5 true"),
    ],
)
def test_expressions_become_their_values(written: str, value: str) -> None:
    data, problems, _ = expand(f"a: '{written}'")
    assert data == {"a": value}
    assert not problems


def test_a_text_that_is_one_variable_takes_its_type() -> None:
    data, problems, _ = expand("a: ${var:n}\nb: ['${var:flag}']\nc: {d: '${var:list}'}")
    assert data == {"a": 5, "b": [True], "c": {"d": [1]}}
    assert not problems


def test_keys_and_other_values_are_left_alone() -> None:
    assert expand("'${env:A}': 1\nb: [null, 2.5, true]")[0] == {"${env:A}": 1, "b": [None, 2.5, True]}


def test_missing_variables_are_told_at_their_place_inside_of_the_text() -> None:
    text = 'a:\n  b: "x ${env:NOPE} ${var:tem} ${env:NOPE}"\n'
    _, problems, _ = expand(text)
    told = [(one.code, str(one.source), one.field) for one in problems]
    assert told == [
        ("LS110", "a.yaml:2:9", "a.b"),
        ("LS111", "a.yaml:2:21", "a.b"),
        ("LS110", "a.yaml:2:32", "a.b"),
    ]
    assert problems[0].severity is Severity.ERROR
    assert "did you mean ${var:team}?" in problems[1].hint


def test_places_inside_of_block_texts_are_exact() -> None:
    _, problems, _ = expand("a: |\n  first\n  second ${env:NOPE}\n")
    assert str(problems[0].source) == "a.yaml:3:10"


def test_a_text_written_with_escapes_is_told_at_its_start() -> None:
    _, problems, _ = expand('a: "\\u0024{env:NOPE}"')
    assert str(problems[0].source) == "a.yaml:1:4"


def test_without_require_env_a_missing_one_is_a_warning_and_a_placeholder() -> None:
    data, problems, placeholders = expand("a: {b: ['x ${env:NOPE}']}", Scope(env={}, require_env=False))
    assert data == {"a": {"b": ["x ${env:NOPE}"]}}
    assert [one.severity for one in problems] == [Severity.WARNING]
    assert placeholders == {("a", "b", 0)}


def test_without_require_env_an_unknown_variable_is_still_an_error() -> None:
    _, problems, _ = expand("a: ${var:x}", Scope(env={}, require_env=False))
    assert [(one.code, one.severity) for one in problems] == [("LS111", Severity.ERROR)]


@pytest.mark.parametrize(
    "written", ["${A}", "${env:}", "${env:1A}", "${env:A", "${}", "${env:A:?x}", "${env:X:-${env:A}}", "${ env:A }"]
)
def test_malformed_expressions_are_errors(written: str) -> None:
    _, problems, _ = expand(f"a: '{written}'")
    assert problems[0].code == "LS116"
    assert str(problems[0].source) == "a.yaml:1:5"


def test_a_list_inside_of_a_text_is_an_error() -> None:
    _, problems, placeholders = expand("a: 'x${var:list}'")
    assert [one.code for one in problems] == ["LS116"]
    assert placeholders == {("a",)}

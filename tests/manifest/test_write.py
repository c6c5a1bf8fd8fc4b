"""Whatever JSON can hold is written as YAML that every reader takes for the same."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from llamasync.manifest.expressions import Expansion, Scope
from llamasync.manifest.write import escape_expressions, is_writable, render_documents
from llamasync.manifest.yaml_events import load_documents

TRAPS = (
    *(
        "on",
        "No",
        "y",
        "~",
        "null",
        "True",
        "1_0",
        "0o17",
        "017",
        "12:30:00",
        "2024-01-01",
        "1e3",
        ".5",
        ".inf",
        "0x1F",
    ),
    *(
        "---",
        "...",
        "<<",
        "=",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "!a",
        "&a",
        "*a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "[",
        "{",
        "",
    ),
    *(
        "x\n",
        "x\n\n",
        "a\n\nb\n",
        " a\nb",
        "a \nb",
        "a\n b",
        "\n",
        "\ta",
        "a\tb",
        "k" * 1500,
        "\x85",
        "\u2028",
        "\ufeff",
    ),
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.sampled_from("ab \n:#-'\"{}[]&*!|>%@`,?~.0123456789eExXonyN$\t\0\\/<=")),
    st.sampled_from(TRAPS),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**290), 10**290), st.floats(allow_nan=False, allow_infinity=False), texts
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@given(st.lists(values, min_size=1, max_size=3))
def test_what_is_written_is_read_again(documents: list[Any]) -> None:
    text = render_documents(documents, ["from nowhere"])
    read, problems = load_documents(text, "x.yaml")
    assert problems == []
    assert [one.data for one in read] == documents


@given(st.lists(values, min_size=1, max_size=3))
def test_readers_of_yaml_1_1_take_it_for_the_same(documents: list[Any]) -> None:
    assert list(yaml.safe_load_all(render_documents(documents))) == documents


@pytest.mark.parametrize("trap", TRAPS)
def test_texts_that_look_like_something_else_stay_texts_as_values_and_as_keys(trap: str) -> None:
    document = {"value": trap, "list": [trap], trap: "key"}
    assert load_documents(render_documents([document]), "x.yaml")[0][0].data == document


@given(texts)
def test_an_escaped_text_holds_no_expression(text: str) -> None:
    document = load_documents(render_documents([{"spec": escape_expressions(text)}]), "x.yaml")[0][0]
    expansion = Expansion(document, Scope(env={}))
    assert expansion.expand(document.data) == {"spec": text}
    assert expansion.problems == []


def test_ordinary_texts_are_not_quoted_and_long_ones_stand_in_blocks() -> None:
    document = {"name": "Contracts 2024 (old)", "source": "../files/a", "text": "One line.\n\nAnother: line.\n"}
    assert render_documents([document]) == (
        "name: Contracts 2024 (old)\nsource: ../files/a\ntext: |\n  One line.\n\n  Another: line.\n"
    )


def test_a_header_cannot_break_out_of_its_comment() -> None:
    assert render_documents([{}], ["a\nb: c"]) == "# ab: c\n{}\n"


def test_half_of_a_surrogate_pair_cannot_be_written() -> None:
    assert not is_writable({"a": [{"\udc00": 1}]})
    assert is_writable({"a": ["\U0001f600", 1, None]})

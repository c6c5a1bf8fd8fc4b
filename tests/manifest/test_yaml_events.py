from __future__ import annotations

import gc
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.manifest import yaml_events
from llamasync.manifest.document import Document, find
from llamasync.manifest.yaml_events import collector_paused, load_documents


def read(text: str) -> Document:
    documents, problems = load_documents(text, "a.yaml")
    assert not problems
    assert len(documents) == 1
    return documents[0]


def problems_of(text: str) -> list[tuple[str, str, int, int]]:
    found = load_documents(text, "a.yaml")[1]
    return [(one.code, one.detail, one.source.line, one.source.column) for one in found if one.source]


def only_problem(text: str) -> Diagnostic:
    [problem] = load_documents(text, "a.yaml")[1]
    return problem


@pytest.fixture(params=["libyaml", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pure":
        monkeypatch.setattr(yaml_events, "_PARSER", yaml.SafeLoader)
    name: str = request.param
    return name


@pytest.mark.parametrize(
    "text",
    ["on", "yes", "No", "True", "017", "12:30:00", "1_000", ".5", "0x10", "2024-01-01", "+1", "1.", "-a", ".inf"],
)
def test_what_json_does_not_know_stays_a_text(text: str) -> None:
    assert read(f"a: {text}").data == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("true", True), ("false", False), ("null", None), ("~", None), ("", None)],
        *[("0", 0), ("-12", -12), ("1.50", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25)],
    ],
)
def test_json_scalars_are_what_they_are(text: str, value: object) -> None:
    found = read(f"a: {text}").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_a_number_too_large_for_json_stays_a_text() -> None:
    assert read("a: 1e999").data == {"a": "1e999"}
    assert read("a: " + "9" * 400).data == {"a": "9" * 400}


def test_quoted_scalars_are_texts() -> None:
    assert read("a: \"5\"\nb: 'true'\nc: |\n  null\n").data == {"a": "5", "b": "true", "c": "null\n"}


def test_keys_are_texts_as_written() -> None:
    assert read("1: a\ntrue: b\nnull: c\n2024-01-01: d\n").data == {
        "1": "a",
        "true": "b",
        "null": "c",
        "2024-01-01": "d",
    }


def test_every_value_and_key_keeps_its_place(parser: str) -> None:
    document = read("# comment\nspec:\n  include: [a,\n    'b']\n  é: {x: 1}\n")
    assert document.place(("spec", "include", 1)) == Source("a.yaml", 4, 5)
    assert document.place(("spec",), "include") == Source("a.yaml", 3, 3)
    assert document.place(("spec", "é", "x")) == Source("a.yaml", 5, 10)
    assert document.place(("spec", "é", "missing")) == Source("a.yaml", 5, 6)
    assert document.place(("spec", "include", 9)) == Source("a.yaml", 3, 12)


def test_one_file_holds_several_documents() -> None:
    documents, problems = load_documents("a: 1\n---\nb: 2\n---\n---\nc: 3\n", "a.yaml")
    assert not problems
    assert [one.data for one in documents] == [{"a": 1}, {"b": 2}, None, {"c": 3}]
    assert documents[3].place() == Source("a.yaml", 6, 1)


def test_anchors_do_not_reach_the_next_document() -> None:
    assert problems_of("a: &x 1\n---\nb: *x\n") == [("LS101", "no `&x` stands before this `*x`", 3, 4)]


def test_duplicate_key_tells_both_places_and_hides_no_other() -> None:
    documents, problems = load_documents("a: 1\nb: {c: 1, c: 2}\na: 3\n", "a.yaml")
    assert [(one.code, str(one.source)) for one in problems] == [("LS102", "a.yaml:2:11"), ("LS102", "a.yaml:3:1")]
    assert "a.yaml:1:1" in problems[1].hint
    assert not documents[0].broken


def test_merge_keys_give_what_is_not_there_already() -> None:
    text = "base: &b {x: 1, y: 1}\nmore: &m {y: 2, z: 2}\none: {y: 0, <<: *b}\ntwo:\n  <<: [*b, *m]\n"
    document = read(text)
    assert document.data["one"] == {"y": 0, "x": 1}
    assert document.data["two"] == {"x": 1, "y": 1, "z": 2}
    assert document.place(("one", "x")) == Source("a.yaml", 1, 14)
    assert document.place(("two",), "z") == Source("a.yaml", 2, 17)


def test_quoted_merge_key_is_an_ordinary_key() -> None:
    assert read('"<<": {a: 1}').data == {"<<": {"a": 1}}


def test_merge_of_something_else_than_a_map_is_an_error() -> None:
    assert problems_of("a: 1\n<<: [1]\n") == [("LS101", "`<<` takes a map, or a list of maps", 2, 1)]


def test_aliases_share_values_and_keys_can_be_anchored() -> None:
    assert read("&k key: &v [1, 2]\nb: *v\nc: *k\n").data == {"key": [1, 2], "b": [1, 2], "c": "key"}


def test_alias_inside_of_itself_is_an_error() -> None:
    assert problems_of("a: &x [*x]") == [("LS101", "no `&x` stands before this `*x`", 1, 8)]


def test_alias_bomb_is_one_error_and_stays_small() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    documents, problems = load_documents("\n".join(lines), "a.yaml")
    assert [one.code for one in problems] == ["LS101"]
    assert "100,000" in problems[0].detail
    assert len(json.dumps(documents[0].data)) < 5_000_000


@pytest.mark.parametrize("depth", [150, 5000])
def test_deep_nesting_is_an_error_with_a_place(depth: int) -> None:
    found = problems_of("[" * depth + "{a: 1}" + "]" * depth) if depth < 1000 else problems_of("[" * depth)
    assert found[0][:1] + found[0][2:] == ("LS101", 1, 101)
    assert read("[" * 99 + "]" * 99).data


def test_documents_before_a_syntax_error_are_kept(parser: str) -> None:
    documents, problems = load_documents("a: 1\n---\nb: 2\n---\nc: d: e\n", "a.yaml")
    assert [one.data for one in documents] == [{"a": 1}, {"b": 2}]
    assert [(one.code, one.source) for one in problems] == [("LS101", Source("a.yaml", 5, 5))]
    assert "quotes" in problems[0].hint


def test_tabs_get_a_hint(parser: str) -> None:
    problem = only_problem("a:\n\tb: 1\n")
    assert problem.code == "LS101"
    assert problem.source is not None
    assert problem.source.line == 2
    assert "tabs" in problem.hint


def test_control_characters_are_told_with_their_place(parser: str) -> None:
    problem = only_problem("é: 1\nü: a\x07b\n")
    assert (problem.code, problem.detail) == ("LS101", "the control character U+0007 is not allowed")
    assert problem.source == Source("a.yaml", 2, 5)


@pytest.mark.parametrize("text", ["a: !foo 1", "a: !!timestamp 2024-01-01", "a: !!int x", "a: !!binary aGk="])
def test_tags_that_json_has_no_value_for_are_errors(text: str) -> None:
    [found] = problems_of(text)
    assert found[0] == "LS101"
    assert found[2:] == (1, 4)


@pytest.mark.parametrize("text", ["a: !bar [1]", "a: !!set {a: 1}"])
def test_tags_on_containers_are_errors(text: str) -> None:
    assert problems_of(text)[0][2:] == (1, 4)


def test_tags_that_fit_are_taken() -> None:
    assert read("a: !!str 5\nb: !!int 5\nc: !!map {}\nd: !!seq []\ne: !!float 1\nf: ! x\ng: !!null ''\n").data == {
        "a": "5", "b": 5, "c": {}, "d": [], "e": 1, "f": "x", "g": None,
    }  # fmt: skip


def test_a_key_that_is_no_text_is_an_error_and_reading_goes_on() -> None:
    documents, problems = load_documents("? [a, b]\n: 1\nc: !x 2\n", "a.yaml")
    assert problems[0].detail == "a key must be a text"
    assert len(problems) == 2
    assert documents[0].data == {"c": None}
    assert documents[0].broken


def test_line_ends_of_windows_are_read(parser: str) -> None:
    document = read("a: 1\r\nb:\r\n  c: x\r\n")
    assert document.data == {"a": 1, "b": {"c": "x"}}
    assert document.place(("b", "c")) == Source("a.yaml", 3, 6)


def test_empty_text_has_no_documents(parser: str) -> None:
    assert load_documents("", "a.yaml") == ([], [])
    assert load_documents("# nothing\n", "a.yaml") == ([], [])


def test_the_collector_is_off_while_loading_and_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    frozen = gc.get_freeze_count()
    monkeypatch.setattr(yaml_events, "MANY_OBJECTS", 10)
    with collector_paused():
        kept = [[] for _ in range(5000)]
    assert gc.get_freeze_count() > frozen
    assert kept
    gc.unfreeze()


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


def writable(data: object) -> bool:
    return all(ch.isprintable() or ch in "\n\t" for ch in json.dumps(data, ensure_ascii=False))


@given(DATA.filter(writable), st.booleans())
def test_loader_agrees_with_safe_loader_on_json_data(data: object, flow: bool) -> None:
    text = json.dumps(data, ensure_ascii=False) if flow else yaml.safe_dump(data, allow_unicode=True)
    documents, problems = load_documents(text, "a.yaml")
    assert not problems
    if flow:
        assert documents[0].data == data
    else:
        expected = yaml.load(text, yaml.CSafeLoader)
        assert normal(documents[0].data) == normal(expected)


def normal(data: object) -> object:
    """safe_dump leaves bare what is a number for us but a text in YAML 1.1, such as 1e3."""
    if isinstance(data, dict):
        return {key: normal(value) for key, value in data.items()}
    if isinstance(data, list):
        return [normal(value) for value in data]
    if isinstance(data, str):
        return yaml_events.resolve_plain(data)
    return data


@given(DATA.filter(writable))
def test_the_place_of_every_value_holds_that_value(data: object) -> None:
    text = json.dumps({"data": data}, ensure_ascii=False, indent=2)
    [document], _ = load_documents(text, "a.yaml")
    lines = text.split("\n")

    def check(path: tuple[str | int, ...]) -> None:
        value = find(document.data, path)
        place = document.place(path)
        at = lines[place.line - 1][place.column - 1 :]
        if isinstance(value, dict | list):
            assert at[0] in "{["
            for step in value if isinstance(value, dict) else range(len(value)):
                check((*path, step))
        else:
            assert at.startswith(json.dumps(value, ensure_ascii=False))

    check(("data",))


@pytest.mark.parametrize(("text", "has"), [("a: 1\n---\nb: 2", False), ("a: 1\n---\nb: ${env:B}", True)])
def test_a_document_says_whether_its_file_has_expressions(text: str, has: bool) -> None:
    assert [one.has_expressions for one in load_documents(text, "a.yaml")[0]] == [has, has]

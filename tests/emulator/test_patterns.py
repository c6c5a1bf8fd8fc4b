"""The bounded regular expressions: the same matches as Python's own, and no pattern that hangs."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llamasync.emulator.patterns import PatternRefused, find_all
from llamasync.emulator.patterns.program import compile_program
from llamasync.emulator.patterns.search import _Search


def by_python(pattern: str, text: str) -> list[tuple[int, int]]:
    return [each.span() for each in re.finditer(pattern, text, re.MULTILINE) if each.end() > each.start()]


TEXT = "The Quick brown fox, 42 foxes;\nthe 2nd line: a_b-c aaa aab ab\n\nend. GrÜn grün x1y22z333"
PATTERNS = [
    "fox", "fox(es)?", "(?i)the", "(?i:quick) brown", r"\d+", r"\bfox\b", r"^the.*$", r"\Aend|\w+\Z", "a+b", "a+?b",
    "a{2,3}b", "a{2}", "[^a-z\\s]+", "[a-c_-]+", "(a|aa|aaa)b?", "x(.*)z", "x(.*?)2", r"\B\w", "(?s)brown.*end", "grün",
    "(?i)GRÜN", r"\S+\s\S+", r"(\w)(\w)+", "(?:a|b|c|d|e)+", "a??b", "(a*)*b", "(a|b)*?b", r"[\d.]+", "[^\\W\\d]+",
    "n$", "^", "", "(?#comment)fox", "(?P<word>fox)es", ".", "z|y|x|w|v+", "(?m:^)t",
    "(?-m:^)T+", "(?-m:^)t+", "3+(?-m:$)", "d+(?-m:$)", "d+$", r"(?a)gr\w+", r"[^x]+\Z",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_matches_are_those_of_the_standard_library(pattern: str) -> None:
    for text in (TEXT, TEXT + "\n", ""):
        assert find_all(pattern, text, 1000) == by_python(pattern, text)


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "\\b", "ab"]),
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda both: f"(?:{both[0]}|{both[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "+?", "{1,2}", "{2}?"])).map(
            lambda both: f"(?:{both[0]}){both[1]}"
        )
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(PIECES, st.text("abc \n", max_size=12))
def test_any_pattern_matches_as_in_the_standard_library(pattern: str, text: str) -> None:
    # A pattern that takes the empty text may part the others differently.
    pattern = f"(?:{pattern})[abc]"
    found = list(_Search(compile_program(pattern), text).run())
    assert [each for each in found if each[0] < each[1]] == by_python(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*$", "(a|aa)+$", "a*a*a*a*a*a*b", "(.*)*x", "((a*)*)*b", "(a?){30}a{30}", "(.*a){12}", "a.*b.*c"],
)
def test_a_hostile_pattern_ends_soon(pattern: str) -> None:
    text = "a" * 20_000 + "!"
    began = time.monotonic()
    with contextlib.suppress(PatternRefused):
        find_all(pattern, text, 100)
    assert time.monotonic() - began < 20


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "pattern", ["(?:){4000000000}a", "(?:a{0}){4000000000}", "(?:(?:){60000}){60000}a", "(?:\\b){0,4}a"]
)
def test_what_takes_nothing_may_be_asked_for_a_billion_times(pattern: str) -> None:
    assert find_all(pattern, "a", 5) == ([(0, 1)] if pattern.endswith("a") else [])


def test_many_branches_do_not_hang_either() -> None:
    assert find_all("(a|a)" * 100 + "b", "a" * 2000, 10) == []


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "does not compile"),
        ("[", "does not compile"),
        ("a{3,1}", "does not compile"),
        ("*", "does not compile"),
        ("(a)\\1", "not supported"),
        ("(?=a)b", "not supported"),
        ("(?<!a)b", "not supported"),
        ("(?>a+)b", "not supported"),
        ("a++b", "not supported"),
        ("(?:a{1000}){1000}", "too large"),
        ("a{99999999999999999999}", "does not compile"),
        ("a" * 1001, "longer than"),
    ],
)
def test_what_cannot_run_is_refused_with_a_reason(pattern: str, says: str) -> None:
    with pytest.raises(PatternRefused, match=says):
        find_all(pattern, "a", 1)


def test_the_limit_holds() -> None:
    assert find_all("a", "aaaa", 2) == [(0, 1), (1, 2)]
    assert find_all("a+?", "aaaa", 2) == [(0, 1), (1, 2)]
    assert find_all("a", "aaaa", 0) == []


def test_a_long_text_is_leapt_over() -> None:
    text = "x" * 3_000_000 + "needle!!"
    assert find_all("needle!+", text, 1) == [(3_000_000, 3_000_008)]


def test_deep_nesting_breaks_nothing() -> None:
    with contextlib.suppress(PatternRefused):
        assert find_all("(" * 480 + "a" + ")" * 480, "a", 1) == [(0, 1)]

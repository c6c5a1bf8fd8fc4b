"""How assertions and what came of them are put in words, and when a text counts as being in another. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from llamasync.kinds.check_assertions import Assertion, assertion_of, texts_of

Finds = Callable[[str, str], bool]
"""Says whether a pattern matches somewhere in a text; may raise when that takes too long."""

SNIPPET = 120
_NAME = 60


def flat(text: str) -> str:
    r"""Return a text as it is compared: upper and lower case, line breaks and runs of blanks do not matter.

    >>> flat(" Notice\n  Period ")
    'notice period'
    """
    return " ".join(text.split()).casefold()


def snippet(text: str, length: int = SNIPPET) -> str:
    r"""Return the beginning of a text on one line.

    >>> snippet("a\n b c", 4)
    'a b…'
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def quoted(text: str) -> str:
    r"""Return a text in quotes, shortened.

    >>> quoted("a\nb")
    '"a b"'
    """
    return f'"{snippet(text, _NAME)}"'


def name_of(assertion: Assertion) -> tuple[str, str]:
    """Return what people call an assertion, and what it asks: retrieve, find, grep, read or chat.

    >>> from llamasync.kinds.check_assertions import Read
    >>> name_of(Assertion(read=Read(file="a.md")))
    ('read a.md', 'read')
    """
    asked: Any = assertion_of(assertion)
    kind = type(asked).__name__.lower()
    if assertion.name is not None:
        return assertion.name, kind
    return f"{kind} {_DEFAULT_NAMES[kind](asked)}", kind


def _retrieve_name(asked: Any) -> str:
    return quoted(asked.query) if asked.query is not None else f"{len(asked.recall.questions)} questions"


def _find_name(asked: Any) -> str:
    return asked.name or (f"*{asked.contains}*" if asked.contains else "all files")


_DEFAULT_NAMES: dict[str, Callable[[Any], str]] = {
    "retrieve": _retrieve_name,
    "find": _find_name,
    "grep": lambda asked: f"{quoted(asked.pattern)} in {asked.file}",
    "read": lambda asked: str(asked.file),
    "chat": lambda asked: quoted(asked.prompt),
}


def expected_texts(expected: Any, noun: str) -> list[str]:
    """Say which texts and patterns something must hold, and which not.

    >>> from llamasync.kinds.check_assertions import ReadExpect
    >>> expected_texts(ReadExpect(contains="a", not_matches="b+"), "text")
    ['a text that contains "a"', 'no text that matches /b+/']
    """
    told = [f"{_a(noun)} that contains {quoted(text)}" for text in texts_of(expected.contains)]
    told += [f"{_a(noun)} that matches /{pattern}/" for pattern in texts_of(expected.matches)]
    told += [f"no {noun} that contains {quoted(text)}" for text in _unwanted(expected, "contains")]
    return told + [f"no {noun} that matches /{pattern}/" for pattern in _unwanted(expected, "matches")]


def unmet_texts(expected: Any, texts: Sequence[str], noun: str, finds: Finds) -> list[str]:
    """Say which texts and patterns none of `texts` holds, and which one does that may not. `noun` is what they are:
    "the answer" where there is but one.

    >>> from llamasync.kinds.check_assertions import ReadExpect
    >>> def finds(pattern, text):
    ...     return pattern in text
    >>> unmet_texts(ReadExpect(contains="b", matches="a", not_contains="A"), ["aa"], "hit", finds)
    ['no hit contains "b"', 'a hit contains "A"']
    >>> unmet_texts(ReadExpect(contains="b", not_matches="a"), ["aa"], "the answer", finds)
    ['the answer does not contain "b"', 'the answer matches /a/']
    """
    flattened = [flat(text) for text in texts]

    def holds(text: str) -> bool:
        return any(flat(text) in one for one in flattened)

    def matches(pattern: str) -> bool:
        return any(finds(pattern, text) for text in texts)

    one, alone = _a(noun), noun.startswith("the ")
    lacks = f"{noun} does not contain" if alone else f"no {noun} contains"
    fails = f"{noun} does not match" if alone else f"no {noun} matches"
    unmet = [f"{lacks} {quoted(text)}" for text in texts_of(expected.contains) if not holds(text)]
    unmet += [f"{fails} /{pattern}/" for pattern in texts_of(expected.matches) if not matches(pattern)]
    unmet += [f"{one} contains {quoted(text)}" for text in _unwanted(expected, "contains") if holds(text)]
    return unmet + [f"{one} matches /{pattern}/" for pattern in _unwanted(expected, "matches") if matches(pattern)]


def _a(noun: str) -> str:
    """Put the article before a noun that has none.

    >>> _a("hit"), _a("answer"), _a("the text")
    ('a hit', 'an answer', 'the text')
    """
    return noun if noun.startswith("the ") else f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _unwanted(expected: Any, name: str) -> tuple[str, ...]:
    return texts_of(getattr(expected, f"not_{name}", ()))


def expected_count(expected: Any, noun: str) -> list[str]:
    """Say how many there must be.

    >>> from llamasync.kinds.check_assertions import FindExpect
    >>> expected_count(FindExpect(min=1, max=3), "file"), expected_count(FindExpect(count=1), "file")
    (['at least 1 file', 'at most 3 files'], ['exactly 1 file'])
    """
    limits = (("exactly", expected.count), ("at least", expected.min), ("at most", expected.max))
    return [f"{word} {counted(limit, noun)}" for word, limit in limits if limit is not None]


def is_count_met(expected: Any, count: int) -> bool:
    """Say whether there are as many as there must be."""
    return (
        expected.count in (None, count)
        and (expected.min is None or count >= expected.min)
        and (expected.max is None or count <= expected.max)
    )


def counted(number: int, noun: str) -> str:
    """Say how many: `1 hit`, `2 hits`."""
    return f"{number} {noun if number == 1 else noun + 's'}"


def there_are(number: int, noun: str) -> str:
    """Say that there are so many.

    >>> there_are(1, "hit"), there_are(0, "hit")
    ('there is 1 hit', 'there are no hits')
    """
    return f"there {'is' if number == 1 else 'are'} {counted(number, noun) if number else f'no {noun}s'}"


def listed(names: Iterable[str], limit: int = 5) -> str:
    """List some names, and say how many more there are.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    all_names = list(names)
    rest = len(all_names) - limit
    return ", ".join(all_names[:limit]) + (f" and {rest} more" if rest > 0 else "")

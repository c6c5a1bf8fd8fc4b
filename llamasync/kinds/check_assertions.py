"""The assertions of a Check: what is asked of an index, and what is expected of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG

Text = Annotated[str, MinLen(1)]
Texts = Text | tuple[Text, ...]
Count = Annotated[int, Ge(0)]
Share = Annotated[float, Ge(0), Le(1)]

DEFAULT_TOP_K = 10


def texts_of(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one text, or a list of them, as a tuple.

    >>> texts_of("a"), texts_of(("a", "b"))
    (('a',), ('a', 'b'))
    """
    return (value,) if isinstance(value, str) else tuple(value)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of many, and what its best hits must hold."""

    __pydantic_config__ = FORM_CONFIG

    query: Text
    """The question."""
    files: Texts = ()
    """Files, by unique id or name, that must all be among the hits."""
    contains: Texts = ()
    """Texts that hits must hold. Upper and lower case and line breaks do not matter."""
    matches: Texts = ()
    """Regular expressions that must be found in a hit."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Many questions, of which a share must be answered by the right hits."""

    __pydantic_config__ = FORM_CONFIG

    questions: tuple[Question, ...] = ()
    """The questions."""
    questions_from: Text | None = None
    """A file with more of them, relative to the manifest's own folder: `.yaml`, `.json`, `.jsonl` or `.csv`."""
    at_least: Share = 1.0
    """The share of questions, from 0 to 1, whose expectations must be met."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveExpect:
    """What the hits of a query must be (default: that there are any)."""

    __pydantic_config__ = FORM_CONFIG

    files: Texts = ()
    """Files, by unique id or name, that must all be among the hits."""
    contains: Texts = ()
    """Texts that hits must hold. Upper and lower case and line breaks do not matter."""
    matches: Texts = ()
    """Regular expressions that must be found in a hit."""
    not_contains: Texts = ()
    """Texts that no hit may hold. Upper and lower case and line breaks do not matter."""
    not_matches: Texts = ()
    """Regular expressions that may be found in no hit."""
    not_files: Texts = ()
    """Files, by unique id or name, of which none may be among the hits."""
    min_score: Annotated[float, Ge(0)] | None = None
    """The least score of the best hit, or of the best hit in each of `files`: its rerank score where it has one."""
    count: Count | None = None
    """How many hits there must be."""
    min: Count | None = None
    """How many hits there must be at least."""
    max: Count | None = None
    """How many hits there may be at most."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Retrieve:
    """Asks for the passages that fit a question best: one `query`, or `recall` over many."""

    __pydantic_config__ = FORM_CONFIG

    query: Text | None = None
    """The question."""
    expect: RetrieveExpect | None = None
    """What the hits must be (default: that there are any)."""
    recall: Recall | None = None
    """Many questions, of which a share must be answered by the right hits."""
    top_k: Annotated[int, Ge(1), Le(500)] = DEFAULT_TOP_K
    """How many hits are asked for."""
    custom_filters: Mapping[str, Any] | None = None
    """Filters on the metadata of files, as the API has them: `{team: {operator: eq, value: legal}}`."""
    static_filters: Mapping[str, Any] | None = None
    """Filters on what the service itself knows of a passage, as the API has them."""
    rerank: Mapping[str, Any] | None = None
    """How hits are put in order, as the API has it: `{enabled: true, top_n: 5}`."""
    score_threshold: Annotated[float, Ge(0)] | None = None
    """Hits with a lower score are left out by the service."""
    num_candidates: Annotated[int, Ge(1)] | None = None
    """How many passages the service looks at before it chooses."""
    vector_pipeline_weight: Share | None = None
    """How much likeness in meaning counts, from 0 to 1."""
    full_text_pipeline_weight: Share | None = None
    """How much words in common count, from 0 to 1."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FindExpect:
    """Which files there must be (default: any)."""

    __pydantic_config__ = FORM_CONFIG

    files: Texts = ()
    """Files, by unique id or name, that must all be found."""
    count: Count | None = None
    """How many files there must be."""
    min: Count | None = None
    """How many files there must be at least."""
    max: Count | None = None
    """How many files there may be at most."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Asks for files by name. Without `name` and `contains`: for all of them."""

    __pydantic_config__ = FORM_CONFIG

    name: Text | None = None
    """The whole name of a file."""
    contains: Text | None = None
    """A part of a file's name."""
    expect: FindExpect | None = None
    """Which files there must be (default: any)."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class GrepExpect:
    """What must be found (default: anything)."""

    __pydantic_config__ = FORM_CONFIG

    contains: Texts = ()
    """Texts that places must hold. Upper and lower case and line breaks do not matter."""
    matches: Texts = ()
    """Regular expressions that must be found in a place."""
    not_contains: Texts = ()
    """Texts that no place may hold. Upper and lower case and line breaks do not matter."""
    not_matches: Texts = ()
    """Regular expressions that may be found in no place."""
    count: Count | None = None
    """How many places there must be."""
    min: Count | None = None
    """How many places there must be at least."""
    max: Count | None = None
    """How many places there may be at most."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Grep:
    """Asks for the places in one file's text that match a regular expression."""

    __pydantic_config__ = FORM_CONFIG

    file: Text
    """The file, by unique id or name."""
    pattern: Text
    """The regular expression. The service searches for it."""
    context_chars: Count | None = None
    """How many characters around each place are shown, and so looked at by `contains` and `matches`."""
    expect: GrepExpect | None = None
    """What must be found (default: anything)."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ReadExpect:
    """What the text must hold (default: anything)."""

    __pydantic_config__ = FORM_CONFIG

    contains: Texts = ()
    """Texts that must be in it. Upper and lower case and line breaks do not matter."""
    matches: Texts = ()
    """Regular expressions that must be found in it."""
    not_contains: Texts = ()
    """Texts that must not be in it. Upper and lower case and line breaks do not matter."""
    not_matches: Texts = ()
    """Regular expressions that must not be found in it."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Asks for the text of one file as the index has it, or for a part."""

    __pydantic_config__ = FORM_CONFIG

    file: Text
    """The file, by unique id or name."""
    offset: Count = 0
    """The first character, from 0."""
    max_length: Annotated[int, Ge(1)] | None = None
    """How many characters at most (default: to the end)."""
    expect: ReadExpect | None = None
    """What the text must hold (default: anything)."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ChatExpect:
    """What the answer must be (default: any answer)."""

    __pydantic_config__ = FORM_CONFIG

    contains: Texts = ()
    """Texts that must be in the answer. Upper and lower case and line breaks do not matter."""
    matches: Texts = ()
    """Regular expressions that must be found in the answer."""
    not_contains: Texts = ()
    """Texts that must not be in the answer. Upper and lower case and line breaks do not matter."""
    not_matches: Texts = ()
    """Regular expressions that must not be found in the answer."""
    cites: Texts = ()
    """Files, by unique id or name, that the answer must name or have been drawn from."""
    cites_any: bool = False
    """Whether the answer must name, or have been drawn from, any file at all."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Asks for an answer in words, in a chat session that is deleted afterwards."""

    __pydantic_config__ = FORM_CONFIG

    prompt: Annotated[str, MinLen(1), MaxLen(1000)]
    """The prompt, at most 1000 characters."""
    expect: ChatExpect | None = None
    """What the answer must be (default: any answer)."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One thing that must be true: exactly one of retrieve, find, grep, read and chat."""

    __pydantic_config__ = FORM_CONFIG

    name: Text | None = None
    """What people call it (default: what it asks)."""
    retrieve: Retrieve | None = None
    """Asks for the passages that fit a question best: one `query`, or `recall` over many."""
    find: Find | None = None
    """Asks for files by name."""
    grep: Grep | None = None
    """Asks for the places in one file's text that match a regular expression."""
    read: Read | None = None
    """Asks for the text of one file as the index has it, or for a part."""
    chat: Chat | None = None
    """Asks for an answer in words, in a chat session that is deleted afterwards."""


Asked = Retrieve | Find | Grep | Read | Chat


def assertion_of(assertion: Assertion) -> Asked:
    """Return what an assertion asks: the one that it has. Raises ValueError for one that has none."""
    for asked in (assertion.retrieve, assertion.find, assertion.grep, assertion.read, assertion.chat):
        if asked is not None:
            return asked
    raise ValueError("an assertion that asks nothing")

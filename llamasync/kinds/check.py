"""Check: what must be true of an index. Source: the API contract, `/api/v1/retrieval/...` and `/api/v1/chat`.

A check stands for no live object. What it asks is in `check_assertions`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from annotated_types import MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG, to_camel
from llamasync.kinds.check_assertions import Assertion, Question, Retrieve, assertion_of, texts_of
from llamasync.kinds.facts import Flaw, Kind, ReferenceFact, Role

_KINDS = ("retrieve", "find", "grep", "read", "chat")
Path = tuple[str | int, ...]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """What must be true of an index, after the syncs that it depends on."""

    __pydantic_config__ = FORM_CONFIG

    index: str | dict[Literal["id", "name"], str]
    """The index that is asked: an Index manifest's name, `{id: ...}` or `{name: ...}`."""
    assertions: Annotated[tuple[Assertion, ...], MinLen(1)]
    """What must be true, in any order. Each has exactly one of retrieve, find, grep, read and chat."""


def _flaws(spec: CheckSpec) -> Iterator[Flaw]:
    for number, one in enumerate(spec.assertions):
        path: Path = ("assertions", number)
        given = [name for name in _KINDS if getattr(one, name) is not None]
        if len(given) != 1:
            told = " and ".join(given) if given else "nothing"
            detail = f"an assertion asks one of {', '.join(_KINDS)}; this one asks {told}"
            yield Flaw(code="LS706", path=path, detail=detail)
            continue
        asked = assertion_of(one)
        path = (*path, given[0])
        if isinstance(asked, Retrieve):
            yield from _retrieve_flaws(asked, path)
        if given[0] == "find" and one.find and one.find.name is not None and one.find.contains is not None:
            yield Flaw(code="LS706", path=path, detail="files are found by `name` or by `contains`, not by both")
        if one.grep:
            yield from _pattern_flaws(one.grep.pattern, (*path, "pattern"), theirs=True)
        expected: Any = asked.expect
        if expected is not None:
            yield from _expectation_flaws(expected, (*path, "expect"))


def _retrieve_flaws(asked: Retrieve, path: Path) -> Iterator[Flaw]:
    if (asked.query is None) == (asked.recall is None):
        yield Flaw(code="LS706", path=path, detail="`retrieve` needs either a `query` or `recall` with questions")
        return
    if asked.recall is None:
        return
    path = (*path, "recall")
    if asked.expect is not None:
        detail = "`expect` belongs to a `query`; with `recall` each question says what it expects"
        yield Flaw(code="LS706", path=(*path[:-1], "expect"), detail=detail)
    if not asked.recall.questions and asked.recall.questions_from is None:
        yield Flaw(code="LS706", path=path, detail="`recall` needs `questions`, or `questionsFrom` a file")
    for number, question in enumerate(asked.recall.questions):
        yield from question_flaws(question, (*path, "questions", number))


def question_flaws(question: Question, path: Path) -> Iterator[Flaw]:
    """Find what is wrong with a question, which stands at `path`."""
    if not (texts_of(question.files) or texts_of(question.contains) or texts_of(question.matches)):
        detail = f"the question {question.query!r} expects nothing: give it `files`, `contains` or `matches`"
        yield Flaw(code="LS706", path=path, detail=detail)
    yield from _matches_flaws(question.matches, (*path, "matches"))


def _expectation_flaws(expected: Any, path: Path) -> Iterator[Flaw]:
    for name in ("matches", "not_matches"):
        yield from _matches_flaws(getattr(expected, name, ()), (*path, to_camel(name)))
    least, most, exact = (getattr(expected, name, None) for name in ("min", "max", "count"))
    if exact is not None and not (least is None and most is None):
        yield Flaw(code="LS706", path=(*path, "count"), detail="`count` is exact; leave `min` and `max` out, or it")
    elif least is not None and most is not None and least > most:
        yield Flaw(code="LS706", path=(*path, "min"), detail=f"`min` is {least} and `max` is {most}: nothing is both")


def _matches_flaws(matches: str | tuple[str, ...], path: Path) -> Iterator[Flaw]:
    if isinstance(matches, str):
        yield from _pattern_flaws(matches, path)
        return
    for number, pattern in enumerate(matches):
        yield from _pattern_flaws(pattern, (*path, number))


def _pattern_flaws(pattern: str, path: Path, *, theirs: bool = False) -> Iterator[Flaw]:
    """Compile a pattern. One that is `theirs` is searched for by the service, which may know more escapes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what later versions of Python may take in another way
            re.compile(pattern)
    except (OverflowError, RecursionError) as error:
        yield Flaw(code="LS705", path=path, detail=f"`{pattern[:60]}`: {error}")
    except re.error as error:
        place = "" if error.pos is None else f", at its character {error.pos + 1}"
        is_escape = theirs and error.msg.startswith("bad escape")
        detail = f"`{pattern}`: {error.msg}{place}"
        hint = "in YAML, single quotes keep backslashes as they are: '\\d+ days'" if "\\" in pattern else ""
        if is_escape:
            hint = "nothing is to be done where the service knows it: it is the service that searches"
        yield Flaw(code="LS705", path=path, detail=detail, hint=hint, doubtful=is_escape)


def _contract_fields() -> dict[str, str]:
    names = ("custom_filters", "static_filters", "rerank")
    return {f"assertions.retrieve.{to_camel(name)}": f"RetrieveParams.{name}" for name in names}


KIND = Kind(
    name="Check",
    summary="what must be true of an index",
    spec=CheckSpec,
    references=(ReferenceFact(field="index", kind="Index"),),
    role=Role.CHECK,
    contract_fields=_contract_fields(),
    flaws=_flaws,
)

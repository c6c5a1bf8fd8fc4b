"""Judges answers: what an assertion expects against what came. Pure: no call is made here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from llamasync.checks.answers import ChatAnswer, IndexFile, Listed, Names, Passage, Place, show_passage
from llamasync.checks.model import Missed, Outcome, Shown, Verdict
from llamasync.checks.wording import (
    Finds,
    counted,
    expected_count,
    expected_texts,
    flat,
    is_count_met,
    listed,
    snippet,
    there_are,
    unmet_texts,
)
from llamasync.core.diagnostic import Diagnostic
from llamasync.kinds.check_assertions import (
    Chat,
    ChatExpect,
    Find,
    FindExpect,
    Grep,
    GrepExpect,
    Question,
    Read,
    ReadExpect,
    Recall,
    Retrieve,
    RetrieveExpect,
    texts_of,
)

Ids = Mapping[str, frozenset[str]]
"""The ids, in the index, of the files that an assertion names; empty for one that is not there."""

Expected = TypeVar("Expected")

SHOWN = 5
SHOWN_MISSED = 3
ANSWER = 400


def judge_retrieve(asked: Retrieve, passages: Sequence[Passage], ids: Ids, names: Names, finds: Finds) -> Verdict:
    """Judge the hits of a query."""
    expected = _or_any(asked.expect, RetrieveExpect(min=1))
    wanted = [f"{file} among the best {asked.top_k}" for file in texts_of(expected.files)]
    wanted += [f"no hit from {file}" for file in texts_of(expected.not_files)]
    wanted += expected_texts(expected, "hit") + expected_count(expected, "hit")
    if expected.min_score is not None:
        wanted.append(f"a score of at least {expected.min_score:g}")
    unmet = _unmet_hits(expected, passages, ids, finds)
    unmet += _unmet_score(expected, passages, ids)
    present = {passage.file_id for passage in passages}
    unmet += [f"{file} is among the hits" for file in texts_of(expected.not_files) if ids[file] & present]
    if not is_count_met(expected, len(passages)):
        unmet.append(there_are(len(passages), "hit"))
    return _verdict(
        wanted,
        unmet,
        came=_hits(passages, names),
        shown=_shown(passages, names, SHOWN),
        numbers={"count": len(passages)},
    )


def judge_recall(asked: Retrieve, found: Sequence[Sequence[Passage]], ids: Ids, names: Names, finds: Finds) -> Verdict:
    """Judge the hits of the questions of a recall; `found` are those of each, in order."""
    recalled, top_k = asked.recall or Recall(), asked.top_k
    missed = []
    for question, passages in zip(recalled.questions, found, strict=True):
        unmet = _unmet_hits(question, passages, ids, finds)
        if unmet:
            shown = _shown(passages, names, SHOWN_MISSED)
            missed.append(Missed(question=question.query, unmet=tuple(unmet), shown=shown))
    total, met = len(recalled.questions), len(recalled.questions) - len(missed)
    needed = math.ceil(recalled.at_least * total - 1e-9)
    recall = met / total if total else 1.0
    came = f"{met} of {counted(total, 'question')} ({recall:.0%})"
    return Verdict(
        outcome=Outcome.OK if met >= needed else Outcome.FAILED,
        expected=(f"the right hits among the best {top_k} for at least {recalled.at_least:.0%} of the questions",),
        unmet=() if met >= needed else (f"only {came} found what they should; {needed} are needed",),
        came=came,
        missed=tuple(missed),
        numbers={"recall": recall, "questions": total, "met": met},
    )


def judge_find(asked: Find, found: Listed, ids: Ids) -> Verdict:
    """Judge the files that were found."""
    expected = _or_any(asked.expect, FindExpect(min=1))
    files: Sequence[IndexFile] = found.items
    present = {file.id for file in files}
    wanted = [f"{file} is found" for file in texts_of(expected.files)] + expected_count(expected, "file")
    unmet = [
        f"{file} is in the index, but not among what was found" if ids[file] else f"{file} is not in the index"
        for file in texts_of(expected.files)
        if not ids[file] & present
    ]
    shown = tuple(Shown(file=file.name) for file in files[:SHOWN])
    return _counted_verdict(expected, wanted, unmet, found, shown)


def judge_grep(asked: Grep, found: Listed, file_name: str, finds: Finds) -> Verdict:
    """Judge the places that match."""
    expected = _or_any(asked.expect, GrepExpect(min=1))
    places: Sequence[Place] = found.items
    wanted = expected_texts(expected, "place") + expected_count(expected, "place")
    contents = [place.content for place in places]
    unmet = unmet_texts(expected, contents, "place", finds)
    where = (Shown(text=snippet(place.content), file=f"{file_name}, character {place.start}") for place in places)
    return _counted_verdict(expected, wanted, unmet, found, tuple(where)[:SHOWN])


def judge_read(asked: Read, text: str, file_name: str, finds: Finds) -> Verdict:
    """Judge the text of a file, or a part of it."""
    expected = asked.expect or ReadExpect()
    unmet = unmet_texts(expected, [text], "the text", finds)
    if not text.strip():
        unmet.insert(0, "there is no text")
    wanted = expected_texts(expected, "text")
    shown = (Shown(text=snippet(text), file=file_name),) if text.strip() else ()
    came = counted(len(text), "character")
    return _verdict(wanted or ["any text"], unmet, came=came, shown=shown, numbers={"characters": len(text)})


def judge_chat(asked: Chat, answer: ChatAnswer, ids: Ids, names: Names, finds: Finds) -> Verdict:
    """Judge what a chat said. `names` are of all files of the index, where any of them is to be cited."""
    expected = asked.expect or ChatExpect()
    cited = [file for file in texts_of(expected.cites) if _is_cited(file, ids[file], answer, names)]
    wanted = expected_texts(expected, "answer")
    wanted += [f"{file} is cited" for file in texts_of(expected.cites)] + ["a source is cited"] * expected.cites_any
    if answer.error:
        return _verdict(wanted or ["an answer"], [f"the chat failed: {snippet(answer.error)}"], came="an error")
    unmet = unmet_texts(expected, [answer.text], "the answer", finds)
    unmet += [
        f"{file} is not cited" if ids[file] else f"{file} is not in the index"
        for file in texts_of(expected.cites)
        if file not in cited
    ]
    if expected.cites_any and not any(_is_cited(name, frozenset({one}), answer, names) for one, name in names.items()):
        unmet.append("no source is cited")
    if not answer.text.strip():
        unmet.insert(0, "the answer is empty")
    shown = (Shown(text=snippet(answer.text, ANSWER)),) if answer.text.strip() else ()
    return _verdict(wanted or ["an answer"], unmet, came="an answer" if shown else "nothing", shown=shown)


def absent_file(file: str, wanted: str, near: str) -> Verdict:
    """Return the verdict for a file that is not in the index; `near` is the name of one that may have been meant."""
    meant = f" (there is {near})" if near else ""
    return _verdict([wanted], [f"{file} is not in the index{meant}"], came="no such file")


def unknown(problem: Diagnostic) -> Verdict:
    """Return the verdict for what could not be checked."""
    return Verdict(outcome=Outcome.UNKNOWN, problem=problem)


def _unmet_hits(expected: RetrieveExpect | Question, passages: Sequence[Passage], ids: Ids, finds: Finds) -> list[str]:
    present = {passage.file_id for passage in passages}
    among = f"is in the index, but not among the {counted(len(passages), 'hit')}"
    unmet = [
        f"{file} {among}" if ids[file] else f"{file} is not in the index"
        for file in texts_of(expected.files)
        if not ids[file] & present
    ]
    contents = [passage.content for passage in passages]
    return unmet + unmet_texts(expected, contents, "hit", finds)


def _unmet_score(expected: RetrieveExpect, passages: Sequence[Passage], ids: Ids) -> list[str]:
    if expected.min_score is None:
        return []
    unmet = []
    for file in texts_of(expected.files) or ("",):
        scores = [one.score for one in passages if one.score is not None and (not file or one.file_id in ids[file])]
        if scores and max(scores) < expected.min_score:
            unmet.append(f"the best score{' of ' + file if file else ''} is {max(scores):g}")
        elif not scores and (not file or any(one.file_id in ids[file] for one in passages)):
            unmet.append(f"no hit{' of ' + file if file else ''} has a score")
    return unmet


def _is_cited(file: str, ids: frozenset[str], answer: ChatAnswer, names: Names) -> bool:
    known_as = {file, *ids, *(names[one] for one in ids if one in names)}
    return bool(known_as & answer.drawn_from) or any(flat(each) in flat(answer.text) for each in known_as)


def _or_any(expected: Expected | None, default: Expected) -> Expected:
    """Return what is expected: `default` where nothing is said, or nothing in particular."""
    return default if expected is None or expected == type(default)() else expected


def _counted_verdict(
    expected: Any, wanted: list[str], unmet: list[str], found: Listed, shown: tuple[Shown, ...]
) -> Verdict:
    count, noun = len(found.items), "file" if isinstance(expected, FindExpect) else "place"
    if found.may_be_cut and (_depends_on_more(expected, count) or (_rules_out(expected) and not unmet)):
        return unknown(Diagnostic("LS711", f"{count} {noun}s were shown, and there may be more"))
    came = counted(count, noun)
    if not is_count_met(expected, count):
        unmet = [*unmet, there_are(count, noun)]
    return _verdict(wanted, unmet, came=came, shown=shown, numbers={"count": count})


def _depends_on_more(expected: Any, count: int) -> bool:
    """Say whether it matters that there may be more than `count`."""
    if expected.count is not None:
        return bool(expected.count >= count)
    over = expected.max is not None and count <= expected.max
    return over or (expected.min is not None and count < expected.min)


def _rules_out(expected: Any) -> bool:
    """Say whether something may be nowhere, so that all there is must have been seen."""
    return any(texts_of(getattr(expected, name, ())) for name in ("not_contains", "not_matches"))


def _verdict(
    wanted: Iterable[str],
    unmet: Iterable[str],
    *,
    came: str,
    shown: tuple[Shown, ...] = (),
    numbers: Mapping[str, float] | None = None,
) -> Verdict:
    missing = tuple(unmet)
    return Verdict(
        outcome=Outcome.FAILED if missing else Outcome.OK,
        expected=tuple(wanted),
        unmet=missing,
        came=came,
        shown=shown,
        numbers=numbers or {},
    )


def _shown(passages: Sequence[Passage], names: Names, limit: int) -> tuple[Shown, ...]:
    return tuple(show_passage(passage, names) for passage in passages[:limit])


def _hits(passages: Sequence[Passage], names: Names) -> str:
    files = dict.fromkeys(names.get(one.file_id, one.file_id) for one in passages)
    return f"{counted(len(passages), 'hit')} from {listed(files, 3)}" if passages else "no hits"

"""Each assertion, holding and failing, in both dialects."""

from __future__ import annotations

from typing import Any

import pytest

from llamasync.checks.answers import Listed, Passage, Place
from llamasync.checks.judging import judge_grep, judge_retrieve
from llamasync.checks.model import Outcome
from llamasync.kinds.check_assertions import Grep, GrepExpect, Retrieve, RetrieveExpect
from tests.checks.conftest import Make
from tests.support.checking import CheckWorld

LEAVE = {"query": "How many days of paid leave does an employee have?"}
HOTEL = {"query": "What is the limit for a hotel in London?"}
ELSEWHERE = "is in the index, but not among what was found"
OF_TRAVEL = {"area": {"operator": "eq", "value": "travel"}}


def unmet(world: CheckWorld, assertion: dict[str, Any]) -> list[str]:
    result = world.only(assertion)
    assert result.verdict.outcome is (Outcome.FAILED if result.verdict.unmet else Outcome.OK)
    return list(result.verdict.unmet)


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"files": "leave.md"}, []),
        ({"files": ["people/leave.md"], "contains": ["25 DAYS of paid leave"], "matches": r"\d+ days", "min": 1}, []),
        ({"files": "travel.md"}, ["travel.md is in the index, but not among the 1 hit"]),
        ({"files": "gone.md"}, ["gone.md is not in the index"]),
        ({"contains": ["26 days", "leave"]}, ['no hit contains "26 days"']),
        ({"matches": r"\d{3} days"}, [r"no hit matches /\d{3} days/"]),
        ({"minScore": 0.1, "files": "leave.md"}, []),
        ({"notContains": "26 days", "notMatches": r"\d{3} days", "notFiles": ["travel.md", "gone.md"]}, []),
        ({"notContains": ["26 days", "25 days"]}, ['a hit contains "25 days"']),
        ({"notMatches": r"\d+ days"}, [r"a hit matches /\d+ days/"]),
        ({"notFiles": "people/leave.md"}, ["people/leave.md is among the hits"]),
        ({"count": 2}, ["there is 1 hit"]),
        ({"max": 0}, ["there is 1 hit"]),
        ({}, []),
    ],
)
def test_retrieve(world: CheckWorld, expect: dict[str, Any], told: list[str]) -> None:
    assert unmet(world, {"retrieve": {**LEAVE, "topK": 1, "expect": expect}}) == told


def test_a_score_that_is_too_low_is_told(world: CheckWorld) -> None:
    (told,) = unmet(world, {"retrieve": {**LEAVE, "expect": {"minScore": 1.5}}})
    assert told.startswith("the best score is 0.")
    (told,) = unmet(world, {"retrieve": {**LEAVE, "expect": {"minScore": 1.5, "files": "leave.md"}}})
    assert told.startswith("the best score of leave.md is 0.")


def test_a_score_that_is_not_shown_is_no_score_that_is_high_enough() -> None:
    ids = {"a.md": frozenset({"1"})}
    for asked, told in (("a.md", "no hit of a.md has a score"), ((), "no hit has a score")):
        retrieve = Retrieve(query="q", expect=RetrieveExpect(files=asked, min_score=0.5))
        verdict = judge_retrieve(retrieve, [Passage(file_id="1", content="c")], ids, {}, lambda *_: True)
        assert verdict.unmet == (told,)


def test_retrieve_passes_on_filters_and_how_hits_are_ranked(world: CheckWorld) -> None:
    asked = {**LEAVE, "customFilters": OF_TRAVEL, "rerank": {"enabled": False}, "numCandidates": 50}
    result = world.only({"retrieve": {**asked, "vectorPipelineWeight": 0.2, "fullTextPipelineWeight": 0.8}})
    assert {one.file for one in result.verdict.shown} <= {"travel.md"}
    nothing = {"retrieve": {**HOTEL, "customFilters": OF_TRAVEL, "scoreThreshold": 1.5}}
    assert unmet(world, nothing) == ["there are no hits"]
    assert world.only(nothing).verdict.came == "no hits"
    fixed = {"parsed_directory_file_id": {"operator": "in", "value": ["dfl-other"]}}
    assert unmet(world, {"retrieve": {**HOTEL, "staticFilters": fixed}}) == ["there are no hits"]


def test_hits_are_shown_with_file_page_and_score(world: CheckWorld) -> None:
    first = world.only({"retrieve": {**LEAVE, "topK": 2}}).verdict.shown[0]
    assert (first.file, first.pages) == ("leave.md", "1")
    assert first.score is not None
    assert "25 days of paid leave" in first.text


def recall(at_least: float, *questions: dict[str, Any], top_k: int = 2) -> dict[str, Any]:
    return {"retrieve": {"topK": top_k, "recall": {"questions": list(questions), "atLeast": at_least}}}


def test_recall_counts_the_questions_whose_hits_are_right(world: CheckWorld) -> None:
    right = [{**LEAVE, "files": "leave.md"}, {**HOTEL, "files": "money/travel.md", "contains": "165 pounds"}]
    wrong = {**HOTEL, "files": "leave.md"}
    assert world.holds(recall(1.0, *right))
    assert world.holds(recall(0.6, *right, wrong, top_k=1))
    verdict = world.only(recall(0.7, *right, wrong, top_k=1)).verdict
    assert verdict.outcome is Outcome.FAILED
    assert verdict.unmet == ("only 2 of 3 questions (67%) found what they should; 3 are needed",)
    (missed,) = verdict.missed
    assert missed.question == HOTEL["query"]
    assert missed.unmet == ("leave.md is in the index, but not among the 1 hit",)
    assert [one.file for one in missed.shown] == ["travel.md"]
    assert dict(verdict.numbers) == {"recall": 2 / 3, "questions": 3, "met": 2}


def test_recall_reads_questions_from_a_file_beside_those_that_are_written(world: CheckWorld) -> None:
    world.put(
        "q.csv", "query,files,contains\nHotel in London?,travel.md,165 pounds\nTrains?,travel.md,standard class\n"
    )
    spec = {"questions": [{**LEAVE, "files": "leave.md"}], "questionsFrom": "q.csv"}
    verdict = world.only({"retrieve": {"recall": spec}}).verdict
    assert (verdict.outcome, verdict.numbers["questions"]) == (Outcome.OK, 3)


@pytest.mark.parametrize(
    ("find", "told"),
    [
        ({}, []),
        ({"name": "leave.md", "expect": {"count": 1, "files": "people/leave.md"}}, []),
        ({"contains": "e", "expect": {"files": ["leave.md", "travel.md"], "min": 4, "max": 4}}, []),
        ({"name": "gone.md"}, ["there are no files"]),
        (
            {"contains": "lea", "expect": {"files": "travel.md"}},
            ["travel.md is in the index, but not among what was found"],
        ),
        (
            {"contains": "lea", "expect": {"files": "gone.md", "max": 0}},
            ["gone.md is not in the index", "there is 1 file"],
        ),
    ],
)
def test_find(world: CheckWorld, find: dict[str, Any], told: list[str]) -> None:
    assert unmet(world, {"find": find}) == told


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({}, []),
        ({"count": 2}, []),
        ({"min": 3}, ["there are 2 places"]),
        ({"contains": "25 days"}, []),
        ({"contains": "26 days"}, ['no place contains "26 days"']),
        ({"matches": r"^\d\d"}, []),
        ({"matches": r"\d{3}"}, [r"no place matches /\d{3}/"]),
        ({"notMatches": r"\d{3}", "notContains": "26 days"}, []),
        ({"notContains": "25 days"}, ['a place contains "25 days"']),
    ],
)
def test_grep(world: CheckWorld, expect: dict[str, Any], told: list[str]) -> None:
    asked = {"file": "leave.md", "pattern": r"(\d+|five) days", "expect": expect}
    assert unmet(world, {"grep": asked}) == told


def test_grep_shows_as_much_around_a_place_as_is_asked_for(world: CheckWorld) -> None:
    asked = {"file": "leave.md", "pattern": "25", "contextChars": 2, "expect": {"contains": "has 25 days"}}
    assert unmet(world, {"grep": asked}) == ['no place contains "has 25 days"']
    assert unmet(world, {"grep": {**asked, "contextChars": 9}}) == []
    assert unmet(world, {"grep": {"file": "leave.md", "pattern": "zzz"}}) == ["there are no places"]


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ({"file": "leave.md"}, []),
        ({"file": "people/leave.md", "expect": {"contains": ["# leave", "25 days of paid leave"]}}, []),
        ({"file": "leave.md", "maxLength": 7, "expect": {"matches": "^# Leave$"}}, []),
        ({"file": "leave.md", "offset": 7, "expect": {"contains": "# Leave"}}, ['the text does not contain "# Leave"']),
        ({"file": "leave.md", "expect": {"matches": "^Leave"}}, ["the text does not match /^Leave/"]),
        ({"file": "leave.md", "expect": {"notContains": "draft", "notMatches": "^Leave"}}, []),
        ({"file": "leave.md", "expect": {"notMatches": r"(?i)LEAVE"}}, ["the text matches /(?i)LEAVE/"]),
        ({"file": "leave.md", "offset": 5000}, ["there is no text"]),
        ({"file": "leaves.md"}, ["leaves.md is not in the index (there is leave.md)"]),
        ({"file": "quarterly-figures"}, ["quarterly-figures is not in the index"]),
    ],
)
def test_read(world: CheckWorld, read: dict[str, Any], told: list[str]) -> None:
    assert unmet(world, {"read": read}) == told


CHAT = {"prompt": "What is the limit for a hotel in London?"}


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({}, []),
        ({"contains": "165 pounds", "matches": r"\d+ pounds", "citesAny": True}, []),
        ({"cites": ["travel.md"]}, []),
        ({"cites": "money/travel.md"}, []),
        ({"contains": "166 pounds"}, ['the answer does not contain "166 pounds"']),
        ({"matches": r"\d{4}"}, [r"the answer does not match /\d{4}/"]),
        ({"notContains": "salary"}, []),
        ({"notContains": "165 pounds"}, ['the answer contains "165 pounds"']),
        ({"cites": ["gone.md"]}, ["gone.md is not in the index"]),
    ],
)
def test_chat(world: CheckWorld, expect: dict[str, Any], told: list[str]) -> None:
    assert unmet(world, {"chat": {**CHAT, "expect": expect}}) == told
    assert world.sessions() == []


def test_a_file_that_the_answer_has_nothing_to_do_with_is_not_cited(world: CheckWorld) -> None:
    world.put("documents/zzz.md", "Qqqq.")
    world.apply()
    assert unmet(world, {"chat": {**CHAT, "expect": {"cites": "zzz.md"}}}) == ["zzz.md is not cited"]
    nothing = {"chat": {"prompt": "xylophone", "expect": {"citesAny": True}}}
    assert unmet(world, nothing) == ["no source is cited"]


def test_the_unique_id_tells_files_of_one_name_apart_where_the_output_is_shown(make: Make) -> None:
    world = make()
    assert world.holds({"read": {"file": "money/readme.md", "expect": {"contains": "about money"}}})
    assert world.holds({"read": {"file": "people/readme.md", "expect": {"contains": "about people"}}})
    asked = {"query": "What is this folder about? money", "topK": 1}
    assert world.holds({"retrieve": {**asked, "expect": {"files": "money/readme.md"}}})
    assert not world.holds({"retrieve": {**asked, "expect": {"files": "people/readme.md"}}})


def test_a_name_that_several_files_have_could_not_be_checked(world: CheckWorld) -> None:
    verdict = world.only({"grep": {"file": "readme.md", "pattern": "folder"}}).verdict
    assert verdict.problem is not None
    assert (verdict.problem.code, verdict.problem.detail) == ("LS708", "2 files of the index are called readme.md")


def test_a_file_is_read_by_its_unique_id_where_only_its_name_is_known(make: Make) -> None:
    world = make("reference")
    assert world.holds({"read": {"file": "people/leave.md", "expect": {"contains": "25 days"}}})
    verdict = world.only({"read": {"file": "people/readme.md"}}).verdict
    assert verdict.problem is not None
    assert verdict.problem.code == "LS708"


def test_what_may_be_nowhere_is_not_said_to_be_where_not_all_was_seen() -> None:
    grep = Grep(file="a.md", pattern="x", expect=GrepExpect(not_contains="secret"))
    some = Listed((Place("x", 0),), may_be_cut=True)
    assert judge_grep(grep, some, "a.md", lambda *_: True).outcome is Outcome.UNKNOWN
    found = Listed((Place("a secret", 0),), may_be_cut=True)
    assert judge_grep(grep, found, "a.md", lambda *_: True).unmet == ('a place contains "secret"',)

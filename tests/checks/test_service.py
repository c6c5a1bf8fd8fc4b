"""The answers of a service that is not the emulator: other shapes, and lists that end early."""

from __future__ import annotations

from typing import Any

import pytest

from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, Refused
from llamasync.checks.answers import IndexFile, Place
from llamasync.checks.files import IndexFiles
from llamasync.checks.service import MOST, OLDER, IndexService
from llamasync.kinds.registry import all_collections
from tests.api.scripted import Script, Step, answer, client_of

INDEXES = all_collections()["indexes"]


def service(*steps: Step, other_id: str = "") -> tuple[IndexService, Script]:
    script = Script(*steps)
    return IndexService(client=client_of(script), collection=INDEXES, id="idx-1", other_id=other_id), script


def found(*names: str, token: str | None = None) -> Any:
    return answer(200, {"items": [{"file_id": name, "file_name": name} for name in names], "next_page_token": token})


@pytest.mark.parametrize("value", [{}, {"results": 5}, {"results": ["a"]}, []])
def test_hits_of_another_shape_are_told_as_such(value: Any) -> None:
    one, _ = service(answer(200, value))
    with pytest.raises(NotLlamaCloud, match="under `results`"):
        one.retrieve({"query": "why"})


@pytest.mark.parametrize("value", [{}, {"content": 5}, []])
def test_a_text_of_another_shape_is_told_as_such(value: Any) -> None:
    one, _ = service(answer(200, value))
    with pytest.raises(NotLlamaCloud, match="under `content`"):
        one.read("dfl-1", 0, None)


def test_a_hit_may_lack_everything_but_its_content() -> None:
    one, _ = service(
        answer(200, {"results": [{"content": "a"}, {"content": "b", "score": 0.5, "static_fields": None}]})
    )
    bare, scored = one.retrieve({"query": "why"})
    assert (bare.content, bare.file_id, bare.score, bare.pages) == ("a", "", None, "")
    assert scored.score == 0.5


def test_files_are_read_page_by_page() -> None:
    one, script = service(found("a", token="t"), found("b"))
    assert one.find(contains="x").items == (IndexFile("a", "a"), IndexFile("b", "b"))
    assert [request.url.path for request in script.requests] == ["/api/v1/retrieval/files/find"] * 2


def test_no_more_is_read_than_can_be_shown() -> None:
    pages = [found(*(f"{n}-{i}" for i in range(1000)), token=f"t{n}") for n in range(11)]
    one, script = service(*pages)
    listed = one.find()
    assert (len(listed.items), listed.may_be_cut) == (MOST, True)
    assert len(script.requests) == 10


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_service_that_lacks_an_operation_is_asked_in_the_older_way_and_remembered(status: int) -> None:
    older = answer(200, {"files": [{"file_id": "dfl-1", "file_name": "a"}]})
    one, script = service(answer(status, {"detail": "Not Found"}), older, older)
    assert one.find().items == (IndexFile("dfl-1", "a"),)
    assert one.find(name="a").items == (IndexFile("dfl-1", "a"),)
    paths = [request.url.path.rpartition("/")[2] for request in script.requests]
    assert paths == ["find", "search", "search"]
    assert OLDER in one.client.learnt


def test_a_service_that_learnt_the_newer_way_is_asked_in_it_again() -> None:
    one, _ = service(answer(405, {}), found("a"))
    one.client.learnt.add(OLDER)
    assert one.find().items == (IndexFile("a", "a"),)
    assert OLDER not in one.client.learnt


def test_an_index_that_is_not_known_is_told_as_such_in_either_dialect() -> None:
    one, _ = service(answer(404, {"detail": "Index idx-1 not found"}), answer(405, {"detail": "Method Not Allowed"}))
    with pytest.raises(Refused, match="idx-1 not found"):
        one.find()
    one, _ = service(answer(405, {"detail": "Method Not Allowed"}), answer(404, {"detail": "Index idx-1 not found"}))
    with pytest.raises(Refused, match="idx-1 not found"):
        one.find()


def test_a_failure_is_no_lack_of_an_operation() -> None:
    one, script = service(answer(403, {"detail": "no"}))
    with pytest.raises(Refused, match="no"):
        one.find()
    assert len(script.requests) == 1
    one, _ = service(answer(404, {}), answer(403, {"detail": "no"}))
    with pytest.raises(Refused, match="no"):
        one.find()


def test_a_limit_that_is_refused_is_lowered() -> None:
    refused = answer(422, {"detail": [{"loc": ["body", "limit"], "msg": "too many"}]})
    one, script = service(refused, refused, refused, answer(200, {"matches": [{"content": "a", "start_char": 3}]}))
    one.client.learnt.add(OLDER)
    listed = one.grep("dfl-1", "a")
    assert (listed.items, listed.may_be_cut) == ((Place("a", 3),), True)
    assert len(script.requests) == 4
    one, _ = service(refused)
    one.client.learnt.add(OLDER)
    with pytest.raises(Refused, match="too many"):
        one.grep("dfl-1", "a")


@pytest.mark.parametrize("value", [{}, {"matches": "a"}, {"matches": ["a"]}])
def test_matches_of_another_shape_are_told_as_such(value: Any) -> None:
    one, _ = service(answer(200, value))
    one.client.learnt.add(OLDER)
    with pytest.raises(NotLlamaCloud, match="under `matches`"):
        one.grep("dfl-1", "a")


def test_the_other_id_is_tried_where_the_first_is_not_known() -> None:
    one, script = service(answer(404, {"detail": "no"}), answer(200, {"content": "a"}), other_id="exp-1")
    assert one.read("dfl-1", 0, 5) == "a"
    assert [b'"exp-1"' in request.read() for request in script.requests] == [False, True]


def test_a_directory_that_is_gone_has_no_file_of_that_unique_id() -> None:
    one, _ = service(found("a.md"), answer(404, {"detail": "Directory not found"}))
    assert IndexFiles(one, source_id="dir-1").ids_of("x/a.md") == frozenset()
    one, _ = service(found("a.md"), answer(403, {"detail": "no"}))
    with pytest.raises(ApiError, match="no"):
        IndexFiles(one, source_id="dir-1").ids_of("x/a.md")
    one, _ = service(found("a.md"))
    assert IndexFiles(one).ids_of("x/a.md") == frozenset(), "without a directory nothing can be looked up"


def test_a_lost_answer_to_a_question_is_asked_for_again_and_one_to_a_message_is_not() -> None:
    one, script = service(answer(503, {}), answer(200, {"content": "a"}))
    assert one.read("dfl-1", 0, None) == "a"
    assert len(script.requests) == 2
    one, script = service(answer(503, {}))
    with pytest.raises(OutcomeUnknown):
        list(one.client.events("/api/v1/chat/1/messages/stream", {}))
    assert len(script.requests) == 1


@pytest.mark.parametrize(("count", "may_be_cut"), [(0, False), (99, False), (100, True), (101, False), (1000, True)])
def test_an_older_list_of_a_round_number_may_have_been_cut(count: int, may_be_cut: bool) -> None:
    files = [{"file_id": f"dfl-{number}", "file_name": "a"} for number in range(count)]
    one, _ = service(answer(200, {"files": files}))
    one.client.learnt.add(OLDER)
    assert one.find().may_be_cut is may_be_cut

"""Retrieval: what is found, by which filters, in which order; find, grep, read; refusals."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llamasync.emulator.contract import load_contract
from tests.emulator.any_calls import fitting
from tests.emulator.documents import pdf
from tests.emulator.support import World, check_against_contract, make_world

Worlds = Callable[..., World]
RETRIEVAL = "/api/v1/retrieval"
DIALECTS = ["reference", "current"]
DOCUMENTS = [
    (
        "lease.pdf",
        pdf("The tenant pays rent monthly.", "Notice period: three months."),
        '{"team": "law", "year": 2023}',
    ),
    ("bolts.md", b"# Bolts\n\nTighten each bolt with a torque wrench.", '{"team": "plant", "year": 2024, "ok": true}'),
    ("prices.csv", b"item,price\nbolt,3\nnut,2\n", '{"tags": ["sales", "plant"], "none": null}'),
]


def indexed(world: World, documents: Any = DOCUMENTS, **more: Any) -> tuple[str, dict[str, str]]:
    """Make an index of some documents; return its id, and file name -> id of the parsed file."""
    directory = world.directory()
    for name, content, metadata in documents:
        world.uploaded(directory, name, content, metadata=metadata)
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory, **more})["id"]
    world.emulator.control.finish_syncs()
    hits = ask(world, index, query="rent bolt", top_k=500)
    return index, {name_of(hit): hit["static_fields"]["parsed_directory_file_id"] for hit in hits}


def name_of(hit: Any) -> str:
    return {"law": "lease.pdf", "plant": "bolts.md"}.get(hit["metadata"].get("team"), "prices.csv")


def ask(world: World, index: str, **body: Any) -> Any:
    return world.ok("POST", f"{RETRIEVAL}/retrieve", json={"index_id": index, **body})["results"]


def names(world: World, index: str, query: str = "bolt rent", **body: Any) -> set[str]:
    return {name_of(hit) for hit in ask(world, index, query=query, **body)}


def test_the_best_chunk_comes_first_with_its_page_and_metadata(world: World) -> None:
    index, files = indexed(world)
    best = ask(world, index, query="What is the notice period?")[0]
    assert "Notice period: three months." in best["content"]
    assert best["metadata"] == {"team": "law", "year": 2023}
    where = best["static_fields"]
    assert (where["page_range_start"], where["page_range_end"], where["chunk_index"]) == (1, 2, 0)
    assert where["parsed_directory_file_id"] == files["lease.pdf"]
    assert 0 < best["score"] <= 1
    assert 0 < best["rerank_score"] <= 1


def test_long_documents_come_in_chunks_that_know_their_pages(world: World) -> None:
    pages = [f"Page {i}. " + "Filling words stand here. " * 60 + f"keyword{i} ends." for i in range(1, 6)]
    index, _ = indexed(world, [("long.txt", "\f".join(pages).encode(), "{}")])
    (best, *_) = ask(world, index, query="keyword4", top_k=1)
    where = best["static_fields"]
    assert where["page_range_end"] == 4
    whole = world.ok("POST", f"{RETRIEVAL}/files/find", json={"index_id": index})["items"][0]["file_id"]
    body = {"index_id": index, "file_id": whole, "offset": where["chunk_start_char"]}
    length = where["chunk_end_char"] - where["chunk_start_char"]
    assert world.ok("POST", f"{RETRIEVAL}/files/read", json={**body, "max_length": length}) == {
        "content": best["content"]
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("torque wrench", "bolts.md"),
        ("tightening bolts", "bolts.md"),
        ("torqe wrnch", "bolts.md"),
        ("monthly rent", "lease.pdf"),
        ("price of a nut", "prices.csv"),
    ],
)
def test_words_forms_and_slips_find_the_document(world: World, query: str, expected: str) -> None:
    index, _ = indexed(world)
    assert name_of(ask(world, index, query=query)[0]) == expected


@pytest.mark.parametrize("query", ["", "   ", "?!", "xyzzy", '"', "xyzzy* AND (", "_", "\0"])
def test_a_query_that_fits_nothing_finds_nothing(world: World, query: str) -> None:
    index, _ = indexed(world)
    assert ask(world, index, query=query) == []


@pytest.mark.parametrize("target", ["DEFAULT", "DISABLED"])
def test_an_index_without_vectors_finds_by_full_text_only(world: World, target: str) -> None:
    index, _ = indexed(world, vector_target=target)
    slips = ask(world, index, query="torqe wrnch")
    assert bool(slips) == (target == "DEFAULT")
    by_vectors = {"vector_pipeline_weight": 1, "full_text_pipeline_weight": 0}
    assert bool(ask(world, index, query="torqe wrnch", **by_vectors)) == (target == "DEFAULT")
    # What has only a few letters in common with the question is no answer of a full text search.
    found = {name_of(hit) for hit in ask(world, index, query="tightened bolting, torque", **by_vectors)}
    assert "bolts.md" in found
    if target == "DISABLED":
        both = ask(world, index, query="the torque", rerank={"enabled": False})
        assert ask(world, index, query="the torque", rerank={"enabled": False}, **by_vectors) == both
        session = world.ok("POST", "/api/v1/chat", json={})["session_id"]
        body = {"index_ids": [index], "prompt": "wrnch torqe"}
        told = world.client.post(f"/api/v1/chat/{session}/messages/stream", json=body).text
        assert '"results":[]' in told


@pytest.mark.parametrize("target", ["DEFAULT", "DISABLED"])
@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("解約の通知期間は三か月です。家賃は毎月支払う。", "通知期間"),
        ("解約の通知期間は三か月です。家賃は毎月支払う。", "家賃"),
        ("ระยะเวลาแจ้งล่วงหน้าสามเดือน", "ล่วงหน้า"),
        ("임대 계약의 통지 기간은 3개월", "통지 기간"),
        ("مدة الإشعار ثلاثة أشهر", "مدة الإشعار"),
        ("תקופת ההודעה היא שלושה חודשים", "תקופת ההודעה"),
        ("Le re\u0301sume\u0301 du contrat", "résumé"),
        ("Le résumé du contrat", "resume\u0301"),
        ("Le résumé du contrat", "RESUME"),
        ("Договор йогурта", "йогурта"),
        ("the NEAR misses", "NEAR(the, 5)"),
        ('say "hello" to content: col', 'content:col* AND "hello" NOT ^say -'),
        ("C++ and a_b {x}", "a_b + {C++} : *"),
    ],
)
def test_every_script_and_sign_can_be_asked_for(world: World, target: str, text: str, query: str) -> None:
    other = "Nothing of the kind stands here; 別の文書。"
    index, _ = indexed(world, [("a.txt", text.encode(), "{}"), ("b.txt", other.encode(), "{}")], vector_target=target)
    assert ask(world, index, query=query)[0]["content"] == text


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"team": {"operator": "eq", "value": "law"}}, {"lease.pdf"}),
        ({"team": {"operator": "ne", "value": "law"}}, {"bolts.md", "prices.csv"}),
        ({"team": {"operator": "in", "value": ["law", "plant"]}}, {"lease.pdf", "bolts.md"}),
        ({"team": {"operator": "nin", "value": ["law", "plant"]}}, {"prices.csv"}),
        ({"tags": {"operator": "eq", "value": "sales"}}, {"prices.csv"}),
        ({"year": {"operator": "gt", "value": 2023}}, {"bolts.md"}),
        ({"year": {"operator": "lte", "value": 2023.5}}, {"lease.pdf"}),
        ({"year": [{"operator": "gte", "value": 2023}, {"operator": "lt", "value": 2024}]}, {"lease.pdf"}),
        ({"ok": {"operator": "eq", "value": True}}, {"bolts.md"}),
        ({"ok": {"operator": "eq", "value": 1}}, set()),
        ({"team": None}, {"lease.pdf", "bolts.md", "prices.csv"}),
        ({}, {"lease.pdf", "bolts.md", "prices.csv"}),
    ],
)
def test_custom_filters_look_at_the_metadata(world: World, filters: Any, expected: set[str]) -> None:
    index, _ = indexed(world)
    assert names(world, index, custom_filters=filters) == expected


def test_a_static_filter_looks_at_the_file(world: World) -> None:
    index, files = indexed(world)
    only = {"parsed_directory_file_id": {"operator": "eq", "value": files["bolts.md"]}}
    assert names(world, index, static_filters=only) == {"bolts.md"}
    but = {"parsed_directory_file_id": {"operator": "nin", "value": [files["bolts.md"]]}}
    assert names(world, index, static_filters=but) == {"lease.pdf", "prices.csv"}
    unknown = {"something_else": {}, "parsed_directory_file_id": None}
    assert len(names(world, index, static_filters=unknown)) == 3


def test_counts_weights_and_thresholds_hold(world: World) -> None:
    index, _ = indexed(world)
    assert len(ask(world, index, query="bolt rent", top_k=2)) == 2
    assert len(ask(world, index, query="bolt rent", rerank={"top_n": 1})) == 1
    plain = ask(world, index, query="bolt rent", rerank={"enabled": False, "top_n": 1})
    assert [hit["rerank_score"] for hit in plain] == [None] * 3
    scores = [hit["score"] for hit in plain]
    assert scores == sorted(scores, reverse=True)
    assert len(ask(world, index, query="bolt rent", score_threshold=scores[0])) == 1
    words = ask(world, index, query="torqe", vector_pipeline_weight=0, full_text_pipeline_weight=1)
    assert words == []
    assert ask(world, index, query="bolt", vector_pipeline_weight=0, full_text_pipeline_weight=0, num_candidates=1)


@pytest.mark.parametrize(
    "body",
    [
        {"top_k": 501},
        {"top_k": 0},
        {"num_candidates": 0},
        {"vector_pipeline_weight": 1.5},
        {"full_text_pipeline_weight": -1},
        {"rerank": {"top_n": 0}},
        {"query": 5},
        {"custom_filters": {"a": {"operator": "like", "value": "x"}}},
    ],
)
def test_a_question_that_will_not_do_is_refused(world: World, body: dict[str, Any]) -> None:
    index, _ = indexed(world)
    answer = world.client.post(f"{RETRIEVAL}/retrieve", json={"index_id": index, "query": "bolt", **body})
    assert answer.status_code == 422
    check_against_contract("current", "POST", f"{RETRIEVAL}/retrieve", answer)


@pytest.mark.parametrize("operation", ["retrieve", "files/find", "files/grep", "files/read"])
def test_an_index_or_a_file_that_is_not_there_is_404(world: World, operation: str) -> None:
    body = {"query": "q", "file_id": "dfl-nowhere", "pattern": "p"}
    assert world.status("POST", f"{RETRIEVAL}/{operation}", json={"index_id": "idx-nowhere", **body}) == 404
    if operation in ("files/grep", "files/read"):
        index, _ = indexed(world)
        assert world.status("POST", f"{RETRIEVAL}/{operation}", json={"index_id": index, **body}) == 404


@pytest.mark.parametrize(("setting", "expected"), [("empty", 200), ("conflict", 409)])
def test_an_index_that_was_never_ready_finds_nothing(worlds: Worlds, setting: str, expected: int) -> None:
    world = worlds({"retrieve_before_ready": setting})
    directory = world.directory()
    world.uploaded(directory)
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})["id"]
    answer = world.client.post(f"{RETRIEVAL}/retrieve", json={"index_id": index, "query": "hello"})
    assert answer.status_code == expected
    assert expected == 409 or answer.json() == {"results": []}
    world.emulator.control.finish_syncs()
    assert len(ask(world, index, query="hello")) == 1


def test_the_last_good_sync_is_served_while_another_runs_and_after_one_failed(world: World) -> None:
    index, _ = indexed(world)
    (directory,) = [each["id"] for each in world.items("/api/v1/beta/directories", type="user")]
    world.uploaded(directory, "new.txt", b"a novelty")
    world.emulator.control.fail_next_sync(directory)
    world.ok("POST", f"/api/v1/indexes/{index}/sync")
    assert ask(world, index, query="novelty") == []
    world.emulator.control.finish_syncs()
    assert ask(world, index, query="novelty") == []
    assert ask(world, index, query="torque")
    world.ok("POST", f"/api/v1/indexes/{index}/sync")
    world.emulator.control.finish_syncs()
    assert len(ask(world, index, query="novelty")) == 1
    assert len(ask(world, index, query="torque")) == 1


def test_files_are_found_by_name(world: World) -> None:
    index, files = indexed(world)
    found = world.ok("POST", f"{RETRIEVAL}/files/find", json={"index_id": index, "file_name": "bolts.md"})
    assert found["items"] == [{"file_id": files["bolts.md"], "file_name": "bolts.md"}]
    some = world.ok("POST", f"{RETRIEVAL}/files/find", json={"index_id": index, "file_name_contains": "L"})
    assert [each["file_name"] for each in some["items"]] == ["lease.pdf", "bolts.md"]
    page = world.ok("POST", f"{RETRIEVAL}/files/find", json={"index_id": index, "page_size": 2})
    body = {"index_id": index, "page_size": 2, "page_token": page["next_page_token"]}
    rest = world.ok("POST", f"{RETRIEVAL}/files/find", json=body)
    assert [each["file_name"] for each in page["items"] + rest["items"]] == ["lease.pdf", "bolts.md", "prices.csv"]


def test_a_pattern_is_found_with_its_place_and_what_is_around(world: World) -> None:
    index, files = indexed(world)
    body = {"index_id": index, "file_id": files["lease.pdf"], "pattern": r"\bmonth\w*|rent", "context_chars": 5}
    items = world.ok("POST", f"{RETRIEVAL}/files/grep", json=body)["items"]
    assert [each["content"] for each in items] == [
        "pays rent mont",
        "rent monthly.\n\nNo"[0:13] + "\n\nNo",
        "hree months.",
    ]
    page = world.ok("POST", f"{RETRIEVAL}/files/grep", json={**body, "page_size": 2})
    rest = {**body, "page_size": 2, "page_token": page["next_page_token"]}
    assert page["items"] + world.ok("POST", f"{RETRIEVAL}/files/grep", json=rest)["items"] == items
    text = world.ok("POST", f"{RETRIEVAL}/files/read", json=body)["content"]
    assert [text[each["start_char"] : each["end_char"]] for each in items] == ["rent", "monthly", "months"]


def test_what_is_around_a_match_has_an_end(world: World) -> None:
    text = b"a" * 30_000 + b"needle" + b"b" * 30_000
    index, _ = indexed(world, [("a.txt", text, "{}")])
    (file,) = world.ok("POST", f"{RETRIEVAL}/files/find", json={"index_id": index})["items"]
    body = {"index_id": index, "file_id": file["file_id"], "pattern": "needle", "context_chars": 10**9}
    (match,) = world.ok("POST", f"{RETRIEVAL}/files/grep", json=body)["items"]
    assert match["content"] == "a" * 10_000 + "needle" + "b" * 10_000


def test_a_file_is_known_by_every_id_that_it_has(world: World) -> None:
    directory = world.directory()
    file = world.uploaded(directory, "a.txt", b"hello")
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})["id"]
    world.emulator.control.finish_syncs()
    for identity in (file["id"], file["file_id"]):
        assert world.ok("POST", f"{RETRIEVAL}/files/read", json={"index_id": index, "file_id": identity})["content"]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("grep", {"pattern": "("}),
        ("grep", {"pattern": "(?=x)"}),
        ("grep", {"pattern": "x", "context_chars": -1}),
        ("grep", {"pattern": "x", "page_size": 0}),
        ("grep", {"pattern": "x", "page_token": "?"}),
        ("read", {"offset": -1}),
        ("read", {"max_length": -1}),
    ],
)
def test_grep_and_read_refuse_what_will_not_do(world: World, operation: str, body: dict[str, Any]) -> None:
    index, files = indexed(world)
    whole = {"index_id": index, "file_id": files["bolts.md"], **body}
    answer = world.client.post(f"{RETRIEVAL}/files/{operation}", json=whole)
    assert answer.status_code == 422
    check_against_contract("current", "POST", f"{RETRIEVAL}/files/{operation}", answer)


def test_a_hostile_pattern_does_not_hang_the_emulator(world: World) -> None:
    index, _ = indexed(world, [("a.txt", b"a" * 50_000 + b"!", "{}")])
    (file,) = world.ok("POST", f"{RETRIEVAL}/files/find", json={"index_id": index})["items"]
    began = time.monotonic()
    body = {"index_id": index, "file_id": file["file_id"], "pattern": "(a+)+$"}
    assert world.status("POST", f"{RETRIEVAL}/files/grep", json=body) in {200, 422}
    assert time.monotonic() - began < 20


def test_the_reference_dialect_searches_and_greps_with_a_limit(worlds: Worlds) -> None:
    world = worlds(dialect="reference")
    index, files = indexed(world)
    found = world.ok("POST", f"{RETRIEVAL}/files/search", json={"index_id": index, "limit": 2})
    assert [each["file_name"] for each in found["files"]] == ["lease.pdf", "bolts.md"]
    body = {"index_id": index, "file_id": files["bolts.md"], "pattern": "bolt", "limit": 1}
    (match,) = world.ok("POST", f"{RETRIEVAL}/files/grep", json=body)["matches"]
    assert match["content"] == "bolt"
    assert world.status("POST", f"{RETRIEVAL}/files/find", json={"index_id": index}) == 404
    assert world.status("POST", f"{RETRIEVAL}/files/grep", json={**body, "limit": 0}) == 422


@pytest.mark.parametrize("dialect", DIALECTS)
def test_any_body_is_answered_by_the_contract(dialect: str) -> None:
    world = make_world(dialect=dialect)
    index, files = indexed(world)
    paths = [each for each in load_contract(dialect).operations if each.template.startswith(RETRIEVAL)]

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(paths))
        body = data.draw(fitting(dialect, operation.key))
        if isinstance(body, dict):
            body = {**body, "index_id": index, "file_id": files["bolts.md"]}
        headers = {"Content-Type": "application/json"}
        answer = world.client.post(operation.template, content=json.dumps(body).encode(), headers=headers)
        assert answer.status_code < 500
        check_against_contract(dialect, "POST", operation.template, answer)

    run()
    world.close()

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from llamasync.emulator import ConnectionCut, Fault, RequestRecord, parse_fault
from tests.emulator.support import DIRECTORIES, World

Worlds = Callable[..., World]


def create(world: World, name: str = "x") -> int:
    return world.status("POST", DIRECTORIES, json={"name": name})


def count(world: World) -> int:
    return len(world.emulator.control.snapshot()["directories"])


def struck(world: World, rule: str) -> None:
    world.emulator.set_faults([parse_fault(rule)])


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_status_comes_before_or_after_the_effect(world: World, when: str, made: int) -> None:
    struck(world, f"POST {DIRECTORIES} status=503 when={when}")
    answer = world.client.post(DIRECTORIES, json={"name": "x"})
    assert (answer.status_code, answer.json()) == (503, {"detail": "injected 503"})
    assert count(world) == made
    assert world.status("GET", DIRECTORIES) == 200
    (first, _) = world.emulator.requests
    assert (first.status, first.fault) == (503, f"503 {when}")


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_cut_comes_before_or_after_the_effect(world: World, when: str, made: int) -> None:
    struck(world, f"POST {DIRECTORIES} cut when={when}")
    with pytest.raises(ConnectionCut):
        create(world)
    assert count(world) == made
    assert world.emulator.requests[-1].status is None
    assert world.emulator.requests[-1].fault == f"cut {when}"


def test_a_cut_during_the_answer_leaves_half_of_it(world: World) -> None:
    directory = world.directory()
    link = world.ok("GET", f"/api/v1/beta/files/{world.uploaded(directory, content=b'x' * 999_999)['file_id']}/content")
    struck(world, "* * cut when=during")
    for path in (DIRECTORIES, link["url"]):
        received: list[bytes] = []
        with world.client.stream("GET", path) as answer:
            chunks = answer.iter_raw()
            with pytest.raises(ConnectionCut):
                received.extend(chunks)
        assert len(b"".join(received)) == int(answer.headers["content-length"]) // 2
    with pytest.raises(ConnectionCut):
        create(world, "made all the same")
    assert count(world) == 2


def test_an_upload_whose_answer_is_lost_has_been_stored(world: World) -> None:
    directory = world.directory()
    struck(world, "POST /api/v1/beta/directories/{id}/files/upload cut when=after")
    with pytest.raises(ConnectionCut):
        world.upload(directory, content=b"kept")
    (stored,) = world.emulator.control.snapshot()["directories"][0]["files"]
    assert world.emulator.control.blob(stored["file_id"]) == b"kept"


def test_too_many_requests_may_say_when_to_come_back(world: World) -> None:
    struck(world, "* * 429 retry_after=7")
    answer = world.client.get(DIRECTORIES)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    struck(world, "* * status=429")
    assert "retry-after" not in world.client.get(DIRECTORIES).headers


@pytest.mark.parametrize(("body", "kind", "text"), [("html", "text/html", "<!DOCTYPE html>"), ("empty", None, "")])
def test_the_body_of_a_fault_need_not_be_json(world: World, body: str, kind: str | None, text: str) -> None:
    struck(world, f"GET /api/v1/* status=502 body={body}")
    answer = world.client.get(DIRECTORIES)
    assert (answer.status_code, answer.headers.get("content-type")) == (502, kind)
    assert answer.text.startswith(text)


def test_latency_delays_and_adds_up(world: World) -> None:
    world.emulator.set_faults([parse_fault("GET * latency=30ms"), parse_fault("* * latency=0.02s")])
    began = time.perf_counter()
    world.ok("GET", DIRECTORIES)
    assert time.perf_counter() - began >= 0.05


@pytest.mark.parametrize(
    ("setting", "failed"),
    [
        ("nth=2", [2]),
        ("from=2 to=3", [2, 3]),
        ("from=4", [4, 5]),
        ("to=1", [1]),
        ("times=2", [1, 2]),
        ("from=2 times=1", [2]),
        ("p=0", []),
        ("p=1", [1, 2, 3, 4, 5]),
    ],
)
def test_a_rule_strikes_the_requests_that_it_names(world: World, setting: str, failed: list[int]) -> None:
    struck(world, f"POST {DIRECTORIES} status=500 {setting}")
    world.ok("GET", DIRECTORIES)
    assert [n for n in range(1, 6) if create(world) == 500] == failed


def test_chance_is_the_same_for_the_same_seed(worlds: Worlds) -> None:
    def run(seed: int) -> list[int]:
        world = worlds(faults=(Fault(status=500, p=0.5, seed=seed),))
        return [create(world) for _ in range(20)]

    assert run(1) == run(1) != run(2)
    assert set(run(1)) == {201, 500}


def test_the_first_rule_that_answers_wins_and_the_other_keeps_its_count(world: World) -> None:
    world.emulator.set_faults([parse_fault("POST * status=500 nth=1"), parse_fault("POST * status=409 nth=1")])
    assert [create(world), create(world), create(world)] == [500, 409, 201]


def test_a_rule_that_only_delays_does_not_hide_one_that_answers(world: World) -> None:
    world.emulator.set_faults([parse_fault("* * latency=1ms"), Fault(status=500), parse_fault("* * latency=1ms")])
    assert create(world) == 500


def test_setting_the_rules_again_begins_to_count_anew(world: World) -> None:
    for _ in range(2):
        struck(world, f"POST {DIRECTORIES} status=500 nth=1")
        assert [create(world), create(world)] == [500, 201]
    world.emulator.set_faults([])
    assert create(world) == 201


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("/a/{id}", "/a/b", True),
        ("/a/{id}", "/a/b/c", False),
        ("/a/*", "/a/b/c", True),
        ("*", "/a", True),
        ("/a.b", "/acb", False),
        ("/a/?", "/a/b", True),
        ("/downloads/*", "/downloads/x", True),
    ],
)
def test_a_path_glob_matches(glob: str, path: str, matches: bool) -> None:
    assert Fault(path=glob).matches("GET", path) is matches


def test_a_rule_may_name_several_methods(world: World) -> None:
    struck(world, "POST,PATCH * status=500")
    assert create(world) == 500
    assert world.status("GET", DIRECTORIES) == 200


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("POST", "expected METHOD PATH-GLOB"),
        ("FETCH /x status=500", "no method 'FETCH'; there are: *, GET"),
        ("GET x status=500", "the path 'x' must start with / or *"),
        ("GET /x", "does nothing"),
        ("GET /x when=after", "does nothing"),
        ("GET /x statsu=500", "did you mean status?"),
        ("GET /x zzzz=1", "no setting 'zzzz'; METHOD"),
        ("GET /x status=999", "expected a status from 200 to 599"),
        ("GET /x status=", "status needs a value"),
        ("GET /x status=500 when=later", "expected before or during or after"),
        ("GET /x latency=20", "expected a time such as 20ms"),
        ("GET /x status=500 nth=0", "expected a whole number from 1"),
        ("GET /x status=500 p=2", "expected a probability from 0 to 1"),
        ("GET /x status=500 p=x", "expected a probability from 0 to 1"),
        ("GET /x status=500 seed=x", "expected a whole number"),
        ("GET /x status=500 status=501", "'status=501' is given twice"),
        ("GET /x cut status=500", "either cut or status"),
        ("GET /x status=500 when=during", "when=during needs cut"),
        ("GET /x cut retry_after=1", "retry_after needs a status"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_wrong_part(rule: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        parse_fault(rule)
    assert repr(rule) in str(refused.value)


def test_a_full_rule_is_read() -> None:
    rule = "post /x status=503 when=after latency=1.5s retry_after=2 from=2 to=9 times=3 p=0.25 seed=4 body=html"
    assert parse_fault(rule) == Fault(
        "POST", "/x", 503, when="after", body="html",
        latency_s=1.5, retry_after="2", from_=2, to=9, times=3, p=0.25, seed=4,
    )  # fmt: skip


def test_the_hook_is_called_before_and_after_every_effect(worlds: Worlds) -> None:
    seen: list[tuple[int, str, int, int | None]] = []

    def hook(record: RequestRecord, moment: str) -> None:
        seen.append((record.n, moment, count(world), record.status))

    world = worlds(on_request=hook)
    create(world)
    world.status("GET", "/no/such/path")
    struck(world, "* * status=500")
    create(world)
    assert seen == [
        (1, "before", 0, None), (1, "after", 1, 201),
        (2, "before", 1, None), (2, "after", 1, 404),
        (3, "before", 1, None), (3, "after", 1, 500),
    ]  # fmt: skip


def test_the_hook_can_be_set_when_the_world_is_ready(world: World) -> None:
    create(world)
    numbers: list[int] = []
    world.emulator.clear_requests()
    world.emulator.on_request = lambda record, _moment: numbers.append(record.n)
    create(world)
    assert world.emulator.on_request is not None
    assert numbers == [1, 1]


@pytest.mark.parametrize(("moment", "made"), [("before", 1), ("after", 2)])
def test_the_hook_can_end_the_client_at_any_request(worlds: Worlds, moment: str, made: int) -> None:
    class Killed(BaseException):
        pass

    def hook(record: RequestRecord, now: str) -> None:
        if (record.n, now) == (2, moment):
            raise Killed

    world = worlds(on_request=hook)
    create(world)
    with pytest.raises(Killed):
        create(world)
    assert count(world) == made


def test_the_log_says_what_was_sent(world: World) -> None:
    directory = world.directory("docs")
    world.upload(directory, content=b"hello", unique_id="u")
    world.ok("GET", DIRECTORIES, params={"types": ["user", "index"]})
    sent, uploaded, listed = world.emulator.requests
    assert (sent.n, sent.method, sent.path, sent.body, sent.status) == (1, "POST", DIRECTORIES, {"name": "docs"}, 201)
    file: dict[str, Any] = uploaded.form["upload_file"]
    assert (uploaded.form["unique_id"], file["filename"], file["size"]) == ("u", "a.txt", 5)
    assert len(file["sha256"]) == 64
    assert listed.query == (("types", "user"), ("types", "index"))
    world.emulator.clear_requests()
    world.ok("GET", DIRECTORIES)
    assert [each.n for each in world.emulator.requests] == [1]


def test_the_log_says_what_was_sent_when_it_was_refused_or_struck(world: World) -> None:
    directory = world.directory()
    world.status("POST", DIRECTORIES, json={"name": ""})
    world.upload(directory, metadata="{")
    struck(world, "* * status=500")
    world.status("POST", DIRECTORIES, json={"name": "struck"})
    world.status("POST", DIRECTORIES, content=b"{", headers={"Content-Type": "application/json"})
    world.upload(directory)
    _, refused, form, hit, broken, upload = world.emulator.requests
    assert (refused.status, refused.body) == (422, {"name": ""})
    assert (form.status, form.form["metadata"]) == (422, "{")
    assert (hit.status, hit.body) == (500, {"name": "struck"})
    assert (broken.body, upload.form) == (None, {})


def test_the_log_is_bounded(worlds: Worlds) -> None:
    world = worlds(request_log_size=3)
    for _ in range(5):
        world.ok("GET", DIRECTORIES)
    assert [each.n for each in world.emulator.requests] == [3, 4, 5]

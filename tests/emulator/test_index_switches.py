"""Under every combination of switches, and from many threads: answers by the contract, and one sync at a time."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from llamasync.emulator import Emulator, Options, Switches
from llamasync.emulator.times import now_utc
from tests.emulator.documents import pdf
from tests.emulator.support import World, check_against_contract, make_world

Worlds = Callable[..., World]


@pytest.mark.parametrize("seed", range(30))
def test_every_combination_of_switches_answers_by_the_contract(seed: int) -> None:
    chooser = random.Random(seed)
    chosen = {name: chooser.choice(values) for name, values in Switches.space().items()}
    # Newer than the contract file, and tested where it belongs.
    chosen["chat_shared_access"] = "absent"
    dialect = chooser.choice(["reference", "current"])
    world = make_world(chosen, dialect=dialect)
    directory = world.directory()
    file = world.uploaded(directory, "a.pdf", pdf("some words"), unique_id="a")
    world.uploaded(directory, "b.pdf", b"damaged", unique_id="b")
    made = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})
    name = made["export_config_id" if chosen["index_id_accepted"] == "export_config_id" else "id"]
    chat = world.ok("POST", "/api/v1/chat", json={"index_ids": [name]})["session_id"]
    find = "search" if dialect == "reference" else "find"
    body = {"index_id": name, "query": "words", "file_id": file["id"], "pattern": "w[a-z]+"}
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/indexes", {"source_directory_id": directory}),
        ("GET", f"/indexes/{name}", None),
        ("POST", f"/indexes/{name}/sync", None),
        ("GET", f"/indexes?source_directory_id={directory}&page_size=1", None),
        ("POST", "/retrieval/retrieve", body),
        ("POST", f"/retrieval/files/{find}", body),
        ("POST", "/retrieval/files/grep", body),
        ("POST", "/retrieval/files/read", body),
        ("POST", f"/chat/{chat}/messages/stream", {"index_ids": [name], "prompt": "words?"}),
        ("GET", f"/chat/{chat}", None),
        ("GET", "/chat", None),
    ]
    endings: list[tuple[str, str, Any]] = [
        ("DELETE", f"/chat/{chat}", None),
        ("DELETE", f"/chat/{chat}", None),
        ("DELETE", f"/beta/directories/{directory}", None),
        ("POST", f"/indexes/{name}/sync", None),
        ("GET", f"/indexes/{name}", None),
        ("DELETE", f"/indexes/{name}", None),
        ("DELETE", f"/indexes/{name}", None),
        ("GET", "/indexes", None),
    ]
    for method, path, sent in (*calls, *calls, *endings):
        answer = world.client.request(method, f"/api/v1{path}", json=sent)
        assert answer.status_code < 500
        check_against_contract(dialect, method, f"/api/v1{path}".partition("?")[0], answer)
        world.clock.move(seconds=chooser.choice([0, 0.02, 1, 5]))
    world.close()


def test_of_many_syncs_at_once_one_begins() -> None:
    with Emulator(Options(switches=Switches(sync_duration_ms=60_000), clock=now_utc)) as emulator:
        world = World(emulator, clock=None)  # type: ignore[arg-type]
        index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": world.directory()})["id"]
        emulator.control.finish_syncs()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: world.status("POST", f"/api/v1/indexes/{index}/sync"), range(24)))
        assert sorted(answers) == [202, *[409] * 23]
        world.client.close()


def test_readers_and_syncs_from_many_threads_see_whole_syncs() -> None:
    with Emulator(Options(switches=Switches(sync_duration_ms=1), clock=now_utc)) as emulator:
        world = World(emulator, clock=None)  # type: ignore[arg-type]
        directory = world.directory()
        for i in range(5):
            world.uploaded(directory, f"{i}.txt", b"the same words")
        index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})["id"]
        emulator.control.finish_syncs()

        def look(i: int) -> int:
            if i % 3 == 0:
                return 5 if world.status("POST", f"/api/v1/indexes/{index}/sync") in (202, 409) else 0
            body = {"index_id": index, "query": "same words"}
            return len(world.ok("POST", "/api/v1/retrieval/retrieve", json=body)["results"])

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(look, range(60))) == {5}
        world.client.close()


def test_a_token_of_a_list_of_matches_holds_while_the_index_syncs_again(world: World) -> None:
    directory = world.directory()
    file = world.uploaded(directory, "a.txt", b"a1 a2 a3")
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})["id"]
    world.emulator.control.finish_syncs()
    body = {"index_id": index, "file_id": file["id"], "pattern": r"a\d", "page_size": 2}
    page = world.ok("POST", "/api/v1/retrieval/files/grep", json=body)
    world.ok("POST", f"/api/v1/indexes/{index}/sync")
    world.emulator.control.finish_syncs()
    rest = world.ok("POST", "/api/v1/retrieval/files/grep", json={**body, "page_token": page["next_page_token"]})
    assert [each["content"] for each in page["items"] + rest["items"]] == ["a1", "a2", "a3"]

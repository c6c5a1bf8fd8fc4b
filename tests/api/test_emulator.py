"""The client against the emulator, in process."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import BinaryIO

import pytest

from llamasync.api.client import Client
from llamasync.api.dialect import Dialect, detect_dialect
from llamasync.api.endpoint import Endpoint
from llamasync.api.errors import OutcomeUnknown, Refused
from llamasync.api.paths import path_for
from llamasync.api.wsgi import WsgiTransport
from llamasync.core.secret import Secret
from llamasync.emulator import Emulator, Options, parse_fault
from tests.api.scripted import StillClock

PATH = "/api/v1/beta/directories"
MB = 1024 * 1024


@contextmanager
def emulated(*faults: str, dialect: str = "current") -> Iterator[tuple[Client, Emulator]]:
    options = Options(faults=tuple(map(parse_fault, faults)), dialect=dialect)  # type: ignore[arg-type]
    with Emulator(options) as emulator:
        endpoint = Endpoint("http://emulator.localhost", Secret("key"), emulator.default_project_id)
        with Client(endpoint, transport=WsgiTransport(emulator), clock=StillClock(), random=Random(1)) as client:
            yield client, emulator


def names(client: Client, page_size: int = 1000) -> list[str]:
    return [item["name"] for page in client.pages(PATH, page_size=page_size) for item in page]


def test_directories_are_made_listed_renamed_and_deleted() -> None:
    with emulated() as (client, _):
        made = [client.create(PATH, {"name": f"d{number}"}) for number in range(7)]
        assert sorted(names(client, page_size=3)) == [f"d{number}" for number in range(7)]
        place = path_for(PATH + "/{id}", id=made[0]["id"])
        renamed = client.send("PATCH", place, {"name": "new"})
        assert renamed is not None
        assert renamed["name"] == "new"
        assert client.send("DELETE", place) is None
        with pytest.raises(Refused) as raised:
            client.get(place)
        assert raised.value.status == 404


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("how", ["cut", "status=500", "status=503", "status=502 body=html", "status=408"])
def test_create_that_is_cut_off_is_unknown_and_there_is_never_a_twin(how: str, when: str, made: int) -> None:
    with emulated(f"POST {PATH} {how} when={when} nth=1") as (client, _):
        with pytest.raises(OutcomeUnknown):
            client.create(PATH, {"name": "a"})
        assert names(client) == ["a"] * made


def test_reads_and_changes_outlive_a_poor_connection() -> None:
    with emulated() as (client, emulator):
        place = f"{PATH}/{client.create(PATH, {'name': 'a'})['id']}"
        emulator.set_faults(
            [parse_fault("* * cut p=0.15 when=after seed=3"), parse_fault("* * status=503 p=0.1 seed=4")]
        )
        for number in range(20):
            client.send("PATCH", place, {"name": f"n{number}"})
            assert names(client) == [f"n{number}"]
        client.send("DELETE", place)
        emulator.set_faults([])
        assert names(client) == []


def test_client_and_emulator_agree_on_how_many_calls_there_were() -> None:
    with emulated(f"GET {PATH} status=429 retry_after=1 times=2") as (client, emulator):
        client.create(PATH, {"name": "a"})
        names(client)
        assert (client.calls.read, client.calls.write) == (3, 1)
        assert len(emulator.requests) == 4


def test_large_file_goes_up_and_comes_back_in_flat_memory() -> None:
    class Zeros(io.RawIOBase):
        left = 64 * MB

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            count = min(len(buffer), self.left)
            buffer[:count] = bytes(count)  # else it holds what was there before: the boundary, once in a while
            self.left -= count
            return count

    def open_file() -> BinaryIO:
        return io.BufferedReader(Zeros())  # type: ignore[return-value]

    with emulated() as (client, _):
        directory = client.create(PATH, {"name": "a"})["id"]
        tracemalloc.start()
        try:
            made = client.upload(
                f"{PATH}/{directory}/files/upload", {"unique_id": "z"}, "upload_file", "z.bin", open_file, 64 * MB
            )
            link = client.get(f"/api/v1/beta/files/{made['file_id']}/content")
            assert isinstance(link, dict)
            received = sum(map(len, client.download(link["url"])))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert received == 64 * MB
        assert peak < 8 * MB


@pytest.mark.parametrize("dialect", list(Dialect))
def test_dialect_of_the_emulator_is_recognised(dialect: Dialect) -> None:
    with emulated(dialect=dialect.value) as (client, _):
        assert detect_dialect(client) is dialect

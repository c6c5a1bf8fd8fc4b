"""The law of creates: whatever goes wrong, at most one of them has its effect, and what is said of it is true."""

from __future__ import annotations

import httpx
from hypothesis import given
from hypothesis import strategies as st

from llamasync.api.errors import ApiError, OutcomeUnknown, Refused, Unreachable
from tests.api.scripted import answer, client_of

PATH = "/api/v1/beta/directories"
FATES = [
    "fine",
    "no connection",
    "429",
    "422",
    "cut before",
    "cut after",
    "503 before",
    "503 after",
    "408",
    "half",
    "html",
]


class Fated(httpx.BaseTransport):
    """A service that keeps objects, on a network where each request has the next fate; at last all is well."""

    def __init__(self, fates: list[str]) -> None:
        self.fates = fates
        self.objects: set[str] = set()
        self.effects = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fate = self.fates.pop(0) if self.fates else "fine"
        if fate == "no connection":
            raise httpx.ConnectError("refused")
        if fate in ("429", "422", "408") or fate.endswith("before"):
            if fate.startswith("cut"):
                raise httpx.ReadError("reset")
            return answer(int(fate[:3]), {"detail": fate})
        done = self._act(request)
        if fate == "cut after":
            raise httpx.RemoteProtocolError("disconnected")
        if fate == "half":
            return httpx.Response(200, headers={"Content-Type": "application/json"}, content=b'{"id')
        if fate == "html":
            return httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<html>")
        return answer(503, {}) if fate == "503 after" else done

    def _act(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.effects += 1
            self.objects.add("a")
            return answer(201, {"id": "a"})
        if "a" not in self.objects:
            return answer(404, {"detail": "gone"})
        if request.method == "DELETE":
            self.objects.remove("a")
            return httpx.Response(204)
        return answer(200, {"id": "a"})


@given(st.lists(st.sampled_from(FATES), max_size=16))
def test_create_takes_effect_at_most_once_and_its_outcome_is_told_truly(fates: list[str]) -> None:
    service = Fated(fates)
    try:
        client_of(service).create(PATH, {"name": "a"})
    except OutcomeUnknown:
        assert service.effects <= 1
    except (Refused, Unreachable):
        assert service.effects == 0
    else:
        assert service.effects == 1


@given(st.lists(st.sampled_from([fate for fate in FATES if fate not in ("422", "html")]), max_size=16))
def test_delete_that_returns_is_done_and_one_that_is_refused_is_not(fates: list[str]) -> None:
    service = Fated(fates)
    service.objects.add("a")
    try:
        client_of(service).send("DELETE", f"{PATH}/a")
    except OutcomeUnknown:
        pass
    except ApiError:
        assert service.objects == {"a"}
    else:
        assert service.objects == set()

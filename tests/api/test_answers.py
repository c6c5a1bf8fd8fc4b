from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import httpx
import pytest

from llamasync.api.answers import MAX_DETAIL, Answer, detail_of, read_retry_after
from llamasync.api.dialect import Dialect, detect_dialect
from llamasync.api.errors import ApiError, NotLlamaCloud, Refused
from llamasync.api.paths import encode_query, path_for, template_of
from llamasync.core.address import Address
from llamasync.core.clock import SYSTEM_CLOCK
from llamasync.core.source import Source
from tests.api.scripted import Script, answer, client_of, page

PATH = "/api/v1/beta/directories"


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "LS406"), (401, "LS402"), (402, "LS410"), (403, "LS413"), (404, "LS414"), (409, "LS406"), (429, "LS407")],
)
def test_status_of_a_refusal_decides_its_code(status: int, code: str) -> None:
    with pytest.raises(Refused) as raised:
        client_of(Script(answer(status, {"detail": "no"}))).create(PATH, {})
    assert raised.value.diagnostic().code == code


def test_error_becomes_a_diagnostic_of_the_manifest() -> None:
    error = Refused("name taken", method="POST", path=PATH, status=409)
    found = error.diagnostic(Address("Directory", "a"), Source("a.yaml", 1, 1))
    assert found.detail == f"POST {PATH}: 409 name taken"
    assert (found.address, found.source) == (Address("Directory", "a"), Source("a.yaml", 1, 1))
    assert str(ApiError("alone")) == "alone"


def test_web_page_is_told_as_one() -> None:
    with pytest.raises(NotLlamaCloud) as raised:
        client_of(Script(page(200, "<!DOCTYPE html><title> Log\nin </title>"))).get(PATH)
    assert raised.value.diagnostic().code == "LS405"
    assert raised.value.detail == "a web page: Log in"


@pytest.mark.parametrize(
    "strange",
    [
        page(200, "OK", "text/plain"),
        page(404, "404 page not found", "text/plain"),
        page(404, "", ""),
        page(405, "{cut", "application/json"),
        page(301, "", ""),
        page(304, "", ""),
    ],
)
def test_answer_that_the_api_does_not_give_is_not_llamacloud(strange: httpx.Response) -> None:
    with pytest.raises(NotLlamaCloud) as raised:
        client_of(Script(strange)).get(PATH)
    assert raised.value.diagnostic().code == "LS404"


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_refusal_by_a_web_page_is_not_the_service_speaking(status: int) -> None:
    with pytest.raises(NotLlamaCloud) as raised:
        client_of(Script(page(status, "<html>blocked"))).create(PATH, {})
    assert raised.value.diagnostic().code == "LS405"


def test_gateway_page_with_a_server_error_is_tried_again() -> None:
    script = Script(page(502, "<html><title>Bad Gateway"), answer(value={}))
    assert client_of(script).get(PATH) == {}


def test_redirect_is_not_followed_and_says_where_to() -> None:
    script = Script(answer(307, None, Location="https://u:p@eu.example/api/v1/beta/directories?token=s"))
    with pytest.raises(NotLlamaCloud) as raised:
        client_of(script).get(PATH)
    assert raised.value.diagnostic().hint == "use --endpoint https://eu.example"
    assert raised.value.detail == "redirects to https://eu.example, which is not followed, for the key would go along"
    assert len(script.requests) == 1


@pytest.mark.parametrize("place", ["/login", "https://login.example/"])
def test_redirect_to_another_path_has_no_hint(place: str) -> None:
    with pytest.raises(NotLlamaCloud) as raised:
        client_of(Script(answer(302, None, Location=place))).create(PATH, {})
    assert raised.value.hint == ""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"detail": "name taken"}', "name taken"),
        (b'{"detail": {"message": "deep", "code": 5}}', "deep"),
        (b'{"detail": {"code": 5}}', '{"code": 5}'),
        (b'{"error": {"msg": "other form"}}', "other form"),
        (b'{"detail": ["a", {"msg": "b"}]}', "a; b"),
        (b'{"detail": [{"loc": ["body"]}]}', "body: wrong"),
        (b'"text"', "text"),
        (b"12", "12"),
        (b"{cut", "{cut"),
        (b"", "an answer without content"),
        (b'{"detail": "a\\n\\u001b[31m\\u202eb"}', "a [31m b"),
    ],
)
def test_every_form_of_error_is_one_line_for_people(body: bytes, told: str) -> None:
    assert detail_of(Answer(400, "application/json", body)) == told


def test_long_error_is_shortened() -> None:
    told = detail_of(Answer(400, "text/plain", b"x" * 100_000))
    assert len(told) == MAX_DETAIL
    assert told.endswith("…")


@pytest.mark.parametrize(("text", "seconds"), [("", None), ("-1", None), ("0.5", 0.5), ("nonsense, yes", None)])
def test_odd_wishes_to_wait_are_understood_or_ignored(text: str, seconds: float | None) -> None:
    assert read_retry_after(text, datetime(2026, 1, 1, tzinfo=UTC)) == seconds


def test_date_in_the_past_means_at_once() -> None:
    assert read_retry_after("Wed, 01 Jan 2020 00:00:00 -0000", datetime(2026, 1, 1, tzinfo=UTC)) == 0


def test_ids_are_encoded_whole() -> None:
    assert path_for("/a/{x}/b/{y}", x="1/2?#", y="é") == "/a/1%2F2%3F%23/b/%C3%A9"
    with pytest.raises(KeyError):
        path_for("/a/{x}")
    for odd in ("", ".", ".."):
        with pytest.raises(ValueError, match="x of"):
            path_for("/a/{x}", x=odd)


def test_lists_of_one_kind_share_a_template() -> None:
    assert template_of("/api/v1/beta/directories/dir-1/files") == "/api/v1/beta/directories/{}/files"
    assert template_of("/api/v2/batches") == "/api/v2/batches"


def test_empty_query_is_nothing() -> None:
    assert encode_query({}) == encode_query({"a": None, "b": []}) == ""


@pytest.mark.parametrize("absent", [answer(404, {"detail": "Not Found"}), answer(405, {}), page(404, "none", "")])
def test_endpoint_without_webhooks_speaks_the_reference_dialect(absent: httpx.Response) -> None:
    assert detect_dialect(client_of(Script(absent))) is Dialect.REFERENCE


@pytest.mark.parametrize("known", [answer(value=[]), answer(403, {"detail": "no"}), answer(501, {"detail": "no"})])
def test_endpoint_with_webhooks_speaks_the_current_dialect(known: httpx.Response) -> None:
    assert detect_dialect(client_of(Script(known))) is Dialect.CURRENT


@pytest.mark.parametrize("other", [answer(401, {"detail": "no"}), page(404, "<html>")])
def test_endpoint_that_says_neither_has_no_dialect(other: httpx.Response) -> None:
    with pytest.raises(ApiError):
        detect_dialect(client_of(Script(other)))


def test_errors_and_the_client_module_do_not_load_httpx() -> None:
    modules = "errors, retry, limiter, endpoint, client, fetch, dialect, paging"
    code = f"import sys; from llamasync.api import {modules}; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_real_clock_goes_on() -> None:
    before = SYSTEM_CLOCK.monotonic()
    SYSTEM_CLOCK.sleep(0.002)
    SYSTEM_CLOCK.sleep(-1)
    assert SYSTEM_CLOCK.monotonic() > before
    assert SYSTEM_CLOCK.now().tzinfo is UTC

from __future__ import annotations

import gzip
import json
import ssl
import subprocess
import sys

import httpx
import pytest

from llamasync import __version__
from llamasync.api.client import Client
from llamasync.api.endpoint import Endpoint
from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, Refused, Unreachable
from llamasync.api.limiter import Limiter
from llamasync.core.secret import Secret
from tests.api.scripted import KEY, Script, StillClock, answer, client_of, page

CUT = httpx.RemoteProtocolError("Server disconnected without sending a response.")
NO_CONNECTION = httpx.ConnectError("[Errno 111] Connection refused")
PATH = "/api/v1/beta/directories"


# -- what is sent


def test_every_request_names_key_project_organization_and_program() -> None:
    script = Script(answer(value={}))
    client_of(script, organization_id="org-1").get(PATH)
    request = script.requests[0]
    assert script.sent == [f"GET {PATH}?project_id=prj-1&organization_id=org-1"]
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["User-Agent"] == f"llamasync/{__version__}"
    assert request.headers["Host"] == "api.example"


def test_empty_project_is_never_sent() -> None:
    script = Script(answer(value={}))
    client_of(script, project_id="").get(PATH, {"project_id": None})
    assert script.sent == [f"GET {PATH}"]


def test_queries_repeat_the_key_of_a_list_and_write_booleans_as_json_does() -> None:
    script = Script(answer(value={}))
    client_of(script, project_id="").get(PATH, {"expand": ["a", "b"], "deleted": False, "name": "x&y é", "skip": None})
    assert script.sent == [f"GET {PATH}?expand=a&expand=b&deleted=false&name=x%26y%20%C3%A9"]


def test_client_of_another_project_shares_counters_and_connections() -> None:
    script = Script(answer(value={}))
    client = client_of(script)
    other = client.with_project("prj-2")
    other.get(PATH)
    client.create(PATH, {"name": "a"})
    assert (client.project_id, other.project_id) == ("prj-1", "prj-2")
    assert script.sent == [f"GET {PATH}?project_id=prj-2", f"POST {PATH}?project_id=prj-1"]
    assert other.calls is client.calls
    assert (client.calls.read, client.calls.write, client.calls.repeated) == (1, 1, 0)


def test_body_is_json_with_its_length() -> None:
    script = Script(answer(201, {"id": "dir-1"}))
    assert client_of(script).create(PATH, {"name": "é"}) == {"id": "dir-1"}
    request = script.requests[0]
    assert json.loads(request.content) == {"name": "é"}
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Length"] == str(len(request.content))


def test_post_without_a_body_says_that_it_has_none() -> None:
    script = Script(answer(202, None))
    assert client_of(script).create("/api/v1/indexes/i/sync", None) == {}
    assert script.requests[0].headers["Content-Length"] == "0"


def test_transport_that_all_threads_share_is_closed_with_the_client() -> None:
    script = Script(answer(value={}))
    with client_of(script) as client:
        client.get(PATH)
    assert script.closed == 1


def test_maker_of_transports_is_asked_for_one_a_connection() -> None:
    made: list[Script] = []

    def make() -> Script:
        made.append(Script(answer(value={})))
        return made[-1]

    client = client_of(make)  # type: ignore[arg-type]
    client.get(PATH)
    client.get(PATH)
    assert len(made) == 1
    assert len(made[0].requests) == 2


# -- reads


@pytest.mark.parametrize(
    "trouble", [CUT, NO_CONNECTION, httpx.ReadTimeout("slow"), answer(500), answer(503), answer(408), answer(429)]
)
def test_read_is_repeated_until_there_is_an_answer(trouble: Exception | httpx.Response) -> None:
    script = Script(trouble, trouble, answer(value={"id": "a"}))
    client = client_of(script)
    assert client.get(PATH) == {"id": "a"}
    assert (client.calls.read, client.calls.repeated) == (3, 2)


def test_retry_after_is_waited_for_in_both_its_forms() -> None:
    clock = StillClock()
    date = answer(429, None, Retry_After="Thu, 01 Jan 2026 00:00:13 GMT")
    script = Script(answer(503, None, Retry_After="3"), date, answer(value={}))
    client_of(script, clock).get(PATH)
    assert clock.slept == [3.0, 10.0]


def test_retry_after_that_makes_no_sense_is_a_backoff() -> None:
    clock = StillClock()
    client_of(Script(answer(503, None, Retry_After="soon"), answer(value={})), clock).get(PATH)
    assert len(clock.slept) == 1
    assert 0 < clock.slept[0] <= 0.5


def test_too_long_a_wish_is_told_as_too_many_requests() -> None:
    with pytest.raises(Refused) as raised:
        client_of(Script(answer(429, {"detail": "slow"}, Retry_After="600"))).get(PATH)
    assert raised.value.diagnostic().code == "LS407"
    assert raised.value.retry_after_s == 600


def test_slowing_down_is_passed_to_the_limiter() -> None:
    clock = StillClock()
    limiter = Limiter(16, clock=clock)
    script = Script(answer(429, None, Retry_After="1"), answer(value={}))
    client_of(script, clock, limiter=limiter).get(PATH)
    assert limiter.limit == 8
    assert limiter.in_flight == 0


def test_slowing_down_is_passed_on_though_a_create_is_not_repeated() -> None:
    clock = StillClock()
    limiter = Limiter(16, clock=clock)
    script = Script(answer(503, None), answer(value={}))
    client = client_of(script, clock, limiter=limiter)
    with pytest.raises(OutcomeUnknown):
        client.create(PATH, {})
    assert limiter.limit == 8
    client.get(PATH)
    assert clock.slept == [1.0]


def test_read_that_never_gets_an_answer_says_so() -> None:
    script = Script(CUT)
    with pytest.raises(ApiError) as raised:
        client_of(script).get(PATH)
    assert type(raised.value) is ApiError
    assert len(script.requests) == 6
    assert raised.value.diagnostic().code == "LS411"
    assert str(raised.value).startswith(f"GET {PATH}: the connection was cut: Server disconnected")


def test_no_connection_at_all_is_unreachable() -> None:
    with pytest.raises(Unreachable) as raised:
        client_of(Script(NO_CONNECTION)).get(PATH)
    assert raised.value.diagnostic().code == "LS403"
    assert "Connection refused" in raised.value.detail


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (httpx.ConnectTimeout("x"), "no connection in time"),
        (httpx.ReadTimeout("x"), "no answer in time"),
        (httpx.ReadError(""), "the connection was cut: ReadError"),
    ],
)
def test_lack_of_an_answer_is_told_in_words(error: Exception, told: str) -> None:
    with pytest.raises(ApiError) as raised:
        client_of(Script(error), max_attempts=1).get(PATH)
    assert raised.value.detail == told


def test_service_that_fails_for_ever_is_told_with_its_words() -> None:
    with pytest.raises(Refused) as raised:
        client_of(Script(answer(500, {"detail": "boom"}))).get(PATH)
    assert raised.value.diagnostic().code == "LS411"
    assert str(raised.value) == f"GET {PATH}: 500 boom"


def test_json_that_breaks_off_is_a_lost_answer() -> None:
    script = Script(page(200, '{"id": "a", "na', "application/json"), answer(value={"id": "a"}))
    assert client_of(script).get(PATH) == {"id": "a"}


def test_compressed_answer_is_read() -> None:
    def squeezed(_: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(gzip.compress(b'{"id":"a"}')))

    assert client_of(Script(squeezed)).get(PATH) == {"id": "a"}


def test_answer_that_is_not_compressed_as_it_says_is_a_lost_one() -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"{}"))

    assert client_of(Script(broken, answer(value={"id": "a"}))).get(PATH) == {"id": "a"}


def test_search_is_a_post_that_is_repeated_like_a_read() -> None:
    script = Script(CUT, answer(value={"items": []}))
    client = client_of(script)
    assert client.search("/api/v1/beta/agent-data/:search", {"deployment_name": "_public"}) == {"items": []}
    assert (client.calls.read, client.calls.write) == (2, 0)
    assert [json.loads(r.content) for r in script.requests] == [{"deployment_name": "_public"}] * 2


def test_read_of_a_bare_value_is_not_llamacloud() -> None:
    with pytest.raises(NotLlamaCloud):
        client_of(Script(answer(value="hello"))).get(PATH)


# -- changes


def test_change_is_repeated_on_a_lost_answer() -> None:
    script = Script(CUT, answer(502), answer(value={"id": "a"}))
    assert client_of(script).send("PATCH", f"{PATH}/a", {"name": "b"}) == {"id": "a"}
    assert len(script.requests) == 3


def test_change_that_never_gets_an_answer_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown) as raised:
        client_of(Script(answer(503, {"detail": "busy"}))).send("PUT", f"{PATH}/a", {})
    assert raised.value.diagnostic().code == "LS409"
    assert raised.value.status == 503


def test_move_whose_answer_was_lost_is_unknown_when_the_object_is_no_longer_there() -> None:
    script = Script(CUT, answer(404, {"detail": "Not found"}))
    with pytest.raises(OutcomeUnknown):
        client_of(script).send("PATCH", f"{PATH}/a/files/f", {"directory_id": "b"})


def test_delete_that_was_answered_twice_is_done() -> None:
    script = Script(CUT, answer(404, {"detail": "Not found"}))
    assert client_of(script).send("DELETE", f"{PATH}/a") is None


def test_delete_of_what_was_never_there_is_refused() -> None:
    with pytest.raises(Refused) as raised:
        client_of(Script(answer(429), answer(404, {"detail": "Not found"}))).send("DELETE", f"{PATH}/a")
    assert raised.value.status == 404
    assert raised.value.diagnostic().code == "LS414"


def test_delete_is_not_done_because_a_web_page_says_404() -> None:
    with pytest.raises(OutcomeUnknown):
        client_of(Script(CUT, page(404, "<html>nothing here"))).send("DELETE", f"{PATH}/a")


@pytest.mark.parametrize("done", [httpx.Response(204), answer(200, None), httpx.Response(200), answer(202, None)])
def test_delete_may_answer_nothing(done: httpx.Response) -> None:
    assert client_of(Script(done)).send("DELETE", f"{PATH}/a") is None


def test_change_that_answers_with_a_list_is_not_llamacloud() -> None:
    with pytest.raises(NotLlamaCloud):
        client_of(Script(answer(value=[]))).send("PATCH", f"{PATH}/a", {})


# -- creates


@pytest.mark.parametrize(
    "trouble",
    [
        CUT,
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.WriteError("broken pipe"),
        httpx.ReadError("reset"),
        answer(408),
        answer(500),
        answer(501),
        answer(503, None, Retry_After="1"),
        page(502, "<html><title>Bad Gateway</title>"),
        page(200, "<html>log in"),
        page(201, '{"id": "a', "application/json"),
        page(201, "", "application/json"),
        answer(201, ["a"]),
    ],
)
def test_create_is_sent_once_when_its_outcome_is_unknown(trouble: Exception | httpx.Response) -> None:
    script = Script(trouble)
    with pytest.raises(OutcomeUnknown) as raised:
        client_of(script).create(PATH, {"name": "a"})
    assert len(script.requests) == 1
    assert raised.value.diagnostic().code == "LS409"


@pytest.mark.parametrize("trouble", [NO_CONNECTION, httpx.ConnectTimeout("x"), httpx.PoolTimeout("x"), answer(429)])
def test_create_is_sent_again_when_nothing_can_have_happened(trouble: Exception | httpx.Response) -> None:
    script = Script(trouble, answer(201, {"id": "a"}))
    assert client_of(script).create(PATH, {"name": "a"}) == {"id": "a"}


def test_create_that_was_refused_is_certain() -> None:
    invalid = {"detail": [{"loc": ["body", "name"], "msg": "too long", "type": "x"}, {"loc": ["query", 0], "msg": "?"}]}
    with pytest.raises(Refused) as raised:
        client_of(Script(answer(422, invalid))).create(PATH, {})
    assert raised.value.detail == "body.name: too long; query.0: ?"
    assert (raised.value.method, raised.value.path, raised.value.status) == ("POST", PATH, 422)


def test_create_with_an_empty_answer_is_an_empty_object() -> None:
    assert client_of(Script(httpx.Response(204))).create(f"{PATH}/a/files/bulk-delete", {}) == {}


# -- secrets


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_key_that_the_service_quotes_stays_out_of_errors(status: int) -> None:
    for call in ("get", "create"):
        client = client_of(Script(answer(status, {"detail": f"bad key {KEY}"})))
        with pytest.raises(ApiError) as raised:
            client.get(PATH) if call == "get" else client.create(PATH, {})
        assert KEY not in str(raised.value) + repr(raised.value) + repr(raised.value.diagnostic())
        assert "(secret)" in raised.value.detail


def test_endpoint_without_a_key_leaves_errors_as_they_are() -> None:
    from llamasync.api.client import Client
    from llamasync.api.endpoint import Endpoint
    from llamasync.core.secret import Secret

    client = Client(Endpoint("http://localhost", Secret("")), transport=Script(answer(400, {"detail": "no"})))
    with pytest.raises(Refused, match="no"):
        client.get(PATH)


def test_the_client_imports_no_command_line_of_a_library() -> None:
    code = (
        "import sys\n"
        "from llamasync.api.client import Client\nfrom llamasync.api.endpoint import Endpoint\n"
        "from llamasync.core.secret import Secret\n"
        "Client(Endpoint('http://127.0.0.1:1', Secret('k'), 'p')).close()\n"
        "sys.exit([name for name in ('httpx._main', 'rich', 'pygments', 'click') if name in sys.modules] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("url", "loads"), [("https://api.example.com", 1), ("http://127.0.0.1:1", 0)])
def test_certificates_are_loaded_where_there_is_something_to_verify(
    url: str, loads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[ssl.SSLContext] = []
    load = httpx.create_ssl_context

    def counted() -> ssl.SSLContext:
        loaded.append(load())
        return loaded[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", counted)
    Client(Endpoint(url, Secret("k"), "p")).close()
    assert len(loaded) == loads

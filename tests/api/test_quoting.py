"""What a service quotes of a request must not bring a secret into a log."""

from __future__ import annotations

import pytest

from llamasync.api.bodies import JsonBody
from llamasync.api.errors import Refused
from llamasync.api.quoting import silenced
from llamasync.core.secret import Secret
from tests.api.scripted import Script, answer, client_of

PATH = "/api/v1/beta/webhook-configs"


def test_secret_becomes_its_text_in_the_body_alone() -> None:
    body = JsonBody({"a": [Secret("x")], "b": {"c": Secret("y")}})
    assert b"".join(body.chunks()) == b'{"a":["x"],"b":{"c":"y"}}'
    assert body.secrets == [Secret("x"), Secret("y")]


def test_what_is_no_json_is_a_bug_still() -> None:
    with pytest.raises(TypeError, match="set is not JSON"):
        JsonBody({"a": {1}})


@pytest.mark.parametrize("text", ["hunter2", 'with "quotes"', "a", "ü-müde"])
def test_secret_that_the_service_quotes_stays_out_of_errors(text: str) -> None:
    client = client_of(Script(answer(422, {"detail": [{"loc": ["body"], "msg": f"<{text}> is no secret"}]})))
    with pytest.raises(Refused) as raised:
        client.create(PATH, {"secret": Secret(text)})
    assert text not in raised.value.detail.replace("(secret)", "").replace(" is no secret", "").replace("body", "")
    assert "<(secret)>" in raised.value.detail


def test_only_the_hidden_part_of_a_url_is_taken_out() -> None:
    client = client_of(Script(answer(400, {"detail": "https://me:pw@h.example/ cannot be reached"})))
    with pytest.raises(Refused) as raised:
        client.create(PATH, {"url": Secret("https://me:pw@h.example/", "https://(secret)@h.example/")})
    assert raised.value.detail == "https://(secret)@h.example/ cannot be reached"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"no json: hunter2", b"no json: (secret)"),
        (b'{"hunter2": [1, "x hunter2 y", null]}', b'{"(secret)": [1, "x (secret) y", null]}'),
        (b'{"a":  "left as it is"}', b'{"a":  "left as it is"}'),
        (b"\xff hunter2", b"\xff (secret)"),
    ],
)
def test_bodies_of_every_kind_are_silenced(body: bytes, expected: bytes) -> None:
    assert silenced(body, ["hunter2", ""]) == expected

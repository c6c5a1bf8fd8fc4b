from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import httpx
import pytest

from llamasync.api.errors import OutcomeUnknown, Refused
from llamasync.api.limiter import Limiter, UploadRate
from tests.api.scripted import Script, StillClock, answer, client_of

PATH = "/api/v1/beta/directories/dir-1/files/upload"
DONE = {"id": "dfl-1"}


def upload(
    script: Script, content: bytes, size_bytes: int | None = None, *, name: str = "a.pdf", **more: object
) -> object:
    opened: Callable[[], BinaryIO] = lambda: io.BytesIO(content)  # noqa: E731
    size_bytes = len(content) if size_bytes is None else size_bytes
    return client_of(script, **more).upload(PATH, {"unique_id": "a/ü"}, "upload_file", name, opened, size_bytes)  # type: ignore[arg-type]


def keep(body: list[bytes]) -> Callable[[httpx.Request], httpx.Response]:
    def answered(request: httpx.Request) -> httpx.Response:
        body.append(request.read())
        return answer(201, DONE)

    return answered


def test_form_holds_fields_and_file_as_browsers_write_them() -> None:
    body: list[bytes] = []
    script = Script(keep(body))
    assert upload(script, b"bytes", name='a "b"\n.pdf') == DONE
    boundary = re.fullmatch(r"multipart/form-data; boundary=(\w+)", script.requests[0].headers["Content-Type"])
    assert boundary is not None
    assert body[0].decode() == (
        f"--{boundary[1]}\r\n"
        'Content-Disposition: form-data; name="unique_id"\r\n\r\na/ü\r\n'
        f"--{boundary[1]}\r\n"
        'Content-Disposition: form-data; name="upload_file"; filename="a %22b%22%0A.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\nbytes\r\n"
        f"--{boundary[1]}--\r\n"
    )
    assert script.requests[0].headers["Content-Length"] == str(len(body[0]))


def test_file_is_read_in_parts_and_progress_is_told() -> None:
    told: list[int] = []
    script = Script(keep([]))
    client_of(script).upload(PATH, {}, "f", "x", lambda: io.BytesIO(b"x" * 600_000), 600_000, told.append)
    assert told == [262_144, 524_288, 600_000]


def test_file_is_opened_anew_for_each_attempt() -> None:
    body: list[bytes] = []
    script = Script(answer(429, None, Retry_After="1"), httpx.ConnectError("no"), keep(body))
    assert upload(script, b"content") == DONE
    assert b"\r\n\r\ncontent\r\n" in body[0]


def test_upload_that_was_cut_off_is_unknown_and_not_repeated() -> None:
    script = Script(httpx.ReadError("reset"))
    with pytest.raises(OutcomeUnknown):
        upload(script, b"content")
    assert len(script.requests) == 1


@pytest.mark.parametrize(("size_bytes", "how"), [(8, "shorter"), (6, "longer")])
def test_file_that_changes_while_it_is_sent_is_never_completed(size_bytes: int, how: str) -> None:
    received: list[bytes] = []

    def reading(request: httpx.Request) -> httpx.Response:
        received.extend(iter(request.stream))  # type: ignore[arg-type]
        return answer(201, DONE)

    with pytest.raises(Refused, match=rf"a\.pdf became {how}") as raised:
        upload(Script(reading), b"content", size_bytes)
    assert raised.value.diagnostic().code == "LS211"
    assert (raised.value.method, raised.value.path) == ("POST", PATH)
    assert not b"".join(received).endswith(b"--\r\n")


def test_broken_body_is_told_whatever_the_other_side_makes_of_it() -> None:
    def swallowing(request: httpx.Request) -> httpx.Response:
        try:
            request.read()
        except Exception as broken:
            raise httpx.ReadError("gone") from broken
        raise AssertionError

    def answering(request: httpx.Request) -> httpx.Response:
        try:
            request.read()
        except Exception:
            return answer(400, {"detail": "cut"})
        raise AssertionError

    for step in (swallowing, answering):
        with pytest.raises(Refused) as raised:
            upload(Script(step), b"content", 8)
        assert raised.value.diagnostic().code == "LS211"


def test_file_that_cannot_be_read_is_told_and_nothing_was_made(tmp_path: Path) -> None:
    missing = tmp_path / "gone.pdf"
    with pytest.raises(Refused, match=r"gone\.pdf: No such file") as raised:
        client_of(Script(keep([]))).upload(PATH, {}, "f", "gone.pdf", lambda: missing.open("rb"), 5)
    assert raised.value.diagnostic().code == "LS206"


def test_uploads_keep_to_the_rate_of_the_service_and_other_calls_do_not() -> None:
    clock = StillClock()
    limiter = Limiter(uploads=UploadRate(2, 5.0), clock=clock)
    script = Script(keep([]))
    client = client_of(script, clock, limiter=limiter)
    for _ in range(5):
        client.upload(PATH, {}, "f", "a", lambda: io.BytesIO(b"x"), 1)
        client.create("/api/v1/beta/directories", {})
    assert clock.slept == [pytest.approx(5.1), pytest.approx(5.1)]

from __future__ import annotations

import gzip
import logging
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from llamasync.api.download import without_secrets
from llamasync.api.errors import ApiError
from llamasync.api.fetch import fetch
from tests.api.scripted import KEY, Script, StillClock, client_of

URL = "https://bucket.example/a.pdf?X-Amz-Signature=private"


def content(text: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(200, headers={k.replace("_", "-"): v for k, v in headers.items()}, content=text)


def to(place: str) -> httpx.Response:
    return httpx.Response(302, headers={"Location": place})


def failing(response: httpx.Response, url: str = URL, **more: object) -> ApiError:
    with pytest.raises(ApiError) as raised:
        b"".join(client_of(Script(response), **more).download(url))  # type: ignore[arg-type]
    assert "private" not in str(raised.value)
    return raised.value


# -- presigned addresses


def test_download_is_a_stream_without_the_key() -> None:
    script = Script(content(b"x" * 700_000))
    client = client_of(script)
    chunks = list(client.download(URL))
    assert b"".join(chunks) == b"x" * 700_000
    assert len(chunks) == 3
    assert KEY not in str(script.requests[0].headers.raw)
    assert "authorization" not in script.requests[0].headers
    assert script.sent == ["GET /a.pdf?X-Amz-Signature=private"]
    assert (client.calls.read, client.calls.download) == (0, 1)
    client.close()
    client.close()


def test_download_writes_no_signature_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    list(client_of(Script(content(b"x"))).download(URL))
    assert "private" not in caplog.text


def test_download_is_tried_again_until_it_begins() -> None:
    clock = StillClock()
    slow_down = httpx.Response(503, headers={"Retry-After": "2"})
    script = Script(httpx.ConnectError("no"), httpx.ReadTimeout("slow"), slow_down, content(b"x"))
    client = client_of(script, clock)
    assert b"".join(client.download(URL)) == b"x"
    assert client.calls.download == 4
    assert 2.0 in clock.slept


def test_download_that_never_begins_is_told_without_the_query() -> None:
    with pytest.raises(ApiError) as raised:
        list(client_of(Script(httpx.ConnectError("no"))).download(URL))
    assert str(raised.value) == "GET https://bucket.example/a.pdf: cannot connect: no"
    assert raised.value.diagnostic().code == "LS412"


def test_refusal_of_an_object_store_is_told_by_its_code() -> None:
    body = b"<Error><Code>AccessDenied</Code><StringToSign>private</StringToSign></Error>"
    error = failing(httpx.Response(403, content=body))
    assert (error.status, error.detail) == (403, "AccessDenied")
    assert failing(httpx.Response(410)).detail == "Gone"
    assert failing(httpx.Response(499)).detail == "no reason given"


def test_refusal_whose_text_cannot_be_read_is_told_by_its_status() -> None:
    class Cut(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            raise httpx.ReadError("cut")

    script = Script(lambda _: httpx.Response(403, stream=Cut()))
    with pytest.raises(ApiError, match="403 Forbidden"):
        list(client_of(script).download(URL))


def test_download_that_is_cut_later_says_so() -> None:
    class Cut(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"x" * 300_000
            raise httpx.ReadError("reset")

    chunks = client_of(Script(lambda _: httpx.Response(200, stream=Cut()))).download(URL)
    assert len(next(chunks)) == 262_144
    with pytest.raises(ApiError, match="connection was cut: reset") as raised:
        list(chunks)
    assert raised.value.diagnostic().code == "LS412"


def test_download_that_ends_too_soon_is_noticed() -> None:
    short = Script(lambda _: httpx.Response(200, headers={"Content-Length": "9"}, stream=httpx.ByteStream(b"1234")))
    with pytest.raises(ApiError, match="ended after 4 of 9 bytes"):
        list(client_of(short).download(URL))


def test_compressed_download_arrives_whole() -> None:
    packed = gzip.compress(b"x" * 100_000)
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
    script = Script(lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(packed)))
    assert b"".join(client_of(script).download(URL)) == b"x" * 100_000


@pytest.mark.parametrize("url", ["/relative", "ftp://host/x", "https:///x", "https://bad host\x00/"])
def test_address_that_cannot_be_downloaded_is_told(url: str) -> None:
    assert failing(content(b""), url).diagnostic().code == "LS412"


def test_redirects_are_followed_for_a_while() -> None:
    script = Script(to("https://other.example/b"), to("/c"), content(b"x"))
    assert b"".join(client_of(script).download(URL)) == b"x"
    assert [str(r.url) for r in script.requests[1:]] == ["https://other.example/b", "https://other.example/c"]
    assert "redirects more than 10 times" in failing(to("/again")).detail


def test_address_without_its_secrets_is_always_a_text() -> None:
    assert without_secrets("https://[::1") == "the address"


# -- sources of manifests


def test_source_is_fetched_whole(tmp_path: Path) -> None:
    script = Script(to("https://cdn.example/a"), content(b"x" * 300_000))
    assert fetch("https://example.com/a", tmp_path / "a.pdf", transport=script, clock=StillClock()) == 300_000
    assert (tmp_path / "a.pdf").read_bytes() == b"x" * 300_000
    assert [p.name for p in tmp_path.iterdir()] == ["a.pdf"]


def refused(tmp_path: Path, url: str, *steps: httpx.Response | Exception, max_bytes: int = 1000) -> ApiError:
    (tmp_path / "a").write_text("old")
    with pytest.raises(ApiError) as raised:
        fetch(url, tmp_path / "a", transport=Script(*steps), clock=StillClock(), max_bytes=max_bytes)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"
    return raised.value


def test_source_that_is_missing_leaves_what_was_there(tmp_path: Path) -> None:
    error = refused(tmp_path, "https://u:p@example.com/a?k=1", httpx.Response(404))
    assert error.diagnostic().code == "LS212"
    assert str(error) == "GET https://example.com/a: 404 Not Found"


def test_source_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    assert refused(tmp_path, "https://example.com/a", content(b"x" * 11), max_bytes=10).code == "LS205"


@pytest.mark.parametrize("url", ["http://example.com/a", "file:///etc/passwd", "a/b.pdf"])
def test_source_of_an_unsafe_address_is_refused(tmp_path: Path, url: str) -> None:
    assert refused(tmp_path, url, content(b"x")).code == "LS212"


def test_redirect_to_an_unsafe_address_is_refused(tmp_path: Path) -> None:
    assert "use https://" in refused(tmp_path, "https://example.com/a", to("http://example.com/a")).detail


def test_source_in_a_bucket_needs_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    error = refused(tmp_path, "s3://bucket/a/b.pdf")
    assert (error.code, error.hint) == ("LS212", "pip install 'llamasync[s3]'")


def bucket(monkeypatch: pytest.MonkeyPatch, objects: dict[tuple[str, str], list[bytes]]) -> None:
    """Stand in for obstore: the three calls of it that are used."""

    class Result:
        def __init__(self, chunks: list[bytes]) -> None:
            self.stream = lambda min_chunk_size: iter(chunks)

    def get(store: str, key: str) -> Result:
        if (store, key) not in objects:
            raise FileNotFoundError(f"Object at location {key} not found\n\nDebug source: secret")
        return Result(objects[store, key])

    library, stores = types.ModuleType("obstore"), types.ModuleType("obstore.store")
    library.get = get  # type: ignore[attr-defined]
    stores.from_url = lambda url: url  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "obstore", library)
    monkeypatch.setitem(sys.modules, "obstore.store", stores)


def test_source_in_a_bucket_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket(monkeypatch, {("s3://bucket", "a b/c.pdf"): [b"12", b"345"]})
    assert fetch("s3://bucket/a%20b/c.pdf", tmp_path / "c.pdf") == 5
    assert (tmp_path / "c.pdf").read_bytes() == b"12345"


def test_source_that_is_not_in_the_bucket_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket(monkeypatch, {})
    error = refused(tmp_path, "s3://bucket/gone")
    assert str(error) == "GET s3://bucket/gone: Object at location gone not found"
    assert "s3://BUCKET/KEY" in refused(tmp_path, "s3://bucket").detail

"""Downloads: bytes from presigned and public addresses, as a stream, never with the API key."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from random import Random
from urllib.parse import urljoin, urlsplit

import httpx

from llamasync.api.answers import read_retry_after
from llamasync.api.endpoint import is_loopback
from llamasync.api.errors import ApiError
from llamasync.api.network import UNUSABLE_PROXY, trusting, unusable_proxy
from llamasync.api.retry import Attempt, Effect, Patience, Retry, Trouble, decide
from llamasync.api.wire import USER_AGENT, Timeouts, Transport, sentence
from llamasync.core.clock import Clock

CHUNK_BYTES = 256 * 1024
MAX_REDIRECTS = 10
logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes whole URLs, signatures included
_REDIRECTS = (301, 302, 303, 307, 308)
_NEVER_BY_PROXY = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_STORE_CODE = re.compile(rb"<Code>(\w{1,60})</Code>")


class Downloads:
    """Reads files by URL. Safe for many threads. Errors carry `code` and never the query of a URL.

    Plain http:// is refused where `allow_http` is false, except to this machine.
    """

    def __init__(  # noqa: PLR0913 (what a download needs, by name)
        self,
        *,
        transport: Transport | None,
        timeouts: Timeouts,
        clock: Clock,
        random: Random,
        patience: Patience,
        code: str = "LS412",
        allow_http: bool = True,
        on_request: Callable[[], None] = lambda: None,
    ) -> None:
        self._transport = transport
        self._timeouts = timeouts
        self._clock = clock
        self._random = random
        self._patience = patience
        self._code = code
        self._allow_http = allow_http
        self._on_request = on_request
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def stream(self, url: str) -> Iterator[bytes]:
        """Yield the bytes behind `url`. Sent again until the first byte; raises ApiError."""
        response = self._open(url)
        try:
            announced = _announced_bytes(response)
            received = 0
            for chunk in response.iter_bytes(CHUNK_BYTES):
                received += len(chunk)
                yield chunk
            if announced not in (None, received):
                raise self._error(url, f"it ended after {received} of {announced} bytes")
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._error(url, sentence(error)) from error
        finally:
            response.close()

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _open(self, url: str) -> httpx.Response:
        start_s, number = self._clock.monotonic(), 0
        while True:
            number += 1
            outcome, error, retry_after_s = self._attempt(url)
            if not isinstance(outcome, (int, Trouble)):
                return outcome
            attempt = Attempt(
                effect=Effect.READ,
                number=number,
                outcome=outcome,
                retry_after_s=retry_after_s,
                elapsed_s=self._clock.monotonic() - start_s,
            )
            decision = decide(attempt, self._patience, self._random)
            if not isinstance(decision, Retry):
                raise error
            self._clock.sleep(decision.delay_s)

    def _attempt(self, url: str) -> tuple[httpx.Response | int | Trouble, ApiError, float | None]:
        """Send once, through redirects. Returns the response, or what went wrong and how to tell it."""
        try:
            response = self._follow(url)
        except httpx.TransportError as error:
            not_sent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError))
            trouble = Trouble.NOT_SENT if not_sent else Trouble.LOST
            return trouble, self._error(url, sentence(error)), None
        if response.status_code == 200:
            return response, self._error(url, ""), None
        try:
            told = _STORE_CODE.search(next(response.iter_bytes(4096), b""))
        except httpx.HTTPError:
            told = None
        finally:
            response.close()
        words = told[1].decode() if told else response.reason_phrase or "no reason given"
        wait = read_retry_after(response.headers.get("retry-after", ""), self._clock.now())
        return response.status_code, self._error(url, words, response.status_code), wait

    def _follow(self, url: str) -> httpx.Response:
        client = self._http()
        place = url
        for _ in range(MAX_REDIRECTS):
            self._check(place)
            self._on_request()
            try:
                request = client.build_request("GET", place)
            except (httpx.InvalidURL, UnicodeError) as wrong:
                raise self._error(url, "the address is malformed") from wrong
            response = client.send(request, stream=True, follow_redirects=False)
            location = response.headers.get("location", "")
            if response.status_code not in _REDIRECTS or not location:
                return response
            response.close()
            place = urljoin(place, location)
        raise self._error(url, f"it redirects more than {MAX_REDIRECTS} times")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise self._error(url, "only whole https:// addresses can be downloaded")
        if parts.scheme == "http" and not self._allow_http and not is_loopback(parts.hostname):
            raise self._error(url, "http:// is not safe to download from; use https://")

    def _http(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = self._make_client()
            return self._client

    def _make_client(self) -> httpx.Client:
        given = self._transport
        try:
            return httpx.Client(
                transport=given if given is None or isinstance(given, httpx.BaseTransport) else given(),
                verify=trusting() if given is None else True,
                headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
                mounts=dict.fromkeys(_NEVER_BY_PROXY) if given is None else None,
                timeout=httpx.Timeout(**self._timeouts.extensions()["timeout"]),
            )
        except UNUSABLE_PROXY as unusable:
            raise unusable_proxy(unusable) from unusable

    def _error(self, url: str, detail: str, status: int | None = None) -> ApiError:
        return ApiError(detail, method="GET", path=without_secrets(url), status=status, code=self._code)


def _announced_bytes(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() and "content-encoding" not in response.headers else None


def without_secrets(url: str) -> str:
    """Return `url` without user, password, query and fragment, any of which may be a secret. Never raises.

    >>> without_secrets("https://u:p@bucket.example/a.pdf?X-Amz-Signature=1")
    'https://bucket.example/a.pdf'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

"""The wire: one request, one answer, no retries. With `network`, `wsgi` and `download` all that knows httpx.

Transports are driven directly: an httpx.Client adds cookies, redirects and authentication, at twice the time a call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache, partial

import httpx

from llamasync import __version__
from llamasync.api.answers import Answer, one_line
from llamasync.api.bodies import Body, BodyBroken
from llamasync.api.endpoint import Endpoint
from llamasync.api.network import network_to
from llamasync.api.retry import Trouble
from llamasync.core.lean import lean_dataclass

Transport = httpx.BaseTransport | Callable[[], httpx.BaseTransport]

USER_AGENT = f"llamasync/{__version__}"
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_NOTHING: httpx.SyncByteStream = httpx.ByteStream(b"")
_URLS = 256
_LENGTH_0 = [(b"Content-Length", b"0")]
_TAKES_JSON = [(b"Accept", b"application/json"), (b"Accept-Encoding", b"gzip, deflate")]
_TAKES_EVENTS = [(b"Accept", b"text/event-stream"), (b"Accept-Encoding", b"identity")]


@lean_dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for a connection, each part of an answer or of what is sent, and the answer to an upload."""

    connect_s: float = 10.0
    read_s: float = 60.0
    write_s: float = 60.0
    upload_read_s: float = 300.0

    def extensions(self, *, upload: bool = False) -> dict[str, dict[str, float]]:
        """Return them as transports take them."""
        read_s = self.upload_read_s if upload else self.read_s
        return {
            "timeout": {"connect": self.connect_s, "read": read_s, "write": self.write_s, "pool": self.connect_s},
        }


@lean_dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why none came, and in words."""

    trouble: Trouble
    detail: str


class Streaming:
    """A successful answer that is read as it comes. It is to be closed, read to its end or not."""

    def __init__(self, response: httpx.Response, give_back: Callable[[], None]) -> None:
        self._response = response
        self._give_back = give_back
        self.content_type = response.headers.get("content-type", "").lower()

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes. Raises BrokenOff when the connection ends before the answer does."""
        try:
            yield from self._response.iter_bytes()
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise BrokenOff(sentence(error)) from error

    def close(self) -> None:
        """Give the connection back, or end it where the answer was not read to its end."""
        self._response.close()
        self._give_back()


class BrokenOff(Exception):
    """The connection was cut, or nothing came for too long, while an answer was read."""


class _Stream(httpx.SyncByteStream):
    """A body as transports take it."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return self._body.chunks()


class Wire:
    """Sends requests to one endpoint. Safe for many threads: each request takes a transport of its own from the pool,
    so there are as many connections as requests in flight, and none waits for another."""

    def __init__(self, endpoint: Endpoint, transport: Transport | None, timeouts: Timeouts) -> None:
        # httpx looks at each character of an address several times, a tenth of what an upload takes; and uploads of a
        # directory all go to the same one.
        self.base_url = endpoint.base_url
        self._url = lru_cache(maxsize=_URLS)(lambda target: httpx.URL(endpoint.base_url + target))
        self._transport = transport
        self._plain, self._upload = timeouts.extensions(), timeouts.extensions(upload=True)
        self._idle: deque[httpx.BaseTransport] = deque()
        self._made: list[httpx.BaseTransport] = []
        url = httpx.URL(endpoint.base_url)
        self._network = network_to(url) if transport is None else None
        headers = [
            (b"Host", url.netloc),
            (b"Authorization", b"Bearer " + endpoint.api_key.reveal().encode()),
            (b"User-Agent", USER_AGENT.encode()),
        ]
        self._headers, self._event_headers = headers + _TAKES_JSON, headers + _TAKES_EVENTS

    def exchange(self, method: str, target: str, body: Body | None = None) -> Answer | NoAnswer:
        """Send one request for `target` (path and query) and read the answer whole. Raises what broke the body."""
        request = self._request(method, target, body)
        transport = self._take()
        try:
            response = transport.handle_request(request)
            try:
                content = response.read()
            finally:
                response.close()
        except BodyBroken:
            content, response = b"", None
        except httpx.TransportError as error:
            return self._broken_or(body, NoAnswer(_trouble(error), sentence(error)))
        except httpx.DecodingError:
            return self._broken_or(body, NoAnswer(Trouble.LOST, "the answer is not compressed as it says"))
        finally:
            self._idle.append(transport)
        if body is not None and body.broken is not None:
            raise body.broken
        assert response is not None
        return _answer(response, content)

    def open(self, target: str, body: Body) -> Streaming | Answer | NoAnswer:
        """POST for an answer that comes piece by piece. One that is no success is read whole."""
        request = self._request("POST", target, body, streamed=True)
        transport = self._take()
        give_back = partial(self._idle.append, transport)
        streaming = False
        try:
            response = transport.handle_request(request)
            streaming = response.is_success
            if streaming:
                return Streaming(response, give_back)
            try:
                return _answer(response, response.read())
            finally:
                response.close()
        except (httpx.TransportError, httpx.DecodingError) as error:
            return NoAnswer(_trouble(error), sentence(error))
        finally:
            if not streaming:
                give_back()

    def close(self) -> None:
        """Close every connection."""
        while self._made:
            self._made.pop().close()
        self._idle.clear()

    def _request(self, method: str, target: str, body: Body | None, *, streamed: bool = False) -> httpx.Request:
        extra, extensions, stream = _LENGTH_0 if method == "POST" else [], self._plain, _NOTHING
        if body is not None:
            extra = [(b"Content-Type", body.content_type.encode()), (b"Content-Length", b"%d" % body.size_bytes)]
            extensions = self._upload if body.content_type.startswith("multipart/") else self._plain
            stream = _Stream(body)
        headers = self._headers
        if streamed:  # it may think for minutes before it says something
            headers, extensions = self._event_headers, self._upload
        return httpx.Request(method, self._url(target), headers=headers + extra, stream=stream, extensions=extensions)

    def _take(self) -> httpx.BaseTransport:
        try:
            return self._idle.pop()  # the last one given back: its connection is the least likely to have gone stale
        except IndexError:
            pass
        if self._network is not None:
            made = self._network()
        elif isinstance(self._transport, httpx.BaseTransport):
            made = self._transport
        else:
            assert self._transport is not None
            made = self._transport()
        self._made.append(made)
        return made

    @staticmethod
    def _broken_or(body: Body | None, no_answer: NoAnswer) -> NoAnswer:
        if body is not None and body.broken is not None:
            raise body.broken
        return no_answer


def _answer(response: httpx.Response, content: bytes) -> Answer:
    headers = response.headers
    return Answer(
        response.status_code,
        headers.get("content-type", "").lower(),
        content,
        headers.get("retry-after", ""),
        headers.get("location", ""),
    )


def _trouble(error: httpx.HTTPError) -> Trouble:
    return Trouble.NOT_SENT if isinstance(error, _NOT_SENT) else Trouble.LOST


def sentence(error: httpx.HTTPError) -> str:
    """Tell in words why no answer came."""
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    words = one_line(str(error)) or type(error).__name__
    return f"cannot connect: {words}" if isinstance(error, _NOT_SENT) else f"the connection was cut: {words}"

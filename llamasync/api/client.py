"""The client: the calls that the engine makes of the service. Synchronous, safe for many threads."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from llamasync.api.bodies import FormBody, JsonBody
from llamasync.api.caller import Call, Caller
from llamasync.api.calls import Calls
from llamasync.api.endpoint import Endpoint
from llamasync.api.errors import NotLlamaCloud, OutcomeUnknown
from llamasync.api.limiter import Limiter
from llamasync.api.paging import PageSizes, read_pages
from llamasync.api.paths import encode_query
from llamasync.api.retry import Effect, Patience
from llamasync.core.clock import SYSTEM_CLOCK, Clock
from llamasync.core.imports import without

if TYPE_CHECKING:
    from llamasync.api.server_events import ServerEvent
    from llamasync.api.wire import Timeouts, Transport

Json = dict[str, Any]


class Client:
    """Calls of one endpoint and project. Every method raises ApiError when the call fails (see `errors`).

    `transport`: None is the network; else one that all threads share, or a maker of one for each connection.
    `learnt`: notes of what this service takes or lacks, found out by trying; for whoever calls, for one run.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        transport: Transport | None = None,
        limiter: Limiter | None = None,
        timeouts: Timeouts | None = None,
        clock: Clock = SYSTEM_CLOCK,
        max_attempts: int = 6,
        random: Random | None = None,
    ) -> None:
        with without("httpx._main"):  # its command line, which imports rich and pygments: 45 of 110 ms
            from llamasync.api import download, wire

        self.endpoint = endpoint
        self.calls = Calls()
        self.learnt: set[str] = set()
        self._sizes = PageSizes()
        timeouts = timeouts or wire.Timeouts()
        self._caller = Caller(
            wire=wire.Wire(endpoint, transport, timeouts),
            limiter=limiter or Limiter(clock=clock),
            clock=clock,
            calls=self.calls,
            patience=Patience(max_attempts=max_attempts),
            random=random or Random(),
            api_key=endpoint.api_key,
        )
        self._downloads = download.Downloads(
            transport=transport,
            timeouts=timeouts,
            clock=clock,
            random=self._caller.random,
            patience=self._caller.patience,
            on_request=self.calls.count_download,
        )
        self._project_id = ""
        self._scope = ""
        self._set_project(endpoint.project_id)

    @property
    def project_id(self) -> str:
        """The project that every call names, or "" for the key's default project."""
        return self._project_id

    def with_project(self, project_id: str) -> Client:
        """Return a client of another project that shares connections, limiter and counters with this one."""
        other = copy.copy(self)
        other._set_project(project_id)
        return other

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Json | list[Any]:
        """Read an object or a bare list. Sent again until there is an answer or patience ends."""
        return self._read("GET", path, query, None)

    def search(self, path: str, json: Any, query: Mapping[str, Any] | None = None) -> Json | list[Any]:
        """Read by a POST that changes nothing (`:search`, `/query`, `/retrieve`), so it is sent again like a GET."""
        return self._read("POST", path, query, json)

    def pages(
        self, path: str, query: Mapping[str, Any] | None = None, *, page_size: int = 1000, id_field: str = "id"
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a list, none of them empty. One call a page. `id_field`: as for `search_pages`."""
        return read_pages(self.get, path, query or {}, page_size, self._sizes, id_field)

    def search_pages(
        self, path: str, json: Mapping[str, Any] | None = None, *, page_size: int = 1000, id_field: str = "id"
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a list that is asked for by POST, with the page's size and token in the body.

        `id_field`: the text that every item must have, "" for items without an id.
        """

        def search(path: str, body: Mapping[str, Any]) -> Any:
            return self.search(path, {name: value for name, value in body.items() if value is not None})

        return read_pages(search, path, json or {}, page_size, self._sizes, id_field)

    def send(
        self,
        method: Literal["PATCH", "PUT", "DELETE"],
        path: str,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
    ) -> Json | None:
        """Change or delete an object; sent again on a lost answer, for twice is as good as once.

        Returns what the service answers, None for nothing. A 404 to a DELETE that was sent before with an unknown
        outcome means that it is done. Raises OutcomeUnknown when patience ended and an attempt may have worked.
        """
        return self._object(self._call(method, path, query, Effect.REPEATABLE, json))

    def create(self, path: str, json: Any, query: Mapping[str, Any] | None = None) -> Json:
        """POST, with effect at most once: sent again only where nothing can have happened (429, no connection).

        Returns the answer, {} when it is empty. Raises OutcomeUnknown whenever it may have happened.
        """
        return self._object(self._call("POST", path, query, Effect.ONCE, json)) or {}

    def events(
        self, path: str, json: Any, on_bytes: Callable[[int], None] | None = None
    ) -> Generator[ServerEvent, None, None]:
        """POST and yield the events of the answer as they come; with effect at most once, like `create`.

        `on_bytes` is told how many bytes came, also where they make no event; what it raises ends the stream. Close it
        where it is not read to its end. Raises StreamCut when the stream breaks off; one that ends without a last word
        is for the caller to notice.
        """
        from llamasync.api.server_events import LineTooLong, read_events

        chunks = self._caller.stream(self._call("POST", path, None, Effect.ONCE, json))
        try:
            yield from read_events(chunks if on_bytes is None else _told(chunks, on_bytes))
        except LineTooLong as strange:
            raise NotLlamaCloud(str(strange), method="POST", path=path) from strange
        finally:
            chunks.close()

    def upload(
        self,
        path: str,
        fields: Mapping[str, str],
        file_part: str,
        filename: str,
        open_file: Callable[[], BinaryIO],
        size_bytes: int,
        on_progress: Callable[[int], None] | None = None,
    ) -> Json:
        """POST a form with a file, as a stream, with effect at most once like `create`.

        `open_file` is called for each attempt. `on_progress` is told how many bytes of the file were sent so far; it
        starts over with a new attempt. Raises Refused with LS206 or LS211 for a file that cannot be read or is not
        `size_bytes` long; nothing was made then.
        """

        def make_body() -> FormBody:
            return FormBody(fields, file_part, filename, open_file, size_bytes, on_progress)

        target = self._target(path, None)
        call = Call(method="POST", path=path, target=target, effect=Effect.ONCE, make_body=make_body, is_upload=True)
        return self._object(call) or {}

    def download(self, url: str) -> Iterator[bytes]:
        """Yield the bytes behind a presigned (absolute) URL, without the API key. No slot of the limiter is held.

        Sent again until the first byte; raises ApiError with LS412 when it breaks off later: start from scratch then.
        """
        return self._downloads.stream(url)

    def close(self) -> None:
        """Close all connections, those of `with_project` clients too."""
        self._caller.wire.close()
        self._downloads.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _set_project(self, project_id: str) -> None:
        self._project_id = project_id
        ids = {"project_id": project_id or None, "organization_id": self.endpoint.organization_id or None}
        self._scope = encode_query(ids)

    def _target(self, path: str, query: Mapping[str, Any] | None) -> str:
        asked = encode_query(query) if query else ""
        both = "&".join(each for each in (asked, self._scope) if each)
        return f"{path}?{both}" if both else path

    def _call(self, method: str, path: str, query: Mapping[str, Any] | None, effect: Effect, json: Any) -> Call:
        body = None if json is None else JsonBody(json)
        return Call(
            method=method,
            path=path,
            target=self._target(path, query),
            effect=effect,
            make_body=None if body is None else lambda: body,
            secrets=tuple(body.secrets) if body else (),
        )

    def _read(self, method: str, path: str, query: Mapping[str, Any] | None, json: Any) -> Json | list[Any]:
        value = self._caller.run(self._call(method, path, query, Effect.READ, json))
        if not isinstance(value, (dict, list)):
            raise NotLlamaCloud("neither an object nor a list", method=method, path=path)
        return value

    def _object(self, call: Call) -> Json | None:
        value = self._caller.run(call)
        if value is not None and not isinstance(value, dict):
            error = OutcomeUnknown if call.effect is Effect.ONCE else NotLlamaCloud
            raise error("an object was expected as the answer", method=call.method, path=call.path)
        return cast("Json | None", value)


def _told(chunks: Iterator[bytes], on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in chunks:
        on_bytes(len(chunk))
        yield chunk

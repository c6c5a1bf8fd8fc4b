"""The emulator itself: options in, a WSGI application and its controls out. How it answers is in pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from llamasync.emulator.back_door import PREFIX, BackDoor
from llamasync.emulator.blobs import BlobStore
from llamasync.emulator.calls import Services
from llamasync.emulator.contract import load_contract
from llamasync.emulator.control import Control
from llamasync.emulator.faults import Fault, FaultPlan
from llamasync.emulator.incoming import Environ, read_environ
from llamasync.emulator.options import Options, RequestHook
from llamasync.emulator.pipeline import Pipeline
from llamasync.emulator.records import RequestLog, RequestRecord
from llamasync.emulator.seeding import seed_projects
from llamasync.emulator.signing import Signer
from llamasync.emulator.store import Identities, Store
from llamasync.emulator.switches import Switches
from llamasync.emulator.times import MovableClock, format_time

StartResponse = Callable[..., Any]


class Emulator:
    """A model of the service. Call it as a WSGI application, in process or behind a server; safe for many threads."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        path = self.options.path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._store = Store(path, self.options.seed)
        self._blobs = BlobStore(None if path is None else Path(f"{path}.blobs"))
        self._log = RequestLog(self.options.request_log_size)
        self._faults = FaultPlan(self.options.faults)
        identities = Identities(self._store.seed)
        clock = MovableClock(self.options.clock)
        self._services = Services(
            contract=load_contract(self.options.dialect),
            switches=self.options.switches,
            identities=identities,
            blobs=self._blobs,
            signer=Signer(f"signing:{self._store.seed}"),
            clock=clock,
            presigned_for_s=self.options.presigned_for_s,
            deployments=self.options.deployments,
        )
        with self._store.transaction() as db:
            now = format_time(self.options.clock())
            self.default_project_id = seed_projects(db, identities, self.options.projects, now)
        self._pipeline = Pipeline(
            self.options, self._services, self._store, self._log, self._faults, self.default_project_id
        )
        self.control = Control(self._store, self._services, self.default_project_id, clock)
        self._back_door = BackDoor(self.control, self._faults)

    # -- what a test or a server uses

    @property
    def switches(self) -> Switches:
        return self._services.switches

    @property
    def requests(self) -> list[RequestRecord]:
        return self._log.all()

    @property
    def on_request(self) -> RequestHook | None:
        """What is called before and after every request; may be set at any time."""
        return self._pipeline.hook

    @on_request.setter
    def on_request(self, hook: RequestHook | None) -> None:
        self._pipeline.hook = hook

    def clear_requests(self) -> None:
        """Forget the log; the next request is number 1."""
        self._log.clear()

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Replace all rules, their counts begin anew."""
        self._faults.set(faults)

    def close(self) -> None:
        self._store.close()
        self._blobs.close()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self.wsgi(environ, start_response)

    def wsgi(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. Raises ConnectionCut where a fault cuts, and whatever the request hook raises."""
        request = read_environ(environ)
        if request.path.startswith(PREFIX):
            reply = self._pipeline.with_key(request, self._back_door.answer)
        else:
            record = RequestRecord(self._log.next_ordinal(), request.method, request.path, request.query)
            reply = self._pipeline.answer(request, record)
        headers = [*reply.headers]
        payload = b""
        if reply.stream is None:
            payload = reply.text.encode()
        if payload or reply.stream is not None:
            headers.append(("Content-Type", reply.content_type))
        if reply.status not in (204, 304):
            headers.append(("Content-Length", str(reply.length if reply.stream is not None else len(payload))))
        start_response(f"{reply.status} {_reason(reply.status)}", headers)
        if request.method == "HEAD":
            return ()
        return reply.stream if reply.stream is not None else (payload,)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"

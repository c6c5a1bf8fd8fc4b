"""The way of a request: fault, route, key, contract, effect, log. Knows no resource."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace

import llamasync.emulator.resources as _resources  # noqa: F401 - registers every endpoint
from llamasync.emulator.calls import ENDPOINTS, Call, Reply, Services, error_reply
from llamasync.emulator.errors import Refusal, not_found
from llamasync.emulator.faults import Fault, FaultPlan
from llamasync.emulator.incoming import Incoming
from llamasync.emulator.limits import RateLimiter
from llamasync.emulator.options import Dialect, Options
from llamasync.emulator.parameters import parameters_of, read_parameters
from llamasync.emulator.records import RequestLog, RequestRecord
from llamasync.emulator.requests import MULTIPART, Prepared, check_body, read_body, struck
from llamasync.emulator.resources.downloads import download
from llamasync.emulator.signing import DOWNLOADS
from llamasync.emulator.store import Store
from llamasync.emulator.trace import Trace

NO_PROJECT_SCOPE = ("/api/v1/projects", "/api/v2/projects", "/api/v1/organizations", "/api/v2/organizations")
# What a dialect may lack although its contract has it, by the switch that says so.
UNSERVED: dict[Dialect, dict[str, tuple[tuple[str, str], ...]]] = {
    "reference": {
        "reference_bulk_delete": (("POST", "/api/v1/beta/directories/{directory_id}/files/bulk-delete"),),
        "reference_index_list": (("GET", "/api/v1/indexes"),),
    },
    "current": {
        "newer_calls": (("POST", "/api/v1/indexes/{index_id}/sync/cancel"), ("GET", "/api/v2/webhook-configs")),
    },
}


class Pipeline:
    """Answers requests. Safe for many threads."""

    def __init__(
        self, options: Options, services: Services, store: Store, log: RequestLog, faults: FaultPlan, project_id: str
    ) -> None:
        self._options = options
        self._limiter = RateLimiter(options.rate_limits)
        self.hook = options.on_request
        self._services = services
        self._store = store
        self._log = log
        self._faults = faults
        self._default_project_id = project_id
        switches = services.switches
        served = {
            "reference_bulk_delete": switches.reference_bulk_delete,
            "reference_index_list": switches.reference_index_list,
            "newer_calls": switches.newer_calls,
        }
        known = UNSERVED[options.dialect]
        self._unserved = frozenset(each for name in known if served[name] == "absent" for each in known[name])

    def answer(self, request: Incoming, record: RequestRecord) -> Reply:
        """Answer, and log what was answered, a cut and a crash included."""
        arrived_s = time.monotonic()
        strike = self._faults.strike(request.method, request.path)
        if strike.latency_s:
            time.sleep(strike.latency_s)
        trace = Trace(record, self.hook)
        try:
            early = strike.at("before")
            if early is not None:
                trace.note(fault=_name(early), body=request.peek_json())
                trace.reached("before")
                reply = struck(early)
                trace.note(status=reply.status)
                trace.reached("after")
            else:
                reply = self._effect(request, trace)
                late = strike.at("during", "after")
                if late is not None:
                    trace.note(fault=_name(late), status=None)
                    reply = struck(late, reply)
            trace.note(status=reply.status)
            early_s = arrived_s + self._options.latency_s - time.monotonic()
            if early_s > 0:
                time.sleep(early_s)
            return reply
        finally:
            self._log.add(trace.record)

    def with_key(self, request: Incoming, answer: Callable[[Incoming], Reply]) -> Reply:
        """Let somebody else answer a request that has a key."""
        try:
            self._authenticate(request)
        except Refusal as refusal:
            return error_reply(refusal)
        return answer(request)

    def _effect(self, request: Incoming, trace: Trace) -> Reply:
        """Do what the request asks; the hook is called around it."""
        upload = None
        try:
            if request.path.startswith(DOWNLOADS):
                trace.reached("before")
                reply = self._download(request)
            else:
                prepared = self._prepare(request, trace)
                upload = prepared.upload
                trace.reached("before")
                reply = self._run(request, prepared)
        except Refusal as refusal:
            trace.reached("before")
            reply = error_reply(refusal)
        finally:
            if upload is not None:
                upload.discard()
        trace.note(status=reply.status)
        trace.reached("after")
        return reply

    def _prepare(self, request: Incoming, trace: Trace) -> Prepared:
        """Route, authenticate, read and check. Raises Refusal."""
        contract = self._services.contract
        operation, path = contract.route(request.method, request.path, self._unserved)
        self._authenticate(request)
        self._limiter.admit(self._services.clock().timestamp(), upload=operation.body_type == MULTIPART)
        parameters = read_parameters(parameters_of(contract.dialect, operation.key), path, request.query)
        blobs, limit = self._services.blobs, self._options.max_file_bytes
        body, upload = read_body(request, operation, blobs, limit)
        trace.note(body=body, form=upload.summary() if upload else {})
        try:
            check_body(operation, contract.dialect, body, upload)
        except Refusal:
            if upload is not None:
                upload.discard()
            raise
        return Prepared(operation, parameters, body, upload)

    def _authenticate(self, request: Incoming) -> None:
        key, known = request.api_key(), self._options.api_keys
        if key is None:
            raise Refusal(401, "Not authenticated", [("WWW-Authenticate", "Bearer")])
        if known is not None and not any(secrets.compare_digest(key.encode(), each.encode()) for each in known):
            raise Refusal(401, "Invalid API key", [("WWW-Authenticate", "Bearer")])

    def _run(self, request: Incoming, prepared: Prepared) -> Reply:
        with self._store.transaction(reads_only=request.method == "GET") as db:
            call = Call(
                services=self._services,
                operation=prepared.operation,
                db=db,
                project_id=self._default_project_id,
                moment=self._services.clock(),
                base_url=request.base_url,
                parameters=prepared.parameters,
                body=prepared.body,
                upload=prepared.upload,
            )
            if not prepared.operation.template.startswith(NO_PROJECT_SCOPE):
                call = replace(call, project_id=self._project(call))
            reply = ENDPOINTS[prepared.operation.key](call)
            for part in prepared.upload.files.values() if prepared.upload else ():
                self._services.blobs.adopt(part.blob)
            return reply

    def _project(self, call: Call) -> str:
        """Find the project that the query means. Raises Refusal 404."""
        asked = call.parameters.get("project_id")
        identity = asked.lower() if asked else self._default_project_id
        row = call.one("SELECT organization_id FROM projects WHERE id = ?", identity)
        if row is None:
            raise not_found("Project", identity)
        organization = call.parameters.get("organization_id")
        if organization and organization.lower() != row["organization_id"]:
            raise not_found("Project", f"{identity} of organization {organization}")
        return identity

    def _download(self, request: Incoming) -> Reply:
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, "Method Not Allowed", [("Allow", "GET, HEAD")])
        query, now = dict(request.query), self._services.clock().timestamp()
        expires, signature = query.get("expires", ""), query.get("signature", "")
        if not self._services.signer.allows(request.path, expires, signature, now):
            raise Refusal(403, "Request has expired or is not signed")
        with self._store.transaction(reads_only=True) as db:
            return download(db, self._services.blobs, request.path.removeprefix(DOWNLOADS), request.header("range"))


def _name(fault: Fault) -> str:
    return f"{'cut' if fault.cut else fault.status} {fault.when}"

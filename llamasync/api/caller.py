"""One call from its first attempt to its end: limit, send, read, decide, wait, send again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from llamasync.api.answers import Answer, CutShort, detail_of, read_json, read_retry_after, refusal
from llamasync.api.bodies import Body
from llamasync.api.calls import Calls
from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, Refused, StreamCut, Unreachable
from llamasync.api.limiter import Limiter
from llamasync.api.quoting import silenced
from llamasync.api.retry import Attempt, Effect, GiveUp, Patience, Retry, Trouble, Unknown, decide
from llamasync.core.clock import Clock
from llamasync.core.lean import lean_dataclass
from llamasync.core.secret import Secret

if TYPE_CHECKING:
    from llamasync.api.wire import NoAnswer, Streaming, Wire

SLOW_DOWN = (429, 503)
BREATH_S = 1.0  # the pause after a 503 that is not sent again and names no time


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What to send. `target` is the path with its query; `make_body` makes a fresh body for each attempt. `secrets` are
    in the body, and must be in no error."""

    method: str
    path: str
    target: str
    effect: Effect
    make_body: Callable[[], Body] | None = None
    is_upload: bool = False
    secrets: tuple[Secret, ...] = ()


@lean_dataclass(frozen=True, slots=True)
class _Failure:
    """What one attempt came to, when it was not a success. `error` is how to tell it, should it be the last."""

    outcome: int | Trouble
    detail: str
    retry_after_s: float | None = None
    answer: Answer | None = None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What the calls of one client share."""

    wire: Wire
    limiter: Limiter
    clock: Clock
    calls: Calls
    patience: Patience
    random: Random
    api_key: Secret

    def run(self, call: Call) -> Any:
        """Make the call and return its JSON value, None for an empty answer or for a delete of what is already gone.

        Raises ApiError, as a subclass wherever something is certain.
        """
        try:
            return self._run(call)
        except (NotLlamaCloud, Unreachable) as error:
            error.at = self.wire.base_url  # it may be the wrong one
            raise

    def _run(self, call: Call) -> Any:
        start_s = self.clock.monotonic()
        number, maybe_done = 0, False
        while True:
            number += 1
            result, started_s = self._attempt(call, repeated=number > 1)
            if not isinstance(result, _Failure):
                return result[0]
            if call.method == "DELETE" and maybe_done and self._is_gone(result, call):
                return None
            maybe_done = self._prepare_another(call, result, number, (start_s, started_s), maybe_done=maybe_done)

    def stream(self, call: Call) -> Generator[bytes, None, None]:
        """POST and yield the answer's bytes as they come; sent again, as its effect allows, until the first of them.

        A slot of the limiter is held until the end. Raises ApiError: StreamCut when the answer breaks off,
        NotLlamaCloud when it is no stream of events.
        """
        from llamasync.api.wire import Streaming

        start_s = self.clock.monotonic()
        number, maybe_done = 0, False
        while True:
            number += 1
            body = call.make_body() if call.make_body else None
            assert body is not None, "what is asked for a stream is asked in a body"
            started_s, succeeded = self.limiter.acquire(), False
            try:
                self.calls.count(reads=False, repeated=number > 1)
                answer = self.wire.open(call.target, body)
                succeeded = not isinstance(answer, Answer) or answer.status not in SLOW_DOWN
                if isinstance(answer, Streaming):
                    yield from self._chunks(call, answer)
                    return
            finally:
                self.limiter.release(succeeded=succeeded)
            failure = self._failure(answer, call)
            maybe_done = self._prepare_another(call, failure, number, (start_s, started_s), maybe_done=maybe_done)

    def _chunks(self, call: Call, answer: Streaming) -> Iterator[bytes]:
        from llamasync.api.wire import BrokenOff

        try:
            if "event-stream" not in answer.content_type:
                code = "LS405" if "html" in answer.content_type else ""
                told = answer.content_type or "an answer that says nothing of its type"
                raise NotLlamaCloud(
                    f"a stream of events was expected, not {told}", method=call.method, path=call.path, code=code
                )
            yield from answer.chunks()
        except BrokenOff as broken:
            raise StreamCut(str(broken), method=call.method, path=call.path) from broken
        finally:
            answer.close()

    def _prepare_another(
        self, call: Call, failure: _Failure, number: int, began_s: tuple[float, float], *, maybe_done: bool
    ) -> bool:
        """Wait for the next attempt; return whether one so far may have had its effect. Raises ApiError: no other one.

        `began_s`: when the first attempt was begun, and when this one was sent.
        """
        attempt = Attempt(
            effect=call.effect,
            number=number,
            outcome=failure.outcome,
            retry_after_s=failure.retry_after_s,
            elapsed_s=self.clock.monotonic() - began_s[0],
            maybe_done=maybe_done,
        )
        decision = decide(attempt, self.patience, self.random)
        self._wait(failure, decision, began_s[1])
        if not isinstance(decision, Retry):
            raise self._error(call, failure, decision)
        return maybe_done or attempt.ambiguous

    def _attempt(self, call: Call, *, repeated: bool) -> tuple[tuple[Any] | _Failure, float]:
        """Send once. Returns the value in a tuple of one, or the failure; and the moment it was sent."""
        if call.is_upload:
            self.limiter.wait_for_upload()
        body = call.make_body() if call.make_body else None
        started_s = self.limiter.acquire()
        succeeded = False
        try:
            self.calls.count(reads=call.effect is Effect.READ, repeated=repeated)
            answer = self.wire.exchange(call.method, call.target, body)
            succeeded = isinstance(answer, Answer) and answer.status not in SLOW_DOWN
        except Refused as broken:
            raise Refused(broken.detail, method=call.method, path=call.path, code=broken.code) from broken.__cause__
        finally:
            self.limiter.release(succeeded=succeeded)
        return self._read(call, answer), started_s

    def _read(self, call: Call, answer: Answer | NoAnswer) -> tuple[Any] | _Failure:
        if not isinstance(answer, Answer) or not answer.succeeded:
            return self._failure(answer, call)
        if not answer.is_json:
            answer = self._without_secrets(answer, call)
        try:
            return (read_json(answer, call.method, call.path),)
        except CutShort as cut:
            return _Failure(Trouble.LOST, str(cut))
        except NotLlamaCloud as strange:
            if call.effect is Effect.ONCE:
                return _Failure(Trouble.LOST, f"answered with {answer.status} and {strange.detail}")
            raise

    def _failure(self, answer: Answer | NoAnswer, call: Call) -> _Failure:
        """Say what an attempt without success came to."""
        if not isinstance(answer, Answer):
            return _Failure(answer.trouble, answer.detail)
        answer = self._without_secrets(answer, call)
        retry_after_s = read_retry_after(answer.retry_after, self.clock.now()) if answer.retry_after else None
        return _Failure(answer.status, detail_of(answer), retry_after_s, answer)

    def _is_gone(self, failure: _Failure, call: Call) -> bool:
        found = failure.answer is not None and failure.outcome in (404, 410)
        return found and isinstance(refusal(failure.answer, call.method, call.path), Refused)  # type: ignore[arg-type]

    def _wait(self, failure: _Failure, decision: Retry | GiveUp | Unknown, started_s: float) -> None:
        delay_s = decision.delay_s if isinstance(decision, Retry) else 0.0
        if failure.outcome in SLOW_DOWN:
            if not isinstance(decision, Retry):
                delay_s = min(failure.retry_after_s or BREATH_S, self.patience.longest_s)
            self.limiter.back_off(started_s, delay_s)
        elif delay_s:
            self.clock.sleep(delay_s)

    def _error(self, call: Call, failure: _Failure, decision: GiveUp | Unknown) -> ApiError:
        status = failure.outcome if isinstance(failure.outcome, int) else None
        after = failure.retry_after_s
        if isinstance(decision, Unknown):
            return OutcomeUnknown(
                failure.detail, method=call.method, path=call.path, status=status, retry_after_s=after
            )
        if failure.answer is not None:
            return refusal(failure.answer, call.method, call.path, retry_after_s=after)
        error_type = Unreachable if failure.outcome is Trouble.NOT_SENT else ApiError
        return error_type(failure.detail, method=call.method, path=call.path)

    def _without_secrets(self, answer: Answer, call: Call) -> Answer:
        # A service, or a proxy, that quotes the key or the request in an error must not bring a secret into a log.
        secrets = (self.api_key, *call.secrets)
        return replace(answer, body=silenced(answer.body, [secret.hidden() for secret in secrets]))

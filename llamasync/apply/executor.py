"""Executes a plan: a bounded number of workers over the graph. One refused change skips its dependents only."""

from __future__ import annotations

import threading
from dataclasses import field, replace
from typing import Any

from llamasync.api.errors import ApiError
from llamasync.apply.events import Event, EventSink, EventType, Result
from llamasync.apply.performing import perform
from llamasync.apply.schedule import Schedule
from llamasync.apply.tools import Tools
from llamasync.apply.waiting import StoppedWaiting
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.core.secret import sealing_key
from llamasync.plan.model import Action, Change, Plan

# After these nothing else can succeed either: no key, no network, no credits, no disk, no lock.
FATAL = frozenset({"LS402", "LS403", "LS405", "LS410", "LS502", "LS504", "LS507"})


@lean_dataclass(frozen=True, slots=True)
class _Ended:
    change: Change
    id: str = ""
    elapsed_s: float = 0.0
    problem: Diagnostic | None = None
    bug: BaseException | None = None


@lean_dataclass(frozen=True, slots=True)
class _Progress:
    """Makes events of how a change goes on. `started_s` is by the monotonic clock."""

    change: Change
    tools: Tools
    emit: EventSink
    started_s: float

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        self._emit(bytes_done=done_bytes, bytes_total=total_bytes)

    def say(self, text: str) -> None:
        self._emit(detail=text)

    def _emit(self, **told: Any) -> None:
        event = Event(
            type=EventType.PROGRESS,
            at=self.tools.now(),
            address=self.change.address,
            action=self.change.action,
            elapsed_s=self.tools.clock.monotonic() - self.started_s,
            **told,
        )
        self.emit(event)


@lean_dataclass(slots=True)
class _Tally:
    done: int = 0
    failed: list[tuple[Address, Diagnostic]] = field(default_factory=list)
    skipped: list[tuple[Address, Address | None]] = field(default_factory=list)
    bug: BaseException | None = None


def execute(
    plan: Plan, tools: Tools, sink: EventSink, *, parallelism: int = 10, stop: threading.Event | None = None
) -> Result:
    """Carry out exactly the plan's changes; the lock must be held. Returns how it ended, also when changes failed.

    `sink` is called from one thread at a time. When `stop` is set nothing new starts; what is in flight is finished.
    An exception that is no failed call is a bug: what is in flight is finished and recorded, then it is raised again.
    """
    return _Run(plan, tools, sink, stop or threading.Event()).run(parallelism)


class _Run:
    """One apply. Workers take changes from the schedule themselves: handing them over would cost two thread switches
    a change."""

    def __init__(self, plan: Plan, tools: Tools, sink: EventSink, stop: threading.Event) -> None:
        self._plan = plan
        self._actions = {change.address: change.action for change in plan.changes}
        self._tools = replace(tools, stop=stop)
        self._sink = sink
        self._stop = stop
        self._speaking = threading.Lock()
        self._turn = threading.Condition()  # guards all below
        self._schedule = Schedule(())
        self._in_flight = 0
        self._tally = _Tally()

    def run(self, parallelism: int) -> Result:
        started = self._tools.clock.monotonic()
        self._emit(Event(type=EventType.PLAN, at=self._tools.now(), total=len(self._plan.changes)))
        self._prepare()
        self._schedule = Schedule(self._plan.changes)
        count = max(1, min(parallelism, len(self._plan.changes)))
        workers = [threading.Thread(target=self._serve, name=f"apply-{number}") for number in range(count)]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        except BaseException as error:  # noqa: BLE001 (Ctrl-C, no more threads: what is in flight is finished first)
            self._note_bug(error)
            for worker in workers:
                if worker.ident is not None:
                    worker.join()
        return self._finish(started)

    def _serve(self) -> None:
        """Carry out one change after the other, until none is left that can start."""
        try:
            while (change := self._take()) is not None:
                ended = self._work(change)
                with self._turn:
                    self._in_flight -= 1
                    self._take_in(ended)
                    self._turn.notify_all()
        except BaseException as error:  # noqa: BLE001 (the sink's: raised again by the main thread)
            self._note_bug(error)

    def _take(self) -> Change | None:
        """Wait for a change that may start; None when there will be none."""
        with self._turn:
            while not (self._stop.is_set() or self._tally.bug is not None):
                change = self._schedule.take()
                if change is not None:
                    self._in_flight += 1
                    return change
                if not self._in_flight:
                    break
                self._turn.wait()
            return None

    def _note_bug(self, error: BaseException) -> None:
        with self._turn:
            self._tally.bug = self._tally.bug or error
            self._turn.notify_all()

    def _prepare(self) -> None:
        """Bring the state up to what the plan found, without any call to the service."""
        store = self._tools.store
        self._tools.known_ids.update(self._plan.known_ids)
        self._tools.other_ids.update(self._plan.other_ids)
        store.claim(self._plan.project.id, self._plan.endpoint)
        lineage = self._plan.lineage or store.load().lineage  # the first claim of a state gives it one
        self._tools = replace(self._tools, key=sealing_key(lineage))
        for old, new in self._plan.renamed:
            store.rename(old, new)
        for binding in self._plan.remembered:
            store.record(binding)

    def _work(self, change: Change) -> _Ended:
        clock = self._tools.clock
        started = clock.monotonic()
        size = change.estimate.bytes
        self._emit(
            Event(
                type=EventType.START,
                at=self._tools.now(),
                address=change.address,
                action=change.action,
                bytes_total=size,
            )
        )
        progress = _Progress(change, self._tools, self._emit, started)
        problem, bug, object_id = None, None, ""
        try:
            object_id = perform(change, self._tools, progress)
        except ApiError as error:
            problem = error.diagnostic(change.address, change.source)
        except DiagnosticError as error:
            problem = error.diagnostics[0]
        except BaseException as error:  # noqa: BLE001 (raised again by the main thread, once all is recorded)
            bug = error
        return _Ended(change, object_id, clock.monotonic() - started, problem, bug)

    def _take_in(self, ended: _Ended) -> None:
        change, tally, schedule = ended.change, self._tally, self._schedule
        if ended.bug is not None:
            tally.bug = tally.bug or ended.bug
            return
        event = Event(
            type=EventType.DONE if ended.problem is None else EventType.FAILED,
            at=self._tools.now(),
            address=change.address,
            action=change.action,
            elapsed_s=ended.elapsed_s,
            id=ended.id,
            detail=change.reason,
            diagnostic=ended.problem,
            goes_on=ended.problem is None and _goes_on(change, self._tools),
        )
        self._emit(event)
        if ended.problem is None:
            tally.done += 1
            schedule.finish(change.address)
            return
        tally.failed.append((change.address, ended.problem))
        fatal = ended.problem.code in FATAL
        for address in schedule.rest() if fatal else schedule.fail(change.address):
            self._skip(address, change.address)

    def _skip(self, address: Address, because_of: Address | None) -> None:
        self._tally.skipped.append((address, because_of))
        action = self._actions[address]
        self._emit(
            Event(type=EventType.SKIPPED, at=self._tools.now(), address=address, action=action, because_of=because_of)
        )

    def _finish(self, started: float) -> Result:
        tally = self._tally
        left = self._schedule.rest()
        for address in left:
            self._skip(address, None)
        if tally.bug is not None:
            raise tally.bug
        self._tools.store.flush()
        if not tally.failed and not left:
            for intent in self._plan.settled:
                self._tools.store.close_intent(intent)
        self._emit(
            Event(
                type=EventType.SUMMARY,
                at=self._tools.now(),
                elapsed_s=self._tools.clock.monotonic() - started,
                total=len(self._plan.changes),
                done=tally.done,
                failed=len(tally.failed),
                skipped=len(tally.skipped),
            )
        )
        return Result(
            done=tally.done,
            failed=tuple(sorted(tally.failed, key=lambda pair: pair[0])),
            skipped=tuple(sorted(tally.skipped, key=lambda pair: pair[0])),
            notes=tuple(self._tools.notes),
            interrupted=self._stop.is_set() and (bool(left) or _was_left(tally)),
        )

    def _emit(self, event: Event) -> None:
        with self._speaking:
            self._sink(event)


def _goes_on(change: Change, tools: Tools) -> bool:
    """Say whether the service was left at work: a sync, or a run, that was begun and is not waited for."""
    if change.run is not None and change.run.desired is not None and change.action is Action.RUN:
        return not (tools.wait and change.run.desired.options.wait)
    sync = change.desired.sync if change.desired is not None and change.syncs else None
    return sync is not None and not (tools.wait and sync.wait)


def _was_left(tally: _Tally) -> bool:
    """Say whether a wait was ended because the user asked for it."""
    return any(problem.code == StoppedWaiting.default_code for _, problem in tally.failed)

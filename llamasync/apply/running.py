"""Runs: started once, waited for, their results saved; taken over when they are there already; ended when unwanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from llamasync.api.errors import ApiError, OutcomeUnknown, Refused
from llamasync.api.paths import path_for
from llamasync.apply.results import check_room, save_results
from llamasync.apply.tools import Progress, Tools
from llamasync.apply.waiting import WorkFailed, wait_for
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.digest import digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.moments import latest, moment
from llamasync.kinds.facts import Kind
from llamasync.kinds.run_facts import RunFact, RunPath, RunShown, RunStatus, StartOf
from llamasync.live.model import RunQuery
from llamasync.live.runs import candidates, get_run, list_runs
from llamasync.plan.model import Action, Change, RunStep
from llamasync.plan.run_records import run_record
from llamasync.plan.runs import how_it_ended, is_good, is_same_run, progress_of
from llamasync.state.model import Intent
from llamasync.workspace.desired import DesiredRun

ATTEMPTS = 4
FIRST_WAIT_S = 0.2
NAMED = 10  # of the files that failed, so many are named

_NOT_OFFERED = (404, 405, 501)


def perform_run(change: Change, tools: Tools, progress: Progress) -> str:
    """Do what a change of a run says and record it; return the run's id, "" when there is none any more.

    Raises ApiError when a call fails, WorkFailed when the run came to nothing, TimedOut and StoppedWaiting while it
    goes on; DiagnosticError LS727 when its results cannot be saved. A run that was started is recorded in any case.
    """
    step = change.run
    assert step is not None, "of a run"
    if change.action is Action.DELETE:
        _end(change, step, tools)
    if change.action in (Action.DELETE, Action.FORGET):
        tools.store.forget(change.address)
        return ""
    doing = _Doing(change, step, _desired(step), tools)
    shown = step.shown or doing.start()
    doing.record(shown, step.intent)
    return follow(shown, doing, progress)


@lean_dataclass(frozen=True, slots=True)
class _Doing:
    """One run that is wanted, and what it takes to see to it."""

    change: Change
    step: RunStep
    desired: DesiredRun
    tools: Tools

    @property
    def kind(self) -> Kind:
        return self.tools.kinds[self.change.kind]

    @property
    def fact(self) -> RunFact:
        assert self.kind.run is not None, "of a run"
        return self.kind.run

    def record(self, shown: RunShown, intent: Intent | None = None, saved: str = "") -> None:
        record = run_record(self.step, shown, self.desired, self.change.collection, self.tools.now(), saved=saved)
        self.tools.store.record(record, intent)

    def start(self) -> RunShown:
        """Look once more whether such a run is there, then start one; its intent is closed when it is recorded.

        None is started that could not be saved. Raises DiagnosticError LS727.
        """
        shared = self._shared()
        if shared is not None:
            return shared
        query = self._query()
        listed = self._listed(query)
        known = {shown.id for shown in listed}
        if self.change.binding is not None:
            known.add(self.change.binding.id)
        found = self._same(query, listed, lambda shown: is_same_run(shown, self.step, rerun=self.desired.options.rerun))
        if found is not None:
            return found
        check_room(self.desired)
        newest = latest(*(shown.created_at for shown in listed), *((query.since,) if query.since else ()))
        intent = self.step.intent or self._begin(query, newest)
        return self._send(query, intent, known)

    def _shared(self) -> RunShown | None:
        """Return the run that another manifest, which asks for the same, was given just now."""
        if self.step.same_as is None:
            return None
        other = self.tools.store.load().bindings.get(self.step.same_as)
        if other is None or (other.collection, other.inputs) != (self.change.collection, self.step.fingerprint):
            return None
        return get_run(self.tools.client, self.fact, other.id)

    def _begin(self, query: RunQuery, newest: str) -> Intent:
        return self.tools.store.begin(
            Intent(
                number=0,
                address=self.change.address,
                collection=self.change.collection,
                key=(newest,),
                parent_id=query.input,
                digest=self.step.fingerprint,
                started_at=self.tools.now(),
            )
        )

    def _send(self, query: RunQuery, intent: Intent, known: set[str]) -> RunShown:
        """Send until the run is there for certain, looking before each repetition."""
        path = self._path()
        body = path.body(
            StartOf(
                inputs=(query.input,) if query.input else self.step.ids,
                is_directory=self.desired.directory is not None,
                configuration=self.tools.resolve(self.desired.configuration),
                rest=self.tools.resolve(self.desired.rest),
                transaction_id=self._transaction(intent),
            )
        )
        attempt = 0
        while True:
            try:
                raw = self.tools.client.create(path.path, body)
            except OutcomeUnknown as error:
                lost = error
            except ApiError:
                self.tools.store.close_intent(intent)
                raise
            else:
                return self._begun(replace(self.fact.read(raw), path=path.path), intent)
            self.tools.clock.sleep(FIRST_WAIT_S * 2**attempt)
            found = self._lost_and_found(query, known, lost)
            if found is not None:
                return self._begun(found, intent)
            attempt += 1
            if attempt == ATTEMPTS:
                raise lost

    def _begun(self, shown: RunShown, intent: Intent) -> RunShown:
        self.record(shown, intent)
        return shown

    def _lost_and_found(self, query: RunQuery, known: set[str], lost: OutcomeUnknown) -> RunShown | None:
        """Look for a run that was not there before the start. Raises `lost` when nobody can tell."""
        try:
            listed = [shown for shown in self._listed(query) if shown.id not in known]
            found = candidates(self.tools.client, self.fact, replace(query, since=""), listed)
        except ApiError:
            raise lost from None
        return found[0] if found else None

    def _same(self, query: RunQuery, listed: Iterable[RunShown], is_same: Any) -> RunShown | None:
        if self.step.since is None and self.step.intent is None:
            return None
        bound = self.change.binding.id if self.change.binding else ""
        plausible = [shown for shown in listed if shown.id != bound and is_same(shown)]
        found = [
            shown
            for shown in candidates(self.tools.client, self.fact, query, plausible)
            if is_good(shown, self.desired.options) or not shown.status.is_over
        ]
        return max(found, key=lambda shown: (shown.status.is_over, moment(shown.created_at)), default=None)

    def _listed(self, query: RunQuery) -> list[RunShown]:
        return list_runs(self.tools.client, self.fact, query.input, query.since)

    def _query(self) -> RunQuery:
        since = self.step.since or ""
        if self.step.intent is not None and moment(self.step.intent.key[0]) < moment(since):
            since = self.step.intent.key[0]
        return RunQuery(
            address=self.change.address,
            kind=self.change.kind,
            input=self._input(),
            configuration=self.tools.resolve(self.step.configuration),
            since=since,
            items=self.step.items,
        )

    def _input(self) -> str:
        """Return the id of the directory or of the file's bytes, which may have come in just now; "" for items."""
        if self.desired.directory is not None:
            return str(self.tools.resolve(self.step.parent))
        if self.desired.file is None:
            return self.step.file_id
        return self.tools.file_ids.get(self.desired.file, self.step.file_id)

    def _path(self) -> RunPath:
        """Return the collection that the service has: the one whose list it answered."""
        lost: Refused | None = None
        for path in self.fact.paths:
            if len(self.fact.paths) == 1:
                return path
            try:
                self.tools.client.get(path.path, {"page_size": 1})
                return path
            except Refused as error:
                if error.status not in _NOT_OFFERED:
                    raise
                lost = error
        assert lost is not None, "a kind of run has a path"
        raise lost

    def _transaction(self, intent: Intent) -> str:
        """Return a text that is the same for each repetition of this start, and for no other start."""
        lineage = self.tools.store.load().lineage
        return digest([lineage, str(self.change.address), self.step.fingerprint, intent.started_at])


def follow(shown: RunShown, doing: _Doing, progress: Progress) -> str:
    """Wait for the end of a run, unless told otherwise, and see to what it made; return its id."""
    tools, options, fact = doing.tools, doing.desired.options, doing.fact
    if not shown.status.is_over:
        if not (tools.wait and options.wait):
            return shown.id
        shown = wait_for_run(shown, fact, tools, progress, timeout_s=options.timeout_s)
    elif doing.step.shown is None or shown.items is None:
        shown = get_run(tools.client, fact, shown.id, shown.path) or shown
    names = {**doing.step.names, **{one: address.item or address.name for address, one in tools.ids.items()}}
    shown = shown.with_names(names)
    doing.record(shown)
    finish(shown, doing.desired, tools)
    if doing.desired.save:
        save_results(tools.client, fact, shown, doing.desired)
        doing.record(shown, saved=doing.desired.save_shown)
    return shown.id


def wait_for_run(shown: RunShown, fact: RunFact, tools: Tools, progress: Progress, *, timeout_s: float) -> RunShown:
    """Return the run once it is over. Raises TimedOut, StoppedWaiting, WorkFailed when it vanishes, ApiError."""

    def look() -> tuple[RunShown | None, str]:
        now = get_run(tools.client, fact, shown.id, shown.path)
        if now is None:
            raise WorkFailed("it is gone", path=f"{shown.path}/{shown.id}")
        return (now if now.status.is_over else None), f"{shown.id}: {progress_of(now)}"

    return wait_for(tools, look, progress, timeout_s=timeout_s)


def finish(shown: RunShown, desired: DesiredRun, tools: Tools) -> None:
    """Raise WorkFailed for a run that is not the success that is asked for; note failed files that are borne with."""
    told = _told(shown)
    if not is_good(shown, desired.options):
        code = "LS724" if shown.status is RunStatus.PARTIAL else ""
        raise WorkFailed(told, code=code)
    if shown.status is RunStatus.PARTIAL:
        note = Diagnostic("LS724", told, source=desired.source, address=desired.address, severity=Severity.WARNING)
        tools.notes.append(note)


def _told(shown: RunShown) -> str:
    failures = shown.failures
    by_files = shown.failed and not shown.errors
    text = f"{shown.id} {how_it_ended(shown) if by_files else shown.status}"
    if not failures:
        return f"{text}; the service does not say why" if shown.status is RunStatus.FAILED else text
    more = f"; and {len(failures) - NAMED} more" if len(failures) > NAMED else ""
    return f"{text}: {'; '.join(failures[:NAMED])}{more}"


def _end(change: Change, step: RunStep, tools: Tools) -> None:
    """Cancel a run that goes on and delete it, as far as the service offers it; one that is over or gone is done."""
    fact, shown = tools.kinds[change.kind].run, step.shown
    assert fact is not None, "of a run"
    assert shown is not None, "what is gone is forgotten"
    path = next(each for each in fact.paths if each.path == shown.path)
    own = path_for(path.path + "/{id}", id=shown.id)
    if path.cancels and not shown.status.is_over:
        try:
            tools.client.create(own + "/cancel", {})
        except OutcomeUnknown:
            now = get_run(tools.client, fact, shown.id, path.path)
            if now is not None and not now.status.is_over and not path.deletes:
                raise
        except Refused as error:
            if error.status not in (*_NOT_OFFERED, 409):
                raise
    if path.deletes:
        try:
            tools.client.send("DELETE", own)
        except Refused as error:
            if error.status != 404:
                raise


def _desired(step: RunStep) -> DesiredRun:
    assert step.desired is not None, "only an end has none"
    return step.desired

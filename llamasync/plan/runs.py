"""Runs: which are to be started, taken over, left alone or ended, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from llamasync.core.address import Address
from llamasync.core.codes import CODES
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.digest import digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.moments import latest, moment
from llamasync.core.nested import every, holds
from llamasync.core.reference import Reference
from llamasync.kinds.facts import Kind
from llamasync.kinds.run_facts import RunOptions, RunShown, RunStatus
from llamasync.live.model import LiveState, RunQuery
from llamasync.plan.changes import Context
from llamasync.plan.inputs import Inputs
from llamasync.plan.model import Action, Change, Drift, RunStep, Standing
from llamasync.plan.run_inputs import RunInput, RunInputs
from llamasync.plan.run_records import run_record
from llamasync.plan.shared_runs import staying
from llamasync.plan.worked_on import by_run
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import DesiredRun, DesiredState


@lean_dataclass(slots=True)
class RunsPlanned:
    """What was decided. `noop` counts the runs that are as they should be, or will be once those `awaited` are over."""

    changes: list[Change] = field(default_factory=list)
    awaited: list[Change] = field(default_factory=list)
    remembered: list[Binding] = field(default_factory=list)
    settled: list[Intent] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    questions: list[RunQuery] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    noop: int = 0


def plan_runs(
    wanted: DesiredState,
    live: LiveState,
    bindings: Mapping[Address, Binding],
    intents: Iterable[Intent],
    context: Context,
    changes: Iterable[Change],
    *,
    is_partial: bool,
) -> RunsPlanned:
    """Decide on every run that is wanted or remembered. `bindings` and `intents` are those of runs, `changes` those of
    objects. Never raises for what users did."""
    planned = RunsPlanned()
    open_intents = list(intents)
    if not (wanted.runs or bindings or open_intents):  # what objects are made of is not worked out for nothing
        return planned
    listed = list(changes)
    inputs = RunInputs(
        wanted, context, {change.address: change for change in listed}, Inputs(context, wanted.objects, listed)
    )
    planner = _Planner(live, bindings, open_intents, context, inputs, planned)
    for address in sorted(wanted.runs):
        planner.decide(wanted.runs[address])
    shared = staying(bindings, wanted, is_partial=is_partial)
    for address in sorted(bindings.keys() - wanted.runs.keys()):
        if not (is_partial and address not in wanted.manifests):
            planned.changes.append(_unwanted(bindings[address], live, context, shared.get(address)))
    used = {change.run.intent.number for change in planned.changes if change.run and change.run.intent}
    planned.settled += [intent for intent in open_intents if intent.number not in used]
    return planned


def is_good(shown: RunShown, options: RunOptions) -> bool:
    """Say whether a run is the success that its manifest asks for."""
    is_enough = shown.status is RunStatus.PARTIAL and options.on_partial_failure == "warn"
    return shown.status is RunStatus.SUCCEEDED or is_enough


def how_it_ended(shown: RunShown) -> str:
    """Say in a few words how a run without success ended."""
    if shown.status is RunStatus.CANCELLED:
        return "was cancelled"
    if shown.status is RunStatus.PARTIAL:
        total = f" of {_files(shown.total)}" if shown.total else f" {_noun(shown.failed)}"
        return f"failed for {shown.failed}{total}" if shown.failed else "failed in part"
    if shown.errors:
        return f"failed: {shown.errors[0]}"
    if shown.failed and shown.failed == shown.total:
        return f"failed for all of {_files(shown.total)}" if shown.total > 1 else "failed for its only file"
    return f"failed: {shown.failures[0]}" if shown.failures else "failed"


def _files(count: int) -> str:
    return f"{count} {_noun(count)}"


def _noun(count: int) -> str:
    return "file" if count == 1 else "files"


@lean_dataclass(slots=True)
class _Planner:
    live: LiveState
    bindings: Mapping[Address, Binding]
    intents: list[Intent]
    context: Context
    inputs: RunInputs
    planned: RunsPlanned

    def decide(self, one: DesiredRun) -> None:
        kind = self.context.kinds[one.kind]
        assert kind.run is not None, f"{one.kind} is a run"
        found = self.inputs.of(one, kind)
        if not found.digest:
            self._add_problem(one, "LS725", f"{one.file} is neither selected nor known from an earlier apply")
            return
        configuration, compared, changed = self.inputs.configuration(one, kind)
        parts = {"configuration": configuration, "inputs": found.digest}
        binding = self.bindings.get(one.address)
        shown = self.live.runs.get((kind.run.collection, binding.id)) if binding else None
        step = RunStep(
            fingerprint=digest({"kind": one.kind, **parts}),
            parts=parts,
            desired=one,
            parent=found.parent,
            file=one.file,
            file_id=found.file_id,
            ids=found.ids,
            configuration=compared,
            shown=shown,
            since=None if found.since is None or changed is None else latest(found.since, changed),
            items=found.items,
            names=found.names,
        )
        step = replace(step, intent=self._intent(one, step))
        reason = self._reason(one, step, binding, found)
        if reason:
            self._start(one, step, kind, binding, found, reason)
        else:
            assert binding is not None, "what was never started is to be"
            self._leave(one, step, kind, binding)

    def _reason(self, one: DesiredRun, step: RunStep, binding: Binding | None, found: RunInput) -> str:
        """Say why it is to run, "" when it need not."""
        shown, rerun = step.shown, one.options.rerun
        if binding is None:
            return "never ran"
        if shown is None:
            return f"{binding.id} is gone from the service"
        is_same = binding.inputs == step.fingerprint
        if not is_same and not (rerun == "never" and (is_good(shown, one.options) or not shown.status.is_over)):
            return _what_changed(step, binding, found)
        if not shown.status.is_over:
            return ""
        if not is_good(shown, one.options):
            return f"the last one {how_it_ended(shown)}"
        return "rerun: always" if rerun == "always" else ""

    def _start(
        self, one: DesiredRun, step: RunStep, kind: Kind, binding: Binding | None, found: RunInput, reason: str
    ) -> None:
        assert kind.run is not None, "of a run"
        bound = binding.id if binding else ""
        action, adopted = Action.RUN, None
        if one.options.rerun != "always" or step.intent is not None:
            adopted = self._adoptable(one, step, bound, found)
        if adopted is not None:
            action = Action.ADOPT
            state = "is going" if not adopted.status.is_over else "succeeded"
            reason = f"{adopted.id} {state} with the same configuration and input"
        elif kind.run.max_inputs is not None and found.count > kind.run.max_inputs:
            detail = f"{one.address} would have {found.count:,} files; {kind.run.max_inputs:,} are allowed"
            self._add_problem(one, "LS721", detail, hint=CODES["LS721"].fix)
        change = Change(
            address=one.address,
            kind=one.kind,
            collection=kind.run.collection,
            action=action,
            reason=reason,
            drift=Drift.SERVICE if binding is not None and step.shown is None else Drift.MANIFEST,
            source=one.source,
            needs=tuple(sorted({*one.needs, *found.changes})),
            binding=binding,
            run=replace(step, shown=adopted),
        )
        if action is Action.RUN:
            causes = _causes(one, step, binding, found, self.inputs.changes)
            change = replace(change, processing=by_run(one, found.parent, causes, self.inputs.contents))
        self.planned.changes.append(change)
        self._stand(one, step, binding, reason)

    def _adoptable(self, one: DesiredRun, step: RunStep, bound: str, found: RunInput) -> RunShown | None:
        """Return a live run that is the one to start; note the question when nobody looked for such runs yet."""
        if one.address not in self.live.candidates:
            after = step.intent.key[0] if step.intent else ""
            is_open = holds(step.configuration, Reference)
            if found.is_known and not is_open and (step.since is not None or step.intent is not None):
                since = (
                    after if step.intent and (step.since is None or moment(after) < moment(step.since)) else step.since
                )
                query = RunQuery(
                    address=one.address,
                    kind=one.kind,
                    input=found.id,
                    configuration=step.configuration,
                    since=since or "",
                    items=found.items,
                )
                self.planned.questions.append(query)
            return None
        good = [
            shown
            for shown in self.live.candidates[one.address]
            if shown.id != bound and (is_good(shown, one.options) or not shown.status.is_over)
        ]
        chosen = [shown for shown in good if is_same_run(shown, step, rerun=one.options.rerun)]
        return max(chosen, key=lambda shown: (shown.status.is_over, moment(shown.created_at)), default=None)

    def _leave(self, one: DesiredRun, step: RunStep, kind: Kind, binding: Binding) -> None:
        shown = step.shown
        assert shown is not None, "what is gone is started anew"
        self._stand(one, step, binding, "")
        if shown.status.is_over and one.save and binding.observed.get("saved") != one.save_shown:
            missing = f"its results are not in {one.save_shown} yet"
            self.planned.changes.append(self._of_bound(one, binding, Action.UPDATE, missing, step))
            return
        self.planned.noop += 1
        if not shown.status.is_over:
            self._add_problem(one, "LS728", f"{shown.id}: {progress_of(shown)}", severity=Severity.NOTE)
        kept = binding.inputs == step.fingerprint
        if kept and one.options.wait and not shown.status.is_over:
            going = f"{shown.id} is going"
            self.planned.awaited.append(self._of_bound(one, binding, Action.RUN, going, step))
        saved = str(binding.observed.get("saved", ""))
        record = run_record(step, shown, one, kind.run.collection if kind.run else "", binding.applied_at, saved=saved)
        if not kept:  # rerun: never
            record = replace(record, inputs=binding.inputs, fields=binding.fields)
        if record != binding:
            self.planned.remembered.append(record)

    def _of_bound(self, one: DesiredRun, binding: Binding, action: Action, reason: str, step: RunStep) -> Change:
        """Return a change of a run that is there and stays."""
        return Change(
            address=one.address,
            kind=one.kind,
            collection=binding.collection,
            action=action,
            reason=reason,
            source=one.source,
            binding=binding,
            run=step,
        )

    def _intent(self, one: DesiredRun, step: RunStep) -> Intent | None:
        mine = [intent for intent in self.intents if intent.address == one.address]
        return next((intent for intent in mine if intent.digest == step.fingerprint), None)

    def _stand(self, one: DesiredRun, step: RunStep, binding: Binding | None, reason: str) -> None:
        shown = step.shown
        standing = Standing(
            address=one.address,
            collection=binding.collection if binding else "",
            id=shown.id if shown else "",
            status=shown.status if shown else "",
            since=shown.created_at if shown else "",
            reason=reason,
            run=step,
            binding=binding,
        )
        self.planned.standings.append(standing)

    def _add_problem(
        self, one: DesiredRun, code: str, detail: str, *, hint: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        problem = Diagnostic(code, detail, source=one.source, address=one.address, hint=hint, severity=severity)
        self.planned.problems.append(problem)


def is_same_run(shown: RunShown, step: RunStep, *, rerun: str) -> bool:
    """Say whether a live run over the same input with the same configuration stands for the one to start: an
    interrupted start made it, or it began after the last change of what it is made of."""
    began = moment(shown.created_at)
    if step.intent is not None and began > moment(step.intent.key[0]):
        return True
    return rerun != "always" and step.since is not None and began >= moment(step.since)


def progress_of(shown: RunShown) -> str:
    """Say in a few words how far a run is.

    >>> progress_of(RunShown(id="b", status=RunStatus.GOING, word="running", total=40, done=12, failed=1))
    '12 of 40 files, 1 failed'
    >>> progress_of(RunShown(id="b", status=RunStatus.GOING, word="THROTTLED"))
    'throttled'
    """
    if not shown.total:
        return shown.word.lower() or str(shown.status)
    rest = [f"{count} {word}" for count, word in ((shown.failed, "failed"), (shown.skipped, "skipped")) if count]
    return ", ".join([f"{shown.done} of {_files(shown.total)}", *rest])


def _what_changed(step: RunStep, binding: Binding, found: RunInput) -> str:
    before = binding.fields
    reasons = []
    if before.get("configuration") != step.parts["configuration"]:
        reasons.append("configuration changed")
    if before.get("inputs") != step.parts["inputs"]:
        count = len(found.changes)
        reasons.append(f"{count} file{'s' if count > 1 else ''} changed" if count else "its files changed")
    return " and ".join(reasons) or "its inputs changed"


def _causes(
    one: DesiredRun, step: RunStep, binding: Binding | None, found: RunInput, changes: Mapping[Address, Change]
) -> set[Address]:
    """Return the addresses of what has it run: files and configurations that change in this plan; without any, itself.

    A run that never was, or is gone, is due to its own manifest, whatever else changes along with it.
    """
    if binding is None or step.shown is None:
        return {one.address}
    causes = set(found.changes) if binding.fields.get("inputs") != step.parts["inputs"] else set()
    if binding.fields.get("configuration") != step.parts["configuration"]:
        named = {reference.address for reference in every(one.configuration, Reference) if reference.address}
        causes |= {address for address in named if address in changes} or {one.address}
    return causes or {one.address}


def _unwanted(binding: Binding, live: LiveState, context: Context, keeper: Address | None) -> Change:
    """Decide what to do with a run that no manifest asks for any more, or that is to be destroyed; `keeper` is one that
    has the same run."""
    why = "to be destroyed" if binding.address in context.runs_here else "removed from the manifests"
    kind = next(kind for kind in context.kinds.values() if kind.run and kind.run.collection == binding.collection)
    assert kind.run is not None, "chosen for it"
    shown = live.runs.get((binding.collection, binding.id))
    change = Change(
        address=binding.address,
        kind=kind.name,
        collection=binding.collection,
        action=Action.FORGET,
        reason="it is gone from the service already",
        binding=binding,
        run=RunStep(fingerprint=binding.inputs, shown=shown),
    )
    if shown is None:
        return replace(change, drift=Drift.SERVICE)
    if binding.on_remove == "forget":
        return replace(change, reason=f"{why}; its manifest said onRemove: forget")
    if keeper is not None:
        return replace(change, reason=f"{why}; {keeper} has the same run, which stays")
    path = next(each for each in kind.run.paths if each.path == shown.path)
    if path.deletes and shown.status.is_over:
        reason = f"{why}; it will be deleted with its results"
        return replace(change, action=Action.DELETE, reason=reason)
    if path.deletes or (path.cancels and not shown.status.is_over):
        verbs = [verb for verb, offered in (("cancelled", path.cancels), ("deleted", path.deletes)) if offered]
        reason = f"{why}; it is going, and will be {' and '.join(verbs)}"
        return replace(change, action=Action.DELETE, reason=reason)
    if not shown.status.is_over:
        return replace(change, reason=f"{why}; it goes on, for the service cannot end it")
    return replace(change, reason=f"{why}; the service keeps runs that are over")

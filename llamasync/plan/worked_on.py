"""Which documents a sync or a run works on. A sync: all of a new object's, else those that are not as they were then.

The service says that a sync parses changed files again. Which changed is told by this plan's changes and by when files
were applied; where that is not certain, all of them are taken, as the most that it can be.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from typing import Any

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.facts import Kind, Status
from llamasync.kinds.works import Step, Work, steps_of
from llamasync.plan.changes import Context
from llamasync.plan.inputs import Held, Inputs, Parent
from llamasync.plan.model import Action, Change
from llamasync.plan.processing import Processing
from llamasync.workspace.desired import Desired, DesiredRun
from llamasync.workspace.measure import Document


class _How(Enum):
    """What became of a document since the last sync."""

    SAME = auto()
    TOUCHED = auto()
    CHANGED = auto()


def everything(one: Desired, inputs: Inputs) -> Processing:
    """Return what the first sync of a new object works on: all that its parent will hold."""
    parent = inputs.context.identities.parents[one.address]
    return Processing(
        steps=steps_for(one.kind, one.fields, inputs), documents=documents_of(inputs, parent), because=(one.source,)
    )


def since_last_sync(one: Desired, inputs: Inputs) -> Processing:
    """Return what another sync works on."""
    context = inputs.context
    parent = context.identities.parents[one.address]
    steps = steps_for(one.kind, one.fields, inputs)
    whole = Processing(steps=steps, documents=documents_of(inputs, parent), is_at_most=True, because=(one.source,))
    binding, live = context.binding_of(one.address), context.identities.live[one.address]
    if binding is None or binding.id != live.id or not binding.inputs or live.status is Status.FAILED:
        return whole
    if reconfigured := _reconfigured(one, inputs.changes, context.kinds):
        names = ", ".join(str(change.address) for change in reconfigured)
        note = f"{names} changes: whether the other files are parsed again is not documented; all are counted"
        return replace(whole, because=_sources(reconfigured) or whole.because, notes=(note,))
    changes = {change.address: change for change in inputs.of(parent).changes}
    found: dict[_How, list[Document]] = {how: [] for how in _How}
    for held in inputs.held(parent):
        found[_how(held, parent, changes, binding.applied_at, context)].append(_document(held))
    changed, touched = tuple(found[_How.CHANGED]), tuple(found[_How.TOUCHED])
    if not (changes or changed or touched) and binding.inputs != inputs.of(parent).fingerprint:
        return whole
    notes = ("documents of which the metadata alone changes are exported again, not parsed",)
    return Processing(
        steps=steps,
        documents=changed,
        touched=touched,
        because=_sources(changes.values()) or whole.because,
        notes=notes if touched else (),
    )


def by_run(one: DesiredRun, parent: Parent, causes: Container[Address], inputs: Inputs) -> Processing:
    """Return what a run that starts works on: its whole input, whatever became of it since the last one.

    `parent` is the directory whose files it takes, "" for others. `causes` are the addresses of what has it run:
    files and configurations that change in this plan, or itself.
    """
    if one.directory is not None:
        documents = documents_of(inputs, parent)
    elif one.file is not None:
        documents = (_document_at(one.file, inputs),)
    else:
        documents = tuple(_document_with(object_id, inputs) for object_id in one.ids)
    because = {change.source for change in inputs.changes if change.address in causes and change.source is not None}
    return Processing(
        steps=steps_for(one.kind, one.configuration, inputs),
        documents=documents,
        because=tuple(sorted(because | ({one.source} if one.address in causes else set()))),
    )


def documents_of(inputs: Inputs, parent: Parent) -> tuple[Document, ...]:
    """Return all documents that a parent will hold."""
    return tuple(map(_document, inputs.held(parent)))


def steps_for(kind: str, fields: Mapping[str, Any], inputs: Inputs) -> tuple[Step, ...]:
    """Return what an object of `kind` with these API fields (or a run with this configuration) does with documents."""
    works = inputs.context.kinds[kind].works(fields)
    return tuple(step for work in works for step in steps_of(work, _parameters(work, inputs)))


def check_reconfigured(
    objects: Iterable[Desired], changes: Iterable[Change], kinds: Mapping[str, Kind]
) -> list[Diagnostic]:
    """Say of which objects a configuration changes that are not synced by this plan: what that costs is not known."""
    listed = [change for change in changes if change.processing is not None or _is_updated(change)]
    if not any(map(_is_updated, listed)):
        return []
    worked_on = {change.address for change in listed if change.processing is not None}
    problems = []
    for one in objects:
        if one.sync is None or one.address in worked_on:
            continue
        for change in _reconfigured(one, listed, kinds):
            detail = f"{change.address}, by which the documents of {one.address} are processed, changes"
            problems.append(Diagnostic("LS333", detail, one.source, one.address, severity=Severity.NOTE))
    return problems


def _reconfigured(one: Desired, changes: Iterable[Change], kinds: Mapping[str, Kind]) -> list[Change]:
    """Return the changes in place of configurations by which an object is made."""
    references = (work.configuration for work in kinds[one.kind].works(one.fields))
    named = {each.address for each in references if isinstance(each, Reference) and each.address}
    return [change for change in changes if _is_updated(change) and change.address in named]


def _is_updated(change: Change) -> bool:
    return change.action is Action.UPDATE and bool(change.send)


def _parameters(work: Work, inputs: Inputs) -> Mapping[str, Any]:
    """Return the parameters of a work: its own, or those of the configuration that it refers to; {} if not known."""
    reference, context = work.configuration, inputs.context
    if not isinstance(reference, Reference):
        return work.parameters
    kind = context.kinds[reference.kind]
    wanted = inputs.desired.get(reference.address) if reference.address else None
    if wanted is not None:
        return kind.parameters("", wanted.fields)
    found = context.resolve(reference)
    object_id = found if isinstance(found, str) else ""
    live = context.index.by_id.get((kind.collection.name, object_id))
    return kind.parameters(object_id, live.fields if live else {})


def _document(held: Held) -> Document:
    one, live, binding = held
    if one is not None:
        content = one.content
        assert content is not None, "only what has bytes is held"
        return Document(name=str(one.address), filename=content.filename, sha256=content.sha256, content=content)
    assert live is not None, "it is one or the other"
    if binding is not None:
        return Document(name=str(binding.address), filename=live.key[-1], sha256=binding.sha256)
    return Document(name="/".join(live.key), filename=live.key[-1], sha256=live.sha256, is_ours=False)


def _document_at(address: Address, inputs: Inputs) -> Document:
    """Return the document at an address, of the part of the workspace in hand or of another."""
    wanted, binding = inputs.desired.get(address), inputs.context.bindings.get(address)
    if wanted is not None:
        return _document(Held(wanted, None, None))
    assert binding is not None, "a run over a file that nobody knows is not planned"
    return Document(name=str(address), filename=binding.key[-1], sha256=binding.sha256)


def _document_with(object_id: str, inputs: Inputs) -> Document:
    """Return the document that a manifest names by the id of a directory file or of its bytes."""
    for address, live in inputs.context.identities.live.items():
        if live.file_id and object_id in (live.id, live.file_id):
            return _document_at(address, inputs)
    for live in inputs.context.index.by_id.values():
        if live.file_id and object_id in (live.id, live.file_id):
            return Document(name=object_id, filename=live.key[-1], sha256=live.sha256, is_ours=False)
    return Document(name=object_id, filename=object_id, is_ours=False)


def _how(held: Held, parent: Parent, changes: Mapping[Address, Change], since: str, context: Context) -> _How:
    one, live, binding = held
    change = changes.get(one.address) if one is not None else None
    if change is not None:
        is_moved_in = change.live is not None and change.live.parent_id != parent
        if change.action is Action.CREATE or change.uploads or is_moved_in:
            return _How.CHANGED
    if one is not None:
        binding = context.bindings.get(one.address)
    applied_at = binding.applied_at if binding is not None else live.created_at if live is not None else ""
    if _is_after(applied_at, since):
        return _How.CHANGED
    return _How.TOUCHED if change is not None and change.send else _How.SAME


def _is_after(moment: str, since: str) -> bool:
    """Say whether it was later; also where nobody can tell."""
    try:
        return datetime.fromisoformat(moment) > datetime.fromisoformat(since)
    except (TypeError, ValueError):
        return True


def _sources(changes: Iterable[Change]) -> tuple[Source, ...]:
    return tuple(sorted({change.source for change in changes if change.source is not None}))

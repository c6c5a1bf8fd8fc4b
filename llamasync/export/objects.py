"""Live objects become manifests, through the `write` of their kinds; what no manifest can stand for is noted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import to_camel
from llamasync.export.documents import Document, build_document, left_out, why_not
from llamasync.export.holes import variables_of
from llamasync.export.naming import Names
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject


@lean_dataclass(slots=True)
class Written:
    """The manifests of one kind. `names` gives every object that is not foreign a name of its own, by id.

    `references` says, by id, how other manifests speak of the object: by its manifest's name, else by its id.
    `variables` are those of the environment that stand for what the service does not show.
    """

    documents: list[Document] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    references: dict[str, Any] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)


def write_objects(
    kind: Kind, objects: Iterable[LiveObject], *, wanted: bool = True, parents: Mapping[str, Any] | None = None
) -> Written:
    """Write a manifest for each object. Without `wanted` none is written, and others refer to it by name, else by id.

    `parents` says, by id, how a manifest speaks of what the object belongs to. Left out, with a note: foreign objects,
    objects that share their key (a manifest could not say which one it means), objects whose parent is not ours, and
    objects whose spec would not load. Options that the service never shows are noted too.
    """
    assert kind.write is not None, f"{kind.name} cannot be exported"
    result = Written()
    ours = []
    for live in sorted(objects, key=lambda one: (one.key, one.created_at, one.id)):
        if live.foreign:
            result.notes.append(_foreign(kind, live))
        else:
            ours.append(live)
    if kind.collection.parent:
        ours = [live for live in ours if live.parent_id in (parents or {})]
    names = Names().take_all((_name(live) for live in ours), kind.name.lower())
    result.names = {live.id: name for live, name in zip(ours, names, strict=True)}
    shared = {place for place, count in Counter(map(_place, ours)).items() if count > 1}
    for place in sorted(shared):
        result.notes.append(_twins(kind, [live.id for live in ours if _place(live) == place], place[1]))
    for live in ours:
        if _place(live) in shared:
            result.references[live.id] = {"id": live.id}
        elif wanted:
            _write(kind, live, result, parents or {})
        else:
            result.references[live.id] = {"name": live.key[-1]}
    if result.documents:
        result.notes += _unseen(kind)
    result.documents.sort(key=lambda document: str(document["metadata"]["name"]))
    return result


def _place(live: LiveObject) -> tuple[str, tuple[str, ...]]:
    return (live.parent_id, live.key)


def _name(live: LiveObject) -> str:
    """Return what the object is called: a name that the service chose is no key."""
    return str(live.fields.get("name") or live.key[-1])


def _write(kind: Kind, live: LiveObject, result: Written, parents: Mapping[str, Any]) -> None:
    assert kind.write is not None
    name = result.names[live.id]
    spec: Mapping[str, Any] = kind.write(live.fields, name)
    parent = next((to_camel(one.field) for one in kind.references if one.parent), "")
    if parent:
        spec = {parent: parents[live.parent_id], **spec}
    reason = why_not(kind, name, spec)
    if reason:
        result.notes.append(left_out(f"{kind.name} {live.key[-1]!r} ({live.id}): {reason}"))
        result.references[live.id] = {"id": live.id}
    else:
        result.documents.append(build_document(kind, name, spec))
        result.variables += variables_of(kind, name, spec).values()
        result.references[live.id] = name


def _unseen(kind: Kind) -> list[Diagnostic]:
    hidden = [fact.spec for fact in kind.fields if fact.write_only and fact.immutable]
    if not hidden:
        return []
    return [Diagnostic("LS322", f"of kind {kind.name}: {', '.join(hidden)}", severity=Severity.NOTE)]


def _foreign(kind: Kind, live: LiveObject) -> Diagnostic:
    detail = f"{kind.name} {live.key[-1]!r} ({live.id}) is {live.foreign}; it is left out"
    return Diagnostic("LS314", detail, severity=Severity.NOTE)


def _twins(kind: Kind, ids: list[str], key: tuple[str, ...]) -> Diagnostic:
    detail = f"{len(ids)} of kind {kind.name} are {' '.join(key)!r}: {', '.join(ids)}; they are left out"
    hint = "rename all but one in the service, then export again"
    return Diagnostic("LS301", detail, hint=hint, severity=Severity.WARNING)

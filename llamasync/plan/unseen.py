"""What cannot be seen, said: options that the service never shows, and objects that it does not list."""

from __future__ import annotations

from collections.abc import Iterable

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.reference import Reference
from llamasync.live.model import LiveState
from llamasync.plan.changes import Context
from llamasync.state.model import State
from llamasync.workspace.desired import Desired


def check_unseen(objects: Iterable[Desired], live: LiveState, state: State, context: Context) -> list[Diagnostic]:
    """Return warnings of what is taken on trust, and an error where acting on it could make a twin."""
    problems = []
    interrupted = {intent.address: intent for intent in state.intents}
    hiding = {name for name, kind in context.kinds.items() if any(f.write_only and f.immutable for f in kind.fields)}
    for one in objects:
        kind = context.kinds[one.kind]
        found = context.identities.live.get(one.address)
        if found is None and kind.collection.name in live.unlisted:
            problems.append(_unlisted(one, is_interrupted=one.address in interrupted))
        if one.sync is not None and isinstance(one.parent, Reference) and one.parent.address is None:
            detail = f"{one.parent} is not managed here: its files are others', and are told apart by their ids alone"
            problems.append(_warning("LS320", detail, one))
        if found is None or one.kind not in hiding:
            continue
        binding = context.bindings.get(one.address)
        if binding is not None and binding.id == found.id:
            continue
        hidden = [fact.spec for fact in kind.fields if fact.write_only and fact.immutable and fact.name in one.fields]
        if hidden:
            detail = f"{found.id} was made by others or before the state: {', '.join(hidden)} cannot be compared"
            problems.append(_warning("LS322", detail, one))
    return problems


def _unlisted(one: Desired, *, is_interrupted: bool) -> Diagnostic:
    if not is_interrupted:
        return _warning("LS321", "one that exists already cannot be found", one)
    detail = "an interrupted run may have made it; to make it once more could make a twin"
    hint = f"if it is there: llamasync adopt {one.address} ID; if it is not: llamasync state rm {one.address}"
    return Diagnostic("LS323", detail, source=one.source, address=one.address, hint=hint)


def _warning(code: str, detail: str, one: Desired) -> Diagnostic:
    return Diagnostic(code, detail, source=one.source, address=one.address, severity=Severity.WARNING)

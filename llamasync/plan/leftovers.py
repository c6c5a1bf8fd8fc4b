"""Leftovers: intents that an interrupted run left open, and what their creates may have made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llamasync.core.address import Address
from llamasync.live.model import LiveObject
from llamasync.plan.changes import Context, unwanted_change
from llamasync.plan.model import Change
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import Desired


def intent_changes(
    intents: Iterable[Intent], wanted: Mapping[Address, Desired], context: Context
) -> tuple[list[Change], tuple[Intent, ...]]:
    """Return deletes of what interrupted creates made and nobody wants, and the intents nothing is left to do about.

    An object with the key of an intent is ours: the intent was written only because no object had that key. What
    another address has claimed meanwhile (by name, by content, as staged bytes) is not a leftover.
    """
    changes: list[Change] = []
    settled: list[Intent] = []
    intents = tuple(intents)
    if not intents:
        return changes, ()
    bound = {(binding.collection, binding.id) for binding in context.bindings.values()}
    seen: set[str] = set()
    for intent in intents:
        made = [
            live
            for live in (
                *context.index.by_place.get((intent.collection, intent.parent_id, intent.key), ()),
                *context.index.unnamed_like(context.kinds[intent.address.kind], None, intent.digest),
            )
            if (live.collection, live.id) not in context.identities.claimed | bound and live.id not in seen
        ]
        settled.append(intent)
        for live in made:
            seen.add(live.id)
            changes.append(
                unwanted_change(_as_binding(intent, live, wanted), context, reason="left by an interrupted run")
            )
    return changes, tuple(settled)


def _as_binding(intent: Intent, live: LiveObject, wanted: Mapping[Address, Desired]) -> Binding:
    address = intent.address
    if address in wanted or address.item:
        address = Address(address.kind, address.name, live.key[-1])
    return Binding(address=address, collection=live.collection, id=live.id, key=live.key, parent_id=live.parent_id)

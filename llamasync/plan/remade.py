"""References to what is made anew: the field still says the same, and what it refers to will have another id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from llamasync.core.address import Address
from llamasync.core.digest import canonical_json
from llamasync.core.nested import every, holds
from llamasync.core.reference import Reference
from llamasync.plan.compare import resolved
from llamasync.plan.model import Drift, FieldChange
from llamasync.state.model import Binding


def tell_remade(
    fields: Iterable[FieldChange], bindings: Mapping[Address, Binding], replaced: frozenset[Address]
) -> tuple[tuple[FieldChange, ...], str]:
    """Return the fields with whose change it is that ids differ; and, where that alone forces a replacement, why.

    What is not `replaced` by this plan, and is not there, was deleted in the service.
    """
    found: list[FieldChange] = []
    remade: set[Address] = set()
    others = False
    for field in fields:
        again = {one.address for one in every(field.after, Reference) if one.address in bindings and one.address}
        if again and _form(resolved(field.after, lambda one: _former(one, bindings))) == _form(field.before):
            field = replace(field, drift=Drift.MANIFEST if again & replaced else Drift.SERVICE)
            remade |= again if field.forces_replace else set()
        else:
            others = others or field.forces_replace
        found.append(field)
    names = " and ".join(map(str, sorted(remade)))
    return tuple(found), f"refers to {names}, made anew" if remade and not others else ""


def _former(reference: Reference, bindings: Mapping[Address, Binding]) -> str | Reference:
    binding = bindings.get(reference.address) if reference.address else None
    return binding.id if binding else reference


def _form(value: Any) -> Any:
    """Return a value that is equal for what is equal but for its order; a reference in it is equal to nothing."""
    if holds(value, Reference):
        return object()
    return sorted(map(canonical_json, value)) if isinstance(value, list) else canonical_json(value)

"""Finds the kinds: every module of this package that has a KIND. Adding a kind is adding a module."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import llamasync.kinds
from llamasync.kinds.facts import Collection, Kind, Role


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every kind by its name, sorted."""
    modules = (
        import_module(f"llamasync.kinds.{found.name}") for found in pkgutil.iter_modules(llamasync.kinds.__path__)
    )
    kinds = (module.KIND for module in modules if hasattr(module, "KIND"))
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}


@cache
def all_collections() -> dict[str, Collection]:
    """Return every type of live object that the engine manages, by its name; kinds may share one."""
    return {kind.collection.name: kind.collection for kind in all_kinds().values() if kind.role is Role.OBJECT}


@cache
def run_kinds() -> dict[str, Kind]:
    """Return the kinds of runs, by the name under which their runs stand in the state."""
    return {kind.run.collection: kind for kind in all_kinds().values() if kind.run is not None}


def kinds_of(collection: str) -> tuple[Kind, ...]:
    """Return the kinds whose objects live in `collection`."""
    return tuple(kind for kind in all_kinds().values() if kind.collection.name == collection)

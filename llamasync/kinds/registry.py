"""Finds the kinds: every module of this package that has a KIND. Adding a kind is adding a module.

A module is called as its kind is, in snake case, so that one kind can be had without importing all of them.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import llamasync.kinds
from llamasync.kinds.facts import Collection, Kind, Role


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every kind by its name, sorted."""
    found = ((name, find_kind(name)) for name in sorted(_modules()))
    return {name: kind for name, kind in found if kind is not None}


@cache
def find_kind(name: str) -> Kind | None:
    """Return the kind of that name, importing no other; None when there is none."""
    module = _modules().get(name)
    kind: Kind | None = getattr(import_module(f"llamasync.kinds.{module}"), "KIND", None) if module else None
    return kind


def kind_named(name: str) -> Kind:
    """Return the kind of that name, importing no other. Raises KeyError when there is none."""
    kind = find_kind(name)
    if kind is None:
        raise KeyError(name)
    return kind


@cache
def _modules() -> dict[str, str]:
    """Return the modules of this package by what a kind of theirs would be called."""
    modules = (found.name for found in pkgutil.iter_modules(llamasync.kinds.__path__))
    return {"".join(word.title() for word in module.split("_")): module for module in modules}


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

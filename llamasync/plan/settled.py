"""Leaves out the directories whose files are all as the manifests, the service and the state have them. Pure.

Most of a workspace has not changed, most of the time. What is left out of all three is looked at once, here, and no
step of planning sees it again; it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from operator import attrgetter

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.kinds.facts import Kind
from llamasync.live.model import LiveObject
from llamasync.plan.model import PlanOptions, Selection
from llamasync.plan.unchanged import agree, shows_more
from llamasync.state.model import Binding, State
from llamasync.workspace.desired import Desired, DesiredState

Listed = Callable[[str, str], Mapping[str, LiveObject] | None]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is left of desired and state. `settled`: the ids of the live objects whose children were left out."""

    desired: DesiredState
    state: State
    settled: frozenset[str] = frozenset()


def leave_out_settled(
    desired: DesiredState, state: State, listed: Listed, kinds: Mapping[str, Kind], options: PlanOptions
) -> Rest:
    """Leave out the files of every managed parent that holds just what is desired in it and nothing besides.

    `listed` returns the live objects by id of a collection, inside of a parent or "", as they were listed; None when
    that is not known. A parent stays whole unless it is as recorded itself, where something is made of its files, an
    index or a run, and where other manifests put files into it by its id or its name. Nothing is left out where any
    file may matter: where manifests were moved, a create was interrupted, all is destroyed or some is selected, or
    something is made of what is not managed here.
    """
    everything = Rest(desired=desired, state=state)
    if options.destroy or options.selection != Selection() or desired.moved or state.intents:
        return everything
    used = _used(desired)
    if None in used:
        return everything
    found: dict[str, list[Desired]] = {}
    held = Counter(map(attrgetter("collection", "parent_id"), state.bindings.values()))
    by_parent = _by_parent(desired)
    named = {text for parent in by_parent if parent.address is None for text in (parent.id, parent.name)}
    for parent, files in by_parent.items():
        address = None if parent.address in used else parent.address
        parent_id = _settled_parent(address, desired, state, listed, kinds, named)
        if parent_id and _are_settled(files, parent_id, held, state.bindings, listed, kinds):
            found[parent_id] = files
    if not found:
        return everything
    gone = {one.address: one.content.sha256 for files in found.values() for one in files if one.content}
    return Rest(
        desired=replace(
            desired,
            objects={address: one for address, one in desired.objects.items() if address not in gone},
            unchanged=desired.unchanged + len(gone),
            bytes_unchanged=desired.bytes_unchanged | frozenset(gone.values()),
        ),
        state=replace(state, bindings={address: one for address, one in state.bindings.items() if address not in gone}),
        settled=frozenset(found),
    )


def _used(desired: DesiredState) -> set[Address | None]:
    """Return the manifests of the parents of files that something is made of, an index or a run; None among them where
    such a parent is not managed here, or not known: files may be told by their ids."""
    objects = desired.objects
    made = [one.parent for one in objects.values() if one.sync is not None]
    for run in desired.runs.values():
        file = objects.get(run.file) if run.file else None
        made += [run.directory, file.parent if file else None]
    used = {one.address for one in made if isinstance(one, Reference)}
    return used | {None for run in desired.runs.values() if run.ids}


def _by_parent(desired: DesiredState) -> Mapping[Reference, list[Desired]]:
    """Return what has bytes by what it is in."""
    found: dict[Reference, list[Desired]] = {}
    last: Reference | None = None
    files: list[Desired] = []
    for one in desired.objects.values():
        if one.content is None or not isinstance(one.parent, Reference):
            continue
        if one.parent is not last:  # files of one tree share theirs
            last = one.parent
            files = found.setdefault(last, [])
        files.append(one)
    return found


def _settled_parent(
    address: Address | None,
    desired: DesiredState,
    state: State,
    listed: Listed,
    kinds: Mapping[str, Kind],
    named: Container[str],
) -> str:
    """Return the id of the parent that is declared at `address`, "" unless it is as recorded and its id and its name
    are not among those `named` elsewhere."""
    if address is None:
        return ""
    parent, binding = desired.objects.get(address), state.bindings.get(address)
    if parent is None or binding is None or parent.parent is not None:
        return ""
    live, kind = (listed(binding.collection, "") or {}).get(binding.id), kinds[parent.kind]
    if live is None or live.foreign or shows_more(kind) or not agree(parent, binding, live, kind):
        return ""
    return "" if live.id in named or live.key[-1] in named else live.id


def _are_settled(
    files: list[Desired],
    parent_id: str,
    held: Mapping[tuple[str, str], int],
    bindings: Mapping[Address, Binding],
    listed: Listed,
    kinds: Mapping[str, Kind],
) -> bool:
    """Say whether a parent holds these files, all as recorded, and nothing else."""
    collection = kinds[files[0].kind].collection
    shown = listed(collection.name, parent_id)
    if shown is None or len(files) != held[collection.name, parent_id]:
        return False
    ids = {live.id for live in shown.values() if not live.foreign}
    if len(files) != len(ids) or any(shows_more(kinds[kind]) for kind in {one.kind for one in files}):
        return False
    for one in files:
        binding = bindings.get(one.address)
        if binding is None or binding.id not in ids:
            return False
        ids.remove(binding.id)
        if not agree(one, binding, shown[binding.id], kinds[one.kind]):
            return False
    return True

"""Leaves out what is the same in the manifest, in the service and in the state, while all three are read as streams.

Of a hundred thousand items hardly any has changed. What was left out of one of the three is left out of all of them, so
that the plan is made of the others only, and counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.core.address import Address
from llamasync.kinds.facts import Collection, Kind
from llamasync.kinds.registry import all_kinds
from llamasync.live.failures import as_diagnostics
from llamasync.live.listing import Listing, get_object, read_pages
from llamasync.live.model import LiveObject
from llamasync.state.model import Binding, State
from llamasync.workspace.desired import Desired, DesiredState
from llamasync.workspace.items.lot import Lot

Load = Callable[[Callable[[Binding], bool]], State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinned:
    """What is left of the three. `listings`: the rest of each place that was read, by collection and place; `left_out`:
    the ids of what was not kept. `calls_before`: the read calls that were made before."""

    desired: DesiredState
    state: State
    listings: Mapping[tuple[str, str], Listing]
    left_out: frozenset[str]
    calls_before: int = 0


@dataclass(slots=True)
class _Reading:
    """One lot while it is compared: the ids of live items that are as the manifest says, and what else is live."""

    lot: Lot
    kind: Kind
    same: dict[str, str] = field(default_factory=dict)
    others: dict[str, LiveObject] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    pages: int = 0


@as_diagnostics
def thin(client: Client, desired: DesiredState, load: Load) -> Thinned:
    """Read the places of the lots in `desired` and the state (`load` takes a function that says what to keep).

    Raises DiagnosticError: LS4xx when the service fails, LS211 when a file changed meanwhile. A place that the service
    does not know is not listed: reading it again tells why.
    """
    calls_before = client.calls.read
    readings = {lot.address: _Reading(lot, all_kinds()[lot.address.kind]) for lot in desired.lots}
    listings: dict[tuple[str, str], Listing] = {}
    with ThreadPoolExecutor(1) as pool:
        for one in readings.values():
            if _list(client, one, pool):
                listings[one.kind.collection.name, one.lot.parent] = Listing(one.others, one.pages)
    left_out: set[str] = set()

    def keep(binding: Binding) -> bool:
        reading = readings.get(binding.address.manifest)
        if reading is None or not _is_as_recorded(binding, reading):
            return True
        reading.settled.add(binding.address.item)
        left_out.add(binding.id)
        return False

    state = load(keep)
    objects: dict[Address, Desired] = dict(desired.objects)
    for one in readings.values():
        for key in one.lot:
            if key in one.settled:
                continue
            made = one.lot.make(key)
            objects[made.address] = made
            if key in one.same:
                live = _as_live(made, one.same[key], one.kind.collection, one.lot.parent)
                one.others[live.id] = live
    rest = replace(
        desired,
        objects={address: objects[address] for address in sorted(objects)},
        lots=(),
        unchanged=desired.unchanged + len(left_out),
    )
    left = frozenset(left_out)
    return Thinned(desired=rest, state=state, listings=listings, left_out=left, calls_before=calls_before)


def _list(client: Client, one: _Reading, pool: ThreadPoolExecutor) -> bool:
    """Read the place of a lot; False when the service does not know it."""
    lot, collection = one.lot, one.kind.collection.known_by(one.lot.key_field)
    assert collection.scope is not None, "lots are of places"
    name = collection.scope.keyed_by
    try:
        for page in read_pages(client, collection, lot.parent, pool):
            one.pages += 1
            for live in page:
                key = live.key[-1]
                if not lot.holds(key, live.fields.get(name)) or one.same.setdefault(key, live.id) != live.id:
                    one.others[live.id] = live
    except Refused as error:
        if error.status not in (400, 404):
            raise
        return False
    for key in one.same.keys() & {live.key[-1] for live in one.others.values()}:  # twins: one must be chosen
        first = get_object(client, collection, lot.parent, one.same.pop(key))
        if first is not None:
            one.others[first.id] = first
    return True


def _is_as_recorded(binding: Binding, reading: _Reading) -> bool:
    """Say whether a live item is as the manifest says, and the state has both just so."""
    lot, item = reading.lot, binding.address.item
    lifecycle = lot.shared["lifecycle"]
    protect = reading.kind.protect if lifecycle.protect is None else lifecycle.protect
    return (
        reading.same.get(item) == binding.id
        and (binding.collection, binding.parent_id) == (reading.kind.collection.name, lot.parent)
        and binding.key == (lot.key_field, item)
        and len(binding.fields) == 1
        and lot.holds(item, next(iter(binding.fields.values())))
        and (binding.protect, binding.on_remove, binding.needs) == (protect, lifecycle.on_remove, lot.shared["needs"])
        and not (binding.observed or binding.sha256 or binding.file_id or binding.inputs or binding.other_id)
        and not (binding.size_bytes or binding.delete_contents)
    )


def _as_live(one: Desired, object_id: str, collection: Collection, place: str) -> LiveObject:
    return LiveObject(collection=collection.name, id=object_id, key=one.key, fields=one.fields, parent_id=place)

"""Leaves out what is the same in the manifest, in the service and in the state, while all three are read as streams.

Of a hundred thousand items hardly any has changed. What was left out of one of the three is left out of all of them, so
that the plan is made of the others only, and counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.kinds.facts import Kind
from llamasync.kinds.registry import all_kinds
from llamasync.live.failures import as_diagnostics
from llamasync.live.listing import Listing, get_object, read_pages
from llamasync.live.model import LiveObject
from llamasync.state.model import Binding, State
from llamasync.workspace.desired import Desired, DesiredState
from llamasync.workspace.items.lot import Lot

Load = Callable[[Callable[[Binding], bool]], State]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Thinned:
    """What is left of the three. `listings`: the rest of each place that was read, by collection and place; `left_out`:
    the ids of what was not kept. `calls_before`: the read calls that were made before."""

    desired: DesiredState
    state: State
    listings: Mapping[tuple[str, str], Listing]
    left_out: frozenset[str]
    calls_before: int = 0


@lean_dataclass(slots=True)
class _Reading:
    """One lot while it is compared. `recorded`: the ids of items that the state has just as the manifest; `settled`:
    the keys of those that are live so too; `others`: what else is live."""

    lot: Lot
    kind: Kind
    recorded: dict[str, str] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    others: dict[str, LiveObject] = field(default_factory=dict)
    pages: int = 0


@as_diagnostics
def thin(client: Client, desired: DesiredState, load: Load) -> Thinned:
    """Read the state (`load` takes a function that says what to keep) and the places of the lots in `desired`.

    The state is read a second time, when something that it has as the manifest is not live so. Raises DiagnosticError:
    LS4xx when the service fails, LS5xx when the state cannot be read, LS211 when a file changed meanwhile. A place that
    the service does not know is not listed: reading it again tells why.
    """
    calls_before = client.calls.read
    readings = {lot.address: _Reading(lot, all_kinds()[lot.address.kind]) for lot in desired.lots}

    def keep(binding: Binding) -> bool:
        reading = readings.get(binding.address.manifest)
        if reading is None or not _is_as_declared(binding, reading):
            return True
        reading.recorded[binding.address.item] = binding.id
        return False

    state = load(keep)
    listings: dict[tuple[str, str], Listing] = {}
    with ThreadPoolExecutor(1) as pool:
        for one in readings.values():
            if _list(client, one, pool):
                listings[one.kind.collection.name, one.lot.parent] = Listing(one.others, one.pages)
            else:
                one.settled.clear()
    left_out = frozenset(one.recorded[key] for one in readings.values() for key in one.settled)
    rest = replace(
        desired, objects=_left(desired.objects, readings), lots=(), unchanged=desired.unchanged + len(left_out)
    )
    state = _with_unsettled(state, readings, load)
    return Thinned(desired=rest, state=state, listings=listings, left_out=left_out, calls_before=calls_before)


def _left(others: Mapping[Address, Desired], readings: Mapping[Address, _Reading]) -> dict[Address, Desired]:
    objects = dict(others)
    for one in readings.values():
        made = (one.lot.make(key) for key in one.lot if key not in one.settled)
        objects |= {item.address: item for item in made}
    return {address: objects[address] for address in sorted(objects)}


def _with_unsettled(state: State, readings: Mapping[Address, _Reading], load: Load) -> State:
    """Bring back what was left out of the state, and is not live as it should be."""
    wanted = {
        Address(manifest.kind, manifest.name, key)
        for manifest, one in readings.items()
        for key in one.recorded.keys() - one.settled
    }
    if not wanted:
        return state
    again = load(lambda binding: binding.address in wanted)
    bindings = {**state.bindings, **again.bindings}
    return replace(state, bindings={address: bindings[address] for address in sorted(bindings)})


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
                if one.recorded.get(key) == live.id and lot.is_met_by(key, live.fields.get(name)):
                    one.settled.add(key)
                else:
                    one.others[live.id] = live
    except Refused as error:
        if error.status not in (400, 404):
            raise
        return False
    for key in one.settled & {live.key[-1] for live in one.others.values()}:  # twins are told of, so all are needed
        one.settled.remove(key)
        first = get_object(client, collection, lot.parent, one.recorded[key])
        if first is not None:
            one.others[first.id] = first
    return True


def _is_as_declared(binding: Binding, reading: _Reading) -> bool:
    """Say whether the state has an item just as the manifest."""
    lot, item = reading.lot, binding.address.item
    lifecycle = lot.shared["lifecycle"]
    protect = reading.kind.protect if lifecycle.protect is None else lifecycle.protect
    return (
        (binding.collection, binding.parent_id) == (reading.kind.collection.name, lot.parent)
        and binding.key == (lot.key_field, item)
        and len(binding.fields) == 1
        and lot.holds(item, next(iter(binding.fields.values())))
        and (binding.protect, binding.on_remove, binding.needs) == (protect, lifecycle.on_remove, lot.shared["needs"])
        and not (binding.observed or binding.sha256 or binding.file_id or binding.inputs or binding.other_id)
        and not (binding.size_bytes or binding.delete_contents)
    )

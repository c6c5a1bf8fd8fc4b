"""Identity: which live object each address stands for. By remembered id first, then by natural key, then by content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import field
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.digest import digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.core.staging import staged_key
from llamasync.kinds.facts import Collection, Kind
from llamasync.live.model import LiveObject, LiveState
from llamasync.plan.protection import is_protected
from llamasync.plan.values import equal
from llamasync.state.model import Binding, Intent
from llamasync.workspace.desired import Desired

Place = tuple[str, str, tuple[str, ...]]


@lean_dataclass(slots=True)
class Identities:
    """What was found: the live object of each address, staged content, the live objects claimed, and problems.

    `renamed_from` names the address whose live object an address takes over because its content is the same.
    `left_behind` are live objects that an address stood for until another one turned up where it is wanted now.
    `elsewhere` are ids by address of what is remembered and there, but not in the part of the workspace in hand.
    """

    live: dict[Address, LiveObject] = field(default_factory=dict)
    staged: dict[Address, LiveObject] = field(default_factory=dict)
    parents: dict[Address, str | Reference] = field(default_factory=dict)
    renamed_from: dict[Address, Address] = field(default_factory=dict)
    left_behind: dict[Address, LiveObject] = field(default_factory=dict)
    elsewhere: dict[Address, str] = field(default_factory=dict)
    claimed: set[tuple[str, str]] = field(default_factory=set)
    problems: list[Diagnostic] = field(default_factory=list)


class LiveIndex:
    """The live objects by id and by natural key. Foreign ones are found by id only. `unnamed` are those that nothing
    but their id identifies and that nobody has used, by collection."""

    def __init__(self, live: LiveState) -> None:
        self._objects = live.objects
        self.by_id = {(collection, one.id): one for collection, objects in live.objects.items() for one in objects}

    @cached_property
    def by_place(self) -> dict[Place, list[LiveObject]]:
        """Where nothing changed nobody asks for these."""
        found: dict[Place, list[LiveObject]] = {}
        for (collection, _), one in self.by_id.items():
            if not one.foreign:
                found.setdefault((collection, one.parent_id, one.key), []).append(one)
        return found

    @cached_property
    def unnamed(self) -> dict[str, list[LiveObject]]:
        """As `by_place`."""
        found: dict[str, list[LiveObject]] = {}
        for collection, objects in self._objects.items():
            found[collection] = [one for one in objects if one.key == (one.id,) and not (one.foreign or one.is_used)]
        return found

    def unnamed_like(self, kind: Kind, asked: Mapping[str, Any] | None, wanted: str) -> list[LiveObject]:
        """Return the unnamed objects that a request with the digest `wanted` would have made.

        `asked` are the fields that were asked for, None when nobody knows: of what the service need not show (see
        `FieldFact.write_only`) they tell what was sent, for it may show what nobody sent.
        """
        hidden = {fact.name for fact in kind.fields if fact.write_only}
        found = []
        for one in self.unnamed.get(kind.collection.name, ()):
            shown = {name: value for name, value in one.fields.items() if name not in hidden}
            requests = [one.fields, shown]
            if asked is not None:
                requests = [{**shown, **{name: asked[name] for name in asked.keys() & hidden}}]
            if any(digest(request) == wanted for request in requests):
                found.append(one)
        return found

    def named(self, collection: str, name: str) -> list[LiveObject]:
        """Return the objects of a collection without parents whose key ends with `name`."""
        return [
            one
            for (where, _, key), found in self.by_place.items()
            if where == collection and key[-1] == name
            for one in found
        ]


def identify(
    desired: Mapping[Address, Desired],
    index: LiveIndex,
    bindings: Mapping[Address, Binding],
    kinds: Mapping[str, Kind],
    intents: Iterable[Intent] = (),
    *,
    elsewhere: Container[Address] = frozenset(),
) -> Identities:
    """Match every desired object. Objects without a parent come first, since the others' keys count inside a parent.

    An object that nothing but its id identifies is matched by an open `intent` of its address: it is what the request
    of that would have made, and nobody has used it.

    What is bound to manifests `elsewhere`, in the rest of the workspace, is not free for others: LS316.
    """
    found = Identities()
    absent = bindings.keys() - desired.keys()
    for address in absent:
        binding = bindings[address]
        if (binding.collection, binding.id) in index.by_id:
            found.elsewhere[address] = binding.id
    bound = {(binding.collection, binding.id): address for address, binding in bindings.items()}
    ordered = sorted(desired.values(), key=attrgetter("address"))
    ranked = [one for one in ordered if one.parent is None], [one for one in ordered if one.parent is not None]
    held = _Held(bound, desired, elsewhere, found.claimed)
    missing = [one for several in ranked for one in _missing(several, index, bindings, kinds, held, found)]
    unnamed = [one for several in ranked for one in several if not kinds[one.kind].collection.key]
    _match_by_intent(unnamed, intents, bound, index, kinds, found)
    missing = [one for one in missing if one.address not in found.live]
    for one in missing:
        found.problems += _claimed_elsewhere(one, kinds[one.kind].collection, index, held, found)
    gone = [bindings[address] for address in sorted(absent) if address.manifest not in elsewhere]
    _match_by_content(missing, gone, index, kinds, found)
    for address, one in desired.items():
        if one.content is not None:
            matched = found.live.get(address)
            if matched is None or matched.sha256 != one.content.sha256:
                _find_staged(one, one.content.sha256, kinds[one.kind].collection, index, held, found)
    return found


def _take(one: Desired, live: LiveObject, bound: Mapping[tuple[str, str], Address], found: Identities) -> None:
    """Let `one` stand for a live object, and note which address stood for it until now."""
    _claim(one, live, found)
    former = bound.get((live.collection, live.id))
    if former is not None and former != one.address:
        found.renamed_from[one.address] = former


def _missing(
    several: Iterable[Desired],
    index: LiveIndex,
    bindings: Mapping[Address, Binding],
    kinds: Mapping[str, Kind],
    held: _Held,
    found: Identities,
) -> list[Desired]:
    """Match these by id and by name, and return those that are not there. What has one's name of today comes first:
    it goes to nobody who had that name before."""
    given: Reference | str | None = None
    parent: Reference | str = ""
    unmatched, missing = [], []
    for one in several:
        if one.parent is not given or not isinstance(parent, str):  # files of one tree share theirs
            given = one.parent
            parent = resolve(given, found, index, kinds) if given else ""
        found.parents[one.address] = parent
        live = _match(one, kinds[one.kind].collection, parent, index, bindings.get(one.address), held, found)
        if live is not None:
            _take(one, live, held.bound, found)
        else:
            unmatched.append(one)
    for one in unmatched:
        live = _match_by_former_name(one, kinds[one.kind].collection, index, held, found)
        if live is not None:
            _take(one, live, held.bound, found)
        else:
            missing.append(one)
    return missing


class _Held(NamedTuple):
    """What is not free for others: the live objects that desired addresses stand for, or those of manifests elsewhere,
    and those that were claimed."""

    bound: Mapping[tuple[str, str], Address]
    desired: Container[Address]
    elsewhere: Container[Address]
    claimed: Container[tuple[str, str]]

    def has(self, place: tuple[str, str]) -> bool:
        """Say whether the live object is one of them."""
        address = self.bound.get(place)
        return place in self.claimed or (
            address is not None and (address in self.desired or address.manifest in self.elsewhere)
        )


def resolve(
    reference: Reference | str, found: Identities, index: LiveIndex, kinds: Mapping[str, Kind]
) -> str | Reference:
    """Return the id a reference stands for, or the reference itself while that object does not exist yet. The name of
    a place that is no object stands for itself."""
    if isinstance(reference, str):
        return reference
    if reference.id:
        return reference.id
    if reference.address is not None:
        live = found.live.get(reference.address)
        return live.id if live else found.elsewhere.get(reference.address, reference)
    named = index.named(kinds[reference.kind].collection.name, reference.name)
    return named[0].id if len(named) == 1 else reference


def _match(
    one: Desired,
    collection: Collection,
    parent: str | Reference,
    index: LiveIndex,
    binding: Binding | None,
    held: _Held,
    found: Identities,
) -> LiveObject | None:
    """Match one object, of which `binding` is remembered, with what is not `held` by others."""
    live = index.by_id.get((binding.collection, binding.id)) if binding is not None else None
    if live is not None and not live.foreign:
        if collection.scope:  # no name is in the way there, so only another place may hold what should be this one
            is_there = live.parent_id == parent
        else:
            is_there = not collection.content_field or (live.parent_id == parent and live.key == one.key)
        taken = [] if is_there else _free(one.key, collection, parent, index, held)
        if not taken:
            return live
        found.left_behind[one.address] = live
        found.claimed.add((live.collection, live.id))
        return _choose(one, collection, taken, found)
    free = _free(one.key, collection, parent, index, held)
    return _choose(one, collection, free, found) if free else None


def _match_by_former_name(
    one: Desired, collection: Collection, index: LiveIndex, held: _Held, found: Identities
) -> LiveObject | None:
    """Match one object with what has a name that it had, and that no other is to have."""
    for key in one.previous_keys:
        free = _free(key, collection, found.parents[one.address], index, held)
        if free:
            return _choose(one, collection, free, found)
    return None


def _claimed_elsewhere(
    one: Desired, collection: Collection, index: LiveIndex, held: _Held, found: Identities
) -> list[Diagnostic]:
    """Report the live objects that are in the place of one, and stand for a manifest elsewhere."""
    parent = found.parents[one.address]
    there = index.by_place.get((collection.name, parent, one.key), ()) if isinstance(parent, str) else ()
    holders = [(live, held.bound.get((collection.name, live.id))) for live in there]
    return [
        Diagnostic(
            "LS316", f"{live.id} stands for {holder}, which is not among what was named", one.source, one.address
        )
        for live, holder in holders
        if holder is not None and holder.manifest in held.elsewhere
    ]


def _free(
    key: tuple[str, ...],
    collection: Collection,
    parent: str | Reference,
    index: LiveIndex,
    held: _Held,
) -> list[LiveObject]:
    """Return the live objects at a place that no other address stands for."""
    if isinstance(parent, Reference):
        return []
    return [
        live
        for live in index.by_place.get((collection.name, parent, key), ())
        if not held.has((collection.name, live.id))
    ]


def _choose(one: Desired, collection: Collection, free: list[LiveObject], found: Identities) -> LiveObject:
    """Pick the oldest, of those with the right bytes if there are any; a name that several bear is a problem unless
    bytes tell them apart."""
    oldest = sorted(free, key=lambda live: (live.created_at, live.id))
    if len(oldest) == 1:
        return oldest[0]
    if collection.scope:
        return next((live for live in oldest if equal(live.fields, one.fields)), oldest[0])
    ids = ", ".join(live.id for live in oldest)
    detail = f"{len(oldest)} live objects are {' '.join(one.key)!r}: {ids}"
    if not collection.content_field:
        found.problems.append(
            Diagnostic(
                "LS301",
                detail,
                source=one.source,
                address=one.address,
                hint=f"llamasync adopt {one.address} {oldest[0].id}",
            )
        )
        return oldest[0]
    wanted = one.content.sha256 if one.content else ""
    chosen = next((live for live in oldest if live.sha256 == wanted), oldest[0])
    found.problems.append(
        Diagnostic(
            "LS301",
            f"{detail}; {chosen.id} is taken, the others are left alone",
            source=one.source,
            address=one.address,
            severity=Severity.WARNING,
        )
    )
    return chosen


def _claim(one: Desired, live: LiveObject, found: Identities) -> None:
    found.live[one.address] = live
    found.claimed.add((live.collection, live.id))


def _match_by_content(
    missing: list[Desired], gone: list[Binding], index: LiveIndex, kinds: Mapping[str, Kind], found: Identities
) -> None:
    """Give addresses that are new the live objects of addresses that are gone, where the bytes are the same. What is
    protected stays where it is, unless it stays protected or in its manifest."""
    by_content: defaultdict[str, list[tuple[Binding, LiveObject]]] = defaultdict(list)
    for binding in gone:
        live = index.by_id.get((binding.collection, binding.id))
        if binding.on_remove == "delete" and live is not None and not live.foreign and live.sha256:
            by_content[live.sha256].append((binding, live))
    for one in missing:
        protects = is_protected(one, kinds)
        candidates = [
            (binding, live)
            for binding, live in by_content.get(one.content.sha256 if one.content else "", ())
            if live.collection == kinds[one.kind].collection.name
            and (live.collection, live.id) not in found.claimed
            and (protects or not binding.protect or binding.address.manifest == one.address.manifest)
        ]
        if candidates:
            same_name = [pair for pair in candidates if _last(pair[0].address) == _last(one.address)]
            binding, live = (same_name or candidates)[0]
            found.renamed_from[one.address] = binding.address
            _claim(one, live, found)


def _match_by_intent(
    unnamed: list[Desired],
    intents: Iterable[Intent],
    bound: Container[tuple[str, str]],
    index: LiveIndex,
    kinds: Mapping[str, Kind],
    found: Identities,
) -> None:
    """Give objects that only an id identifies what an interrupted create of theirs made; that was to take the place of
    what they stood for until then."""
    digests = {intent.address: intent.digest for intent in intents}
    for one in unnamed:
        for live in index.unnamed_like(kinds[one.kind], one.fields, digests.get(one.address, "")):
            if (live.collection, live.id) not in found.claimed and (live.collection, live.id) not in bound:
                if one.address in found.live:
                    found.left_behind[one.address] = found.live[one.address]
                _claim(one, live, found)
                break


def _find_staged(
    one: Desired, sha256: str, collection: Collection, index: LiveIndex, held: _Held, found: Identities
) -> None:
    """Find the new bytes of one that an interrupted run has brought. Their name tells what they are, but where they
    are known to be others: the document may have changed while it was sent."""
    key = (*one.key[:-1], staged_key(one.key[-1], sha256))
    for staged in _free(key, collection, found.parents[one.address], index, held):
        if staged.sha256 in ("", sha256):
            found.staged[one.address] = staged
            found.claimed.add((collection.name, staged.id))
            return


def _last(address: Address) -> str:
    return (address.item or address.name).rsplit("/", 1)[-1]

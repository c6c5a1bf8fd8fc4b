"""Reads what the service holds of everything that the manifests and the state speak of. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.core.staging import staged_for
from llamasync.kinds.facts import FINGERPRINT_KEY, Collection
from llamasync.kinds.registry import all_collections, all_kinds
from llamasync.live.ahead import ReadAhead
from llamasync.live.content import Digests, learn_digests
from llamasync.live.failures import as_diagnostics, read_each
from llamasync.live.listing import get_object, list_objects, read_listing
from llamasync.live.missing import is_missing
from llamasync.live.model import LiveObject, LiveState, Project
from llamasync.live.objects import Key
from llamasync.live.runs import read_runs
from llamasync.live.thinning import Thinned
from llamasync.state.model import Binding, Intent, State
from llamasync.workspace.desired import Desired, DesiredState, FileGroup

WORKERS = 8


@as_diagnostics
def read_live(  # noqa: PLR0913 (what was read already comes in two ways)
    client: Client,
    project: Project,
    desired: DesiredState,
    state: State,
    digests: Digests,
    *,
    verify_content: bool = False,
    ahead: ReadAhead | None = None,
    thinned: Thinned | None = None,
    settled: frozenset[str] = frozenset(),
) -> LiveState:
    """Return the live objects that matter, with the digests of their bytes where content is to be compared.

    One list call a page; bytes are downloaded only where no digest is known, or always with `verify_content`. What was
    read `ahead` for the same state is not read again. What is in the parents with the ids `settled` is left out.
    Raises DiagnosticError: LS501 when the state is of another project, LS4xx when a call fails for good.
    """
    if state.project_id and state.project_id != project.id:
        detail = f"the state is of project {state.project_id}, this run is of {project.id}"
        raise DiagnosticError(Diagnostic("LS501", detail))
    desired = desired.whole()
    begun = [one.calls_before for one in (ahead, thinned) if one]
    calls_before = min(begun, default=client.calls.read)
    needs = _Needs(desired, state, ahead)
    objects: dict[str, tuple[LiveObject, ...]] = {}
    read: set[str] = set()
    with ThreadPoolExecutor(WORKERS) as pool:
        roots = [one for one in needs.collections if not one.is_nested and not one.scope]
        listed = read_each(pool, lambda one: _list(client, one, needs), roots)
        for collection, found in zip(roots, listed, strict=True):
            objects[collection.name] = tuple(found)
        for collection in (one for one in needs.collections if one.is_nested):
            parents = sorted(needs.parents(collection, objects.get(collection.parent, ())) - settled)
            read.update(parents)
            children = read_each(pool, partial(_list, client, collection, needs), parents)
            objects[collection.name] = tuple(live for found in children for live in found)
        for collection in (one for one in needs.collections if one.scope):
            objects[collection.name] = _read_places(client, collection, needs, pool, thinned)
    for collection in needs.collections:
        if collection.content_field:
            known = objects[collection.name]
            objects[collection.name] = _with_digests(client, collection, known, needs, digests, verify_content)
    runs = read_runs(client, state)
    return LiveState(
        project=project,
        objects=objects,
        parents_read=frozenset(read),
        read_calls=client.calls.read - calls_before,
        unlisted=frozenset(needs.unlisted),
        missing=frozenset(needs.missing),
        runs=runs,
    )


@lean_dataclass(slots=True)
class _Wanted:
    ids: dict[str, str]
    keys: set[Key]


@lean_dataclass(frozen=True, slots=True)
class _Place:
    """A place that is no object: the field that identifies objects in it, and the manifest that wants it, if any."""

    key_field: str
    group: FileGroup | None = None


class _Needs:
    """What has to be read: collections, parents, and what is looked for in each."""

    def __init__(self, desired: DesiredState, state: State, ahead: ReadAhead | None = None) -> None:
        self.ahead = ahead
        self._desired = desired
        self._bindings = state.bindings
        self.missing: set[str] = set()
        kinds, collections = all_kinds(), all_collections()
        self.unlisted: set[str] = set()
        names = {binding.collection for binding in state.bindings.values()} & collections.keys()
        names |= {intent.collection for intent in state.intents} & collections.keys()
        used = {one.kind for one in desired.objects.values()} | {group.kind for group in desired.groups}
        names |= {kinds[kind].collection.name for kind in used}
        used |= {run.kind for run in desired.runs.values()}
        names |= {kinds[fact.kind].collection.name for kind in used for fact in kinds[kind].references}
        names |= {collections[name].parent for name in names if collections[name].parent}
        if any(one.sync is not None for one in desired.objects.values()):
            names |= {name for name, one in collections.items() if one.content_field}
        if any(run.directory is not None for run in desired.runs.values()):
            names |= {name for name, one in collections.items() if one.content_field}
        self._removed = [state.bindings[address] for address in state.bindings.keys() - desired.objects.keys()]
        removed = {binding.collection for binding in self._removed} | {intent.collection for intent in state.intents}
        names |= {name for name, one in collections.items() if one.parent in removed}
        self.collections = [collections[name] for name in sorted(names)]
        self._ids: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        nested = {name for name, one in collections.items() if one.is_nested or one.scope}
        self.bound: defaultdict[str, dict[str, Binding]] = defaultdict(dict)  # by collection and id
        for binding in state.bindings.values():
            name, object_id = binding.collection, binding.id
            self._ids[name, binding.parent_id if name in nested else ""][object_id] = binding.other_id
            self.bound[name][object_id] = binding
        self._keys: defaultdict[tuple[str, str], set[Key]] = defaultdict(set)
        self._intents = state.intents
        for intent in state.intents:
            if intent.collection in collections and collections[intent.collection].key:
                self._keys[intent.collection, intent.parent_id].add(intent.key)
        self.contents: defaultdict[str, set[Key]] = defaultdict(set)
        for intent in state.intents:  # whether what is there is what was sent
            self.contents[intent.collection].add(intent.key)
        for one in desired.objects.values():
            collection = kinds[one.kind].collection
            if one.content is not None:
                self.contents[collection.name].add(one.key)
            if collection.scope:
                self._keys[collection.name, str(one.parent)].add(one.key)
            elif collection.key and not collection.parent:
                self._keys[collection.name, ""].add(one.key)

    def fingerprinted(self, collection: Collection) -> set[Key]:
        """Return the keys of the files whose manifests say `fingerprint: metadata`."""
        of_files = [one for one in self._desired.objects.values() if one.content is not None]
        return {one.key for one in of_files if FINGERPRINT_KEY in (one.fields.get(collection.fingerprint_field) or ())}

    def looked_for(self, collection: Collection, parent_id: str) -> _Wanted:
        return _Wanted(self._ids[collection.name, parent_id], self._keys[collection.name, parent_id])

    def places(self, collection: Collection) -> dict[str, _Place]:
        """Return the places to list of a collection whose objects live in no other object, by name, sorted."""
        found: dict[str, _Place] = {}
        for group in self._desired.groups:
            if isinstance(group.parent, str) and all_kinds()[group.kind].collection.name == collection.name:
                found[group.parent] = _Place(group.key_field, group)
        remembered: tuple[Binding | Intent, ...] = (*self._bindings.values(), *self._intents)
        for one in remembered:
            if one.collection == collection.name and one.parent_id not in found:
                found[one.parent_id] = _Place(one.key[0])
        return dict(sorted(found.items()))

    def parents(self, collection: Collection, live: Iterable[LiveObject]) -> set[str]:
        """Return the ids of the live parents to list, and note which keys are wanted in each."""
        by_id = {one.id: one for one in live if not one.foreign}
        by_key: defaultdict[Key, list[str]] = defaultdict(list)
        for holder in by_id.values():
            by_key[holder.key].append(holder.id)
        resolved: dict[Reference, set[str]] = {}
        result: set[str] = set()
        last: Reference | None = None
        wanted: list[set[Key]] = []
        users: tuple[Desired | FileGroup, ...] = (*self._desired.objects.values(), *self._desired.groups)
        of_children = {name for name, kind in all_kinds().items() if kind.collection.name == collection.name}
        for one in users:
            is_child = one.kind in of_children
            is_made_of_them = collection.content_field and isinstance(one, Desired) and one.sync is not None
            if not isinstance(one.parent, Reference) or not (is_child or is_made_of_them):
                continue
            if one.parent is not last:  # files of one tree share theirs
                last = one.parent
                if last not in resolved:
                    resolved[last] = self._resolve(last, by_id, by_key)
                    result |= resolved[last]
                wanted = [self._keys[collection.name, parent] for parent in resolved[last]]
            if isinstance(one, Desired) and is_child:
                for keys in wanted:
                    keys.add(one.key)
        for run in self._desired.runs.values():
            if collection.content_field and run.directory is not None:
                result |= self._resolve(run.directory, by_id, by_key)
        result |= {binding.parent_id for binding in self._bindings.values() if binding.collection == collection.name}
        result |= {intent.parent_id for intent in self._intents if intent.collection == collection.name}
        result |= {binding.id for binding in self._removed if binding.collection == collection.parent}
        for intent in self._intents:  # what an interrupted create may have made goes only while it is empty
            if intent.collection == collection.parent:
                result.update(by_key.get(intent.key, ()))
        return result & by_id.keys()

    def _resolve(
        self, reference: Reference, by_id: Mapping[str, LiveObject], by_key: Mapping[Key, list[str]]
    ) -> set[str]:
        if reference.id:
            return {reference.id}
        if reference.name:
            return {one for key, ids in by_key.items() if key[-1] == reference.name for one in ids}
        address = reference.address or Address("", "")
        found = set()
        binding: Binding | None = self._bindings.get(address)
        if binding is not None and binding.id in by_id:
            found.add(binding.id)
        wanted = self._desired.objects.get(address)
        for key in (wanted.key, *wanted.previous_keys) if wanted else ():
            found.update(by_key.get(key, ()))
        return found


def _list(client: Client, collection: Collection, needs: _Needs, parent_id: str = "") -> list[LiveObject]:
    wanted = needs.looked_for(collection, parent_id)
    try:
        listing = needs.ahead.take(collection, parent_id) if needs.ahead else None
        listing = listing or read_listing(client, collection, parent_id)
        if listing.unlisted:
            needs.unlisted.add(collection.name)
        return list_objects(client, collection, parent_id, ids=wanted.ids, keys=wanted.keys, listing=listing)
    except Refused as error:
        if is_missing(client, collection, error):
            needs.missing.add(collection.name)
            return []
        if error.status == 404 and not parent_id:
            detail = f"project {client.project_id}: the service says {error.detail!r}"
            raise DiagnosticError(Diagnostic("LS319", detail)) from error
        raise


def _read_places(
    client: Client, collection: Collection, needs: _Needs, pool: ThreadPoolExecutor, thinned: Thinned | None
) -> tuple[LiveObject, ...]:
    """List a collection in all of its places. Raises DiagnosticError LS318 with those that the service does not know,
    if a manifest wants them; what is only remembered is asked for one by one there."""

    def read(entry: tuple[str, _Place]) -> tuple[list[LiveObject], Diagnostic | None]:
        name, place = entry
        wanted, known = needs.looked_for(collection, name), collection.known_by(place.key_field)
        listing = thinned.listings.get((collection.name, name)) if thinned else None
        try:
            return list_objects(client, known, name, ids=wanted.ids, keys=wanted.keys, listing=listing), None
        except Refused as error:
            if error.status not in (400, 404):
                raise
            if place.group is not None:
                return [], _unknown_place(place.group, error)
            looked = [get_object(client, known, name, one) for one in sorted(wanted.ids)]
            return [live for live in looked if live is not None], None

    listed = read_each(pool, read, needs.places(collection).items())
    problems = [problem for _, problem in listed if problem is not None]
    if problems:
        raise DiagnosticError(*problems)
    left_out = thinned.left_out if thinned else frozenset()
    return tuple(live for found, _ in listed for live in found if live.id not in left_out)


def _unknown_place(group: FileGroup, error: Refused) -> Diagnostic:
    detail = f"{group.parent}: the service says {error.detail!r}"
    return Diagnostic("LS318", detail, source=group.source, address=group.address)


def _with_digests(
    client: Client,
    collection: Collection,
    found: tuple[LiveObject, ...],
    needs: _Needs,
    digests: Digests,
    verify_content: bool,
) -> tuple[LiveObject, ...]:
    """Fill in `sha256`: from the state for the same bytes, from what was learned before, from the visible fingerprint
    where the manifest says so and state knows no other bytes, else by download, of files whose content is to be
    compared, new content that waits for its name among them."""
    wanted, bound = needs.contents[collection.name], needs.bound[collection.name]
    staged = {one.key for one in found if "~" in one.key[-1] and (*one.key[:-1], staged_for(one.key[-1])) in wanted}
    if staged:
        wanted = wanted | staged
    known: dict[str, str] = {}
    unknown: list[LiveObject] = []
    for live in found:
        binding = bound.get(live.id)
        if live.foreign or (binding is None and live.key not in wanted):
            continue
        if verify_content:
            unknown.append(live)
        elif binding is not None and binding.sha256 and binding.file_id == live.file_id:
            known[live.id] = binding.sha256
        else:
            unknown.append(live)
    if unknown and not verify_content:
        learned = digests.get_many([live.file_id for live in unknown if live.file_id])
        known |= {live.id: learned[live.file_id][0] for live in unknown if live.file_id in learned}
        fingerprinted = needs.fingerprinted(collection)
        for live in unknown:
            visible = (live.fields.get(collection.fingerprint_field) or {}).get(FINGERPRINT_KEY)
            is_believed = live.id not in bound and live.key in fingerprinted
            if live.id not in known and is_believed and isinstance(visible, str):
                known[live.id] = visible
        unknown = [live for live in unknown if live.id not in known and live.key in wanted]
    known |= learn_digests(client, collection, unknown, digests, WORKERS)
    return tuple(live.with_sha256(known[live.id]) if live.id in known else live for live in found)

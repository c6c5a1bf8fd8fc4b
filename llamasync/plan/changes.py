"""Turns one match, or the lack of one, into a Change: what is done to the object, and the reason a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.core.staging import staged_key
from llamasync.kinds.facts import FINGERPRINT_KEY, Kind
from llamasync.live.model import LiveObject
from llamasync.plan.compare import Comparison, compare, initial_fields
from llamasync.plan.identity import Identities, LiveIndex, resolve
from llamasync.plan.model import Action, Change, Drift, Estimate, FieldChange
from llamasync.plan.protection import is_protected
from llamasync.plan.remade import tell_remade
from llamasync.plan.values import equal
from llamasync.state.model import Binding
from llamasync.workspace.desired import Desired, FileGroup

_HALF_WAY = "an interrupted run left its content half-way; it is finished without uploading again"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every change is decided from. `bytes_here`: the SHA-256 of all content in the workspace, `here`: all that is
    declared in it, wanted or not, `groups_here` what stands for many, and `runs_here` the runs. `replaced`: addresses
    that will have another live object, whose id is not known yet. `key`: of the digests of secrets."""

    identities: Identities
    index: LiveIndex
    bindings: Mapping[Address, Binding]
    kinds: Mapping[str, Kind]
    bytes_here: frozenset[str]
    here: Mapping[Address, Desired] = field(default_factory=dict)
    groups_here: Mapping[Address, FileGroup] = field(default_factory=dict)
    runs_here: frozenset[Address] = frozenset()
    replaced: frozenset[Address] = frozenset()
    key: bytes = b""

    def resolve(self, reference: Reference) -> str | Reference:
        """Return the id that a reference stands for, or the reference itself while that object does not exist yet."""
        if reference.address in self.replaced:
            return reference
        return resolve(reference, self.identities, self.index, self.kinds)

    def binding_of(self, address: Address) -> Binding | None:
        """Return what is remembered of an address, also under the one whose live object it takes over."""
        return self.bindings.get(self.identities.renamed_from.get(address, address))

    def declared(self, address: Address) -> Desired | FileGroup | None:
        """Return what the manifests in hand say of an address: the object, or else the many that it was one of."""
        return self.here.get(address) or self.groups_here.get(address.manifest)


def wanted_change(desired: Desired, context: Context) -> Change:
    """Decide what to do for one desired object; action NOOP when it is as it should be."""
    kind = context.kinds[desired.kind]
    found = context.identities
    live = found.live.get(desired.address)
    parent = found.parents[desired.address]
    if live is None:
        return _create(desired, kind, parent, context)
    former = found.renamed_from.get(desired.address)
    binding = context.binding_of(desired.address)
    if binding is not None and binding.id != live.id:
        binding = None
    compared = compare(desired, live, binding, kind, parent, context.resolve, key=context.key)
    fields = compared.fields + (_bookkeeping(desired, binding, context.kinds) if binding else ())
    fields, why = tell_remade(fields, context.bindings, context.replaced)
    action, reason = _decide(compared, fields, binding, former, live, desired)
    if why and not compared.content:
        reason = why
    size = desired.content.size_bytes if compared.content and desired.content else 0
    staged = found.staged.get(desired.address) if compared.content else None
    return Change(
        address=desired.address,
        kind=desired.kind,
        collection=kind.collection.name,
        action=action,
        reason=reason,
        drift=_whose(fields, binding),
        source=desired.source,
        fields=fields,
        estimate=Estimate(bytes=0 if staged else size),
        desired=desired,
        live=live,
        binding=binding,
        send=_whole(desired, kind, live, binding, compared.left if compared.content else {}, context)
        if action is Action.REPLACE
        else compared.send,
        parent=parent,
        uploads=compared.content,
        saves_bytes=(compared.content or (action is Action.REPLACE and bool(kind.collection.scope)))
        and _only_there(live, desired.address, context),
        staged=staged,
        renamed_from=former,
        needs=(address_with_id(desired.address, found.left_behind[desired.address]),)
        if desired.address in found.left_behind
        else (),
    )


def left_behind_changes(context: Context) -> list[Change]:
    """Delete what addresses stood for until now, where another live object turned up at the place that is wanted."""
    return [
        replace(
            stranger_change(live, address, "ours until now; another one is where it should go", context),
            address=address_with_id(address, live),
        )
        for address, live in sorted(context.identities.left_behind.items())
    ]


def address_with_id(address: Address, live: LiveObject) -> Address:
    """Return the address of an object that goes by the one of another, told apart by its id."""
    return Address(address.kind, address.name, f"{address.item or live.key[-1]} ({live.id})")


def unwanted_change(
    binding: Binding, context: Context, *, is_pruned: bool = True, reason: str = "", may_forget: bool = True
) -> Change:
    """Decide what to do with a remembered object that no manifest asks for any more. Without `may_forget` an
    `onRemove: forget` is for the day when the manifest goes: what is let go before would be nobody's."""
    live = context.index.by_id.get((binding.collection, binding.id))
    change = Change(
        address=binding.address,
        kind=binding.address.kind,
        collection=binding.collection,
        action=Action.FORGET,
        reason="it is gone from the service already",
        binding=binding,
        live=live,
        parent=live.parent_id if live else binding.parent_id,
    )
    if live is None or live.foreign:
        return replace(change, drift=Drift.SERVICE, live=None)
    if (live.collection, live.id) in context.identities.claimed:
        return replace(change, reason="another address stands for its live object now", live=None)
    declared = context.declared(binding.address)
    if declared is not None and declared.lifecycle.on_remove == "forget" and may_forget:
        return replace(change, reason=f"{reason}, and the manifest says onRemove: forget")
    if declared is None and binding.on_remove == "forget":
        return replace(change, reason="removed from the manifests, which say onRemove: forget")
    if not is_pruned:
        return replace(change, reason="removed from the source, and the manifest says prune: never")
    return replace(
        change,
        action=Action.DELETE,
        reason=reason or "removed from the manifests",
        saves_bytes=_only_there(live, binding.address, context),
    )


def stranger_change(live: LiveObject, owner: Address, reason: str, context: Context) -> Change:
    """Delete a live object that was never ours, because the manifest `owner` says so in as many words."""
    return Change(
        address=Address(owner.kind, owner.name, _item_of(live, owner, context)),
        kind=owner.kind,
        collection=live.collection,
        action=Action.DELETE,
        reason=reason,
        live=live,
        parent=live.parent_id,
        saves_bytes=_only_there(live, Address(owner.kind, owner.name, live.key[-1]), context),
    )


def _item_of(live: LiveObject, owner: Address, context: Context) -> str:
    """Return what tells a live object from others of its group: its key, and its id where keys are missing or equal."""
    name = live.key[-1]
    if not context.kinds[owner.kind].collection.scope:
        return name
    is_alone = len(context.index.by_place.get((live.collection, live.parent_id, live.key), ())) == 1
    return name if name and is_alone else f"{name} ({live.id})".lstrip()


def _create(desired: Desired, kind: Kind, parent: str | Reference, context: Context) -> Change:
    binding = context.bindings.get(desired.address)
    staged = context.identities.staged.get(desired.address)
    reason, drift = "new in the manifests", Drift.MANIFEST
    if binding is not None:
        reason, drift = "it was deleted in the service", Drift.SERVICE
    if staged is not None:
        reason = _HALF_WAY
    size = desired.content.size_bytes if desired.content and staged is None else 0
    send = initial_fields(desired, kind, context.resolve)
    if staged is not None:  # it was sent with what others had set on the object whose place it takes
        compared = compare(desired, staged, binding, kind, parent, context.resolve, key=context.key)
        left = {name: value for name, value in compared.left.items() if name not in kind.collection.key}
        send = _whole(desired, kind, staged, binding, left, context)
    return Change(
        address=desired.address,
        kind=desired.kind,
        collection=kind.collection.name,
        action=Action.CREATE,
        reason=reason,
        drift=drift,
        source=desired.source,
        estimate=Estimate(bytes=size),
        desired=desired,
        binding=binding,
        fields=tuple(
            FieldChange(path=fact.spec, before=None, after=send[fact.name]) for fact in kind.fields if fact.name in send
        ),
        send=send,
        parent=parent,
        uploads=desired.content is not None,
        staged=staged,
    )


def _decide(
    compared: Comparison,
    fields: tuple[FieldChange, ...],
    binding: Binding | None,
    former: Address | None,
    live: LiveObject,
    desired: Desired,
) -> tuple[Action, str]:
    if compared.content:
        if not live.sha256:
            return Action.REPLACE, "its content is not known to be the one in the workspace"
        return Action.REPLACE, "content changed" if binding else "exists already, with other content"
    if compared.immutable:
        return Action.REPLACE, "a field changed that the service cannot change in place"
    if compared.moved:
        is_staged = desired.content and live.key[-1] == staged_key(desired.key[-1], desired.content.sha256)
        why = _HALF_WAY if is_staged else "renamed or moved; the bytes stay"
        return Action.MOVE, f"was {former}" if former else why
    if binding is None:
        return Action.ADOPT, f"exists already in the service as {live.id}"
    if former is not None:
        return Action.ADOPT, f"was {former}"
    if fields:
        return Action.UPDATE, _count(fields)
    return Action.NOOP, ""


def _whole(
    desired: Desired,
    kind: Kind,
    live: LiveObject,
    binding: Binding | None,
    left: Mapping[str, Any],
    context: Context,
) -> dict[str, Any]:
    """Return all fields of the object that takes the old one's place; what others set comes along, and what is `left`
    to them."""
    send = {**initial_fields(desired, kind, context.resolve), **left}
    for fact in kind.fields:
        if (fact.owned_keys or desired.is_shared) and fact.name in send:
            ours = {*((binding.fields.get(fact.name) or {}) if binding else {}), FINGERPRINT_KEY}
            shown = live.fields.get(fact.name) or {}
            send[fact.name] = {**{key: value for key, value in shown.items() if key not in ours}, **send[fact.name]}
    return send


def _bookkeeping(desired: Desired, binding: Binding, kinds: Mapping[str, Kind]) -> tuple[FieldChange, ...]:
    """List what state remembers of the manifest itself and has changed in it: no call is made for these."""
    pairs = (
        ("lifecycle.protect", binding.protect, is_protected(desired, kinds)),
        ("lifecycle.onRemove", binding.on_remove, desired.lifecycle.on_remove),
        ("spec.deleteContents", binding.delete_contents, desired.delete_contents),
    )
    return tuple(FieldChange(path=path, before=old, after=new) for path, old, new in pairs if old != new)


def _whose(fields: tuple[FieldChange, ...], binding: Binding | None) -> Drift:
    drifts = {field.drift for field in fields}
    if binding is None or not drifts:
        return Drift.MANIFEST
    drifts = drifts - {Drift.UNKNOWN} or drifts
    return drifts.pop() if len(drifts) == 1 else Drift.BOTH


def _count(fields: tuple[FieldChange, ...]) -> str:
    whose = {field.drift for field in fields}
    if whose == {Drift.UNKNOWN}:
        return f"what the service has of {len(fields)} field{'s' if len(fields) > 1 else ''} is not known"
    whose -= {Drift.UNKNOWN}
    where = "in the service" if whose == {Drift.SERVICE} else "in the manifest"
    if len(whose) > 1 or whose == {Drift.BOTH}:
        where = "in the manifest and in the service"
    return f"{len(fields)} field{'s' if len(fields) > 1 else ''} changed {where}"


def _only_there(live: LiveObject, address: Address, context: Context) -> bool:
    """Say whether what the live object holds (`address` says where it would be declared) exists nowhere else."""
    if context.kinds[address.kind].collection.scope:
        declared = context.here.get(address)
        return declared is None or not equal(live.fields, declared.fields)
    return bool(live.file_id) and (not live.sha256 or live.sha256 not in context.bytes_here)

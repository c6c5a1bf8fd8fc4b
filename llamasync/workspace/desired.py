"""Desired: what the manifests ask for, in the service's terms. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.facts import FollowUp, Sync

if TYPE_CHECKING:
    from llamasync.kinds.run_facts import RunOptions
    from llamasync.workspace.items.lot import Lot


@lean_dataclass(frozen=True, slots=True)
class Lifecycle:
    """How a manifest wants its objects treated. `protect` None means the kind's default.

    `ignore_changes`: field paths as in plans (`spec.metadata.team`), left to others. `on_remove`: `delete` or `forget`.
    """

    protect: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    on_remove: str = "delete"


@lean_dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file: their SHA-256 (hex), their size, and where they are: a local path (absolute) or inline."""

    sha256: str
    size_bytes: int
    filename: str
    path: str = ""
    inline: bytes | None = None


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """One object that should exist.

    `fields` are in the API's names; a value may be a Reference. `key` identifies it among the live objects inside
    `parent`: another object, or the name of a place that is none (see `Scope`). `needs` are addresses (of manifests)
    that must be done before. `sync` says how the object is kept up to date with what its parent holds, None for objects
    that are not made of anything else. `follow_up`: a call to make once it was made. `is_shared`: others write to it
    too; of its maps only the keys that are named here are compared, theirs are kept.
    """

    address: Address
    kind: str
    fields: Mapping[str, Any]
    key: tuple[str, ...]
    source: Source
    parent: Reference | str | None = None
    previous_keys: tuple[tuple[str, ...], ...] = ()
    content: Content | None = None
    needs: tuple[Address, ...] = ()
    lifecycle: Lifecycle = Lifecycle()
    labels: Mapping[str, str] = field(default_factory=dict)
    delete_contents: bool = False
    sync: Sync | None = None
    follow_up: FollowUp | None = None
    is_shared: bool = False


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FileGroup:
    """A manifest that stands for many objects of one parent, and what becomes of live ones that it does not name.

    `key_field`: which field identifies them, where each place says that itself (see `Scope`).
    """

    address: Address
    kind: str
    parent: Reference | str
    prune: str
    source: Source
    key_field: str = ""
    lifecycle: Lifecycle = Lifecycle()
    labels: Mapping[str, str] = field(default_factory=dict)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class DesiredCheck:
    """What must be true of live objects once they are as desired. `spec` is its kind's; `places` says where each of
    its assertions was written. `references` are the objects that it is about, `needs` the manifests it comes after.
    """

    address: Address
    kind: str
    spec: Any
    source: Source
    references: tuple[Reference, ...] = ()
    needs: tuple[Address, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Source, ...] = ()


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class DesiredRun:
    """A run that should have succeeded.

    `configuration` decides what it makes, and may hold References; `rest` goes along with the request. Its input is one
    of: a `directory`, a `file` that is managed here, or `ids` of files in the service. `save` is the folder (absolute)
    in which its results get a folder of their own, or "".
    """

    address: Address
    kind: str
    configuration: Mapping[str, Any]
    source: Source
    options: RunOptions
    rest: Mapping[str, Any] = field(default_factory=dict)
    directory: Reference | None = None
    file: Address | None = None
    ids: tuple[str, ...] = ()
    save: str = ""
    save_shown: str = ""
    needs: tuple[Address, ...] = ()
    lifecycle: Lifecycle = Lifecycle()
    labels: Mapping[str, str] = field(default_factory=dict)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class DesiredState:
    """All that should exist, by address, sorted. `manifests` holds the address of every manifest, with its source.
    `checks` are what must be true afterwards; nothing of them is planned.

    `runs` are those that should have succeeded, by address, sorted. `moved` maps old manifest addresses to new ones.
    `lots` are many objects each, which are not among `objects`. `unchanged` counts those that were left out, since
    manifest, service and state agree on them; `bytes_unchanged` has the SHA-256 of their content. `places` says where a
    manifest refers to what is not managed here, and in which field.

    Of a part of a workspace, `elsewhere` are the manifests of the rest, and `shared` what these put objects into.
    """

    objects: Mapping[Address, Desired] = field(default_factory=dict)
    groups: tuple[FileGroup, ...] = ()
    checks: Mapping[Address, DesiredCheck] = field(default_factory=dict)
    runs: Mapping[Address, DesiredRun] = field(default_factory=dict)
    manifests: Mapping[Address, Source] = field(default_factory=dict)
    moved: Mapping[Address, Address] = field(default_factory=dict)
    lots: tuple[Lot, ...] = ()
    unchanged: int = 0
    bytes_unchanged: frozenset[str] = frozenset()
    places: Mapping[tuple[Address, Reference], tuple[Source, str]] = field(default_factory=dict)
    elsewhere: frozenset[Address] = frozenset()
    shared: frozenset[Reference] = frozenset()

    def whole(self) -> DesiredState:
        """Return it with every object, none in lots. Raises DiagnosticError LS211 when a file changed meanwhile."""
        if not self.lots:
            return self
        objects = dict(self.objects)
        for lot in self.lots:
            objects |= lot.make_all()
        return replace(self, objects={address: objects[address] for address in sorted(objects)}, lots=())

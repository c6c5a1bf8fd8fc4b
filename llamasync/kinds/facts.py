"""The language in which a kind states its facts. The engine reads these; it names no kind itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from llamasync.core.lean import lean_dataclass
from llamasync.kinds.works import Work, no_works

if TYPE_CHECKING:
    from llamasync.kinds.run_facts import BuiltRun, RunFact

# The metadata key that holds a content's SHA-256 where manifests say `fingerprint: metadata`.
FINGERPRINT_KEY = "llamasync_sha256"


class ContentSource(StrEnum):
    """What a kind's objects are made of, beside their manifest: nothing, the bytes of one file, those of every file of
    a tree, or the items of a list."""

    NONE = "none"
    FILE = "file"
    TREE = "tree"
    ITEMS = "items"


class Role(StrEnum):
    """What a manifest of a kind asks for: that an object exists, that a run succeeded, or that a check holds."""

    OBJECT = "object"
    RUN = "run"
    CHECK = "check"


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldFact:
    """What the engine must know to compare and send one field of the service's objects.

    `name` is the API's name; `spec` the path in the manifest, shown in plans.
    `immutable`: a change replaces the object. `unordered`: a list whose order means nothing.
    `empty_is_null`: the service may show an empty text as null, or the other way round.
    `owned_keys`: a map in which other people's keys may stand; only the keys we set are compared, theirs are kept.
    `server_fills`: the service adds defaults inside; what the manifest does not name is not a difference,
    unless the service showed another value after our last write.
    `clear_with`: what is sent when the field was removed from the manifest.
    `write_only`: the service never shows it, so it is compared with what was applied last.
    `may_differ`: the service may keep another value than was sent; what it showed right after counts as ours.
    `secret`: a manifest may give it as `${env:NAME}` only.
    `shown_by`: a field in which the service says (true or false) whether it holds a value that it never shows.
    `hide` turns the secret parts of a value into Secrets, of one that is wanted as of one that the service shows with
    masks in their place. A mask is no difference while it is the one that stood there after our last write.
    `clear_by_replacing`: the service may keep what it is told to clear, so that a removal replaces the object.
    `by_key`: a map whose differences are told, and left to others, key by key.
    """

    name: str
    spec: str
    immutable: bool = False
    unordered: bool = False
    empty_is_null: bool = False
    owned_keys: bool = False
    server_fills: bool = False
    clear_with: Any = None
    write_only: bool = False
    may_differ: bool = False
    secret: bool = False
    shown_by: str = ""
    hide: Callable[[Any], Any] | None = None
    clear_by_replacing: bool = False
    by_key: bool = False


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Upload:
    """How an object's bytes go up: a multipart POST to `path` with the file as `file_part`; `json_parts` are the fields
    that travel as JSON text."""

    path: str
    file_part: str
    json_parts: frozenset[str] = frozenset()


class Status(StrEnum):
    """Where an object is that the service works on: NONE where it has no such thing."""

    NONE = ""
    BUSY = "busy"
    READY = "ready"
    FAILED = "failed"


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """A place that is no object itself: it is told by the values of `fields`, and what is in it is listed by a POST of
    these to `search`. Inside of the map `keyed_by` is what identifies an object; which key of it, each place says
    (`key_field`, "" until that is known: see `Collection.known_by`).

    A place has a name, made of the values, which stands where the id of a parent does:

    >>> scope = Scope(fields=("deployment_name", "collection"), search="/:search", keyed_by="data")
    >>> scope.name_of({"deployment_name": "a/b", "collection": "default"})
    'a%2Fb/default'
    >>> scope.values_of("a%2Fb/default")
    {'deployment_name': 'a/b', 'collection': 'default'}
    """

    fields: tuple[str, ...]
    search: str
    keyed_by: str
    key_field: str = ""

    def name_of(self, values: Mapping[str, Any]) -> str:
        """Return the name of the place that these values tell. Raises KeyError when one is missing."""
        return "/".join(str(values[name]).replace("%", "%25").replace("/", "%2F") for name in self.fields)

    def values_of(self, name: str) -> dict[str, str]:
        """Return the values that tell the place of that name."""
        parts = [part.replace("%2F", "/").replace("%25", "%") for part in name.split("/")]
        return dict(zip(self.fields, parts, strict=True))


def _never_foreign(_: Mapping[str, Any]) -> str:
    return ""


def _no_status(_: Mapping[str, Any]) -> Status:
    return Status.NONE


def _never(_: Any) -> bool:
    return False


def _is_named(_: Mapping[str, Any]) -> bool:
    return True


def _whole(value: str) -> str:
    return value


def _no_parameters(_: str, __: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


ANONYMOUS = ("*",)  # the key of an object whose name the service chose


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collection:
    """One type of live object and the calls that reach it. `{parent}` in `path` is the id of the owning object; where
    `path` has none, one list shows the objects of all parents, and `parent_field` tells them apart.

    `key`: the fields that identify an object among its siblings, with the query parameter that looks each one up, ""
    where there is none and the whole list is read. Empty where nothing identifies it: such an object is known by its id
    alone, which is its key then.
    `foreign` says why an object is never ours to touch (made by the service, deleted), or "".
    `move_keys`: the body fields, one a dialect, that name the new parent in an update.
    `content_field` names the object's immutable bytes; `fingerprint_field` is the map in which their digest may stand.
    `create_is_upsert`: creating what exists overwrites it.
    `built_in` says of an id whether the service itself brings such an object, listed or not.
    `may_be_unlisted`: the service may not offer the list; what is remembered is then read one by one.
    `other_id`: a field with a second id, which the service may want in paths in place of `id`.
    `is_named`: whether the service took the name that it was given; otherwise the key is ANONYMOUS.
    `one_per_parent`: the service may refuse a second object in the same parent.
    `status` tells where an object is that the service works on. `id_field` holds the id.
    `is_used` says of an object without a key whether somebody works with it already, so that it is none that an
    interrupted create left.
    `as_key` returns what of a key field's value counts: what may be hidden does not.
    `may_be_missing`: services that are not the newest do not have such objects at all.
    `scope`: its objects live in places that are no objects; an object's key is the name of the identifying field in
    the map `scope.keyed_by`, and the text of its value.
    """

    name: str
    path: str
    key: Mapping[str, str]
    parent: str = ""
    parent_field: str = ""
    list_query: Mapping[str, Any] = field(default_factory=dict)
    update_method: str = "PATCH"
    upload: Upload | None = None
    move_keys: tuple[str, ...] = ()
    foreign: Callable[[Mapping[str, Any]], str] = _never_foreign
    content_field: str = ""
    fingerprint_field: str = ""
    create_is_upsert: bool = False
    built_in: Callable[[str], bool] = _never
    may_be_unlisted: bool = False
    other_id: str = ""
    is_named: Callable[[Mapping[str, Any]], bool] = _is_named
    one_per_parent: bool = False
    status: Callable[[Mapping[str, Any]], Status] = _no_status
    id_field: str = "id"
    is_used: Callable[[Mapping[str, Any]], bool] = _never
    as_key: Callable[[str], str] = _whole
    may_be_missing: bool = False
    scope: Scope | None = None

    def known_by(self, key_field: str) -> Collection:
        """Return it for a place in which objects are identified by this field; itself where it has no places."""
        return replace(self, scope=replace(self.scope, key_field=key_field)) if self.scope else self

    @property
    def is_nested(self) -> bool:
        """Whether a list shows the objects of one parent only."""
        return "{parent}" in self.path


NO_COLLECTION = Collection(name="", path="", key={})  # of kinds that stand for no live object


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceFact:
    """A spec field that names another object: `directory: contracts` means `Directory/contracts`.

    `field` leads through maps and lists: `products.configuration` is that field of every entry of `products`.
    `parent`: the object lives inside of the one referred to. `by_name_only`: it must be managed here.
    """

    field: str
    kind: str
    parent: bool = False
    by_name_only: bool = False


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """When an object is brought up to date with what its parent holds (`on-change`, `always`, `never`), whether that is
    waited for, and how long."""

    when: str = "on-change"
    wait: bool = True
    timeout_s: float = 1800.0


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A call that is made once, right after an object was made, where the service offers it."""

    path: str
    body: Mapping[str, Any]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a manifest's spec asks for, in the API's terms. `previous_keys` are keys it may be found under still. A
    value of `fields` may hold a Reference (see `core.reference.refer`), at any depth."""

    fields: Mapping[str, Any]
    key: tuple[str, ...]
    previous_keys: tuple[tuple[str, ...], ...] = ()
    delete_contents: bool = False
    sync: Sync | None = None
    follow_up: FollowUp | None = None


@lean_dataclass(frozen=True, slots=True)
class Hole:
    """A text in a spec that was written of what is live, a part of which the service does not show. `label` says, in
    words, what that part is; `before` and `after` stand around it."""

    label: str
    before: str = ""
    after: str = ""


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flaw:
    """What is wrong with a spec that satisfies its schema. `code` is a diagnostic's, `path` leads into the spec. A
    `doubtful` one is a warning."""

    code: str
    path: tuple[str | int, ...]
    detail: str
    hint: str = ""
    doubtful: bool = False


def no_flaws(_: Any) -> Iterable[Flaw]:
    """Find nothing: what most kinds want is said by their schema."""
    return ()


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """Everything the engine knows of one kind of manifest.

    `spec` is a frozen dataclass whose attribute docstrings become the schema, the docs and `explain`.
    `build(spec, name)` is pure; it is not called for kinds whose objects are files (`content`).
    `write(fields, name)` is its reverse: the spec, as a manifest of that name has it, of an object with these API
    fields, with a Hole where a part of a text is not shown; None where no such kind of object can be exported, or where
    it is a file.
    `contract_schema` names a spec field and the service's own schema that it must satisfy; `contract_fields` do so for
    fields that stand deeper, through maps and lists, as those of references do.
    `flaws` finds what a schema cannot say.
    `protect`: protected unless the manifest says otherwise.
    `role` OBJECT has live objects that the engine creates, compares and deletes; other roles have their own engines.
    `sync_path`: the call that brings an object up to date with the files of its parent.
    `run`, `build_run`: of kinds with the role RUN, in place of `collection`, `fields` and `build`.
    `works`: what is done with each document that one is made of, from its fields (of a run: its configuration).
    `parameters`: those of a product that an object stands for, from its id and fields; no fields where none are known.
    """

    name: str
    summary: str
    spec: type[Any]
    collection: Collection = NO_COLLECTION
    fields: tuple[FieldFact, ...] = ()
    references: tuple[ReferenceFact, ...] = ()
    content: ContentSource = ContentSource.NONE
    build: Callable[[Any, str], Built] | None = None
    write: Callable[[Mapping[str, Any], str], dict[str, Any]] | None = None
    contract_schema: tuple[str, str] | None = None
    contract_fields: Mapping[str, str] = field(default_factory=dict)
    flaws: Callable[[Any], Iterable[Flaw]] = no_flaws
    protect: bool = False
    role: Role = Role.OBJECT
    sync_path: str = ""
    run: RunFact | None = None
    build_run: Callable[[Any, str], BuiltRun] | None = None
    works: Callable[[Mapping[str, Any]], tuple[Work, ...]] = no_works
    parameters: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] = _no_parameters

    @property
    def secret_places(self) -> tuple[tuple[str, ...], ...]:
        """The paths in a manifest below which secrets may stand."""
        return _secret_places(self)

    def fact(self, name: str) -> FieldFact:
        """Return the facts of the API field `name`. Raises KeyError for a field that has none."""
        for fact in self.fields:
            if fact.name == name:
                return fact
        raise KeyError(name)


@cache
def _secret_places(kind: Kind) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(fact.spec.split(".")) for fact in kind.fields if fact.secret or fact.hide)

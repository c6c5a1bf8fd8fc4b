"""Index: a searchable index over a directory. Source: the API contract, `/api/v1/indexes`.

Nothing of an index can be changed. `products`, `sync_frequency`, `store_attachments` and `vector_target` are never
shown again. Creating one starts the first sync; where it is stands in `metadata.status`. The reference dialect names
indexes itself, and may not list them. Which of its ids the service wants in paths, `id` or `export_config_id`, is not
documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from annotated_types import MinLen

from llamasync.core.duration import DURATION_PATTERN, parse_duration
from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG, Pattern
from llamasync.core.reference import refer
from llamasync.kinds.facts import (
    ANONYMOUS,
    Built,
    Collection,
    FieldFact,
    Kind,
    ReferenceFact,
    Status,
    Sync,
)
from llamasync.kinds.works import Work

_READY = frozenset({"ready", "success", "completed", "synced"})
_FAILED = frozenset({"failed", "error", "cancelled", "canceled"})


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """How the index's documents are processed."""

    __pydantic_config__ = FORM_CONFIG

    type: Literal["parse", "extract"]
    """What is done with each document."""
    configuration: str | dict[Literal["id", "name"], str]
    """How: a Configuration manifest's name, `{id: cfg-...}` or `{name: ...}`."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class SyncSpec:
    """When the index is brought up to date with its directory."""

    __pydantic_config__ = FORM_CONFIG

    when: Literal["on-change", "always", "never"] = "on-change"
    """`on-change`: when the directory's files are not those it was last synced with. `never`: left to others."""
    wait: bool = True
    """Whether apply waits until the index is ready, and fails when it cannot be made so."""
    timeout: Annotated[str, Pattern(DURATION_PATTERN)] = "30m"
    """How long it waits: `90s`, `30m`, `2h`."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class IndexSpec:
    """An index over the files of a directory. Nothing of it can be changed: every change replaces it."""

    __pydantic_config__ = FORM_CONFIG

    directory: str | dict[Literal["id", "name"], str]
    """The directory it is made of: a Directory manifest's name, `{id: dir-...}` or `{name: ...}`."""
    name: Annotated[str, MinLen(1)] | None = None
    """The index's name in the service (default: metadata.name). Older services choose one themselves."""
    description: str | None = None
    """What the index is for."""
    products: tuple[Product, ...] = ()
    """How documents are processed (default: as the service does)."""
    sync_frequency: Literal["manual", "daily", "on_source_change"] | None = None
    """How often the service syncs by itself (default: manual). llamasync syncs after a change in any case."""
    store_attachments: tuple[Literal["screenshots", "items"], ...] | None = None
    """What is stored beside the text: `screenshots` of pages, `items` such as images."""
    vector_target: Literal["DEFAULT", "DISABLED"] | None = None
    """Whether vectors are stored (default: DEFAULT)."""
    sync: SyncSpec = field(default_factory=SyncSpec)
    """When and how it is kept up to date."""


def _is_named(live: Mapping[str, Any]) -> bool:
    return "output_directory_id" in live  # only the dialect that shows it takes a name


def _status(live: Mapping[str, Any]) -> Status:
    told = str((live.get("metadata") or {}).get("status") or "").lower()
    if told in _READY:
        return Status.READY
    if told in _FAILED:
        return Status.FAILED
    is_done = not told and bool(live.get("last_synced_at") or live.get("last_exported_at"))
    return Status.READY if is_done else Status.BUSY


def _build(spec: IndexSpec, name: str) -> Built:
    live_name = spec.name or name
    wanted = {
        "name": live_name,
        "description": spec.description,
        "products": [
            {"product_type": one.type, "product_config_id": refer("Configuration", one.configuration)}
            for one in spec.products
        ]
        or None,
        "sync_frequency": spec.sync_frequency,
        "store_attachments": None if spec.store_attachments is None else list(spec.store_attachments),
        "vector_target": spec.vector_target,
    }
    sync = Sync(when=spec.sync.when, wait=spec.sync.wait, timeout_s=parse_duration(spec.sync.timeout))
    return Built(
        fields={field: value for field, value in wanted.items() if value is not None},
        key=(live_name,),
        previous_keys=(ANONYMOUS,),
        sync=sync,
    )


def _write(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    shown = {"name": fields["name"] if fields["name"] != name else None, "description": fields.get("description")}
    return {key: value for key, value in shown.items() if value}


def _works(fields: Mapping[str, Any]) -> tuple[Work, ...]:
    """List the products, parsing where none is named, and the export of what they made into the index."""
    products = fields.get("products") or [{"product_type": "parse", "product_config_id": None}]
    named = [Work(product=one["product_type"], configuration=one["product_config_id"]) for one in products]
    return (*named, Work(product="index", on_metadata=True))


KIND = Kind(
    name="Index",
    summary="a searchable index over a directory",
    spec=IndexSpec,
    collection=Collection(
        name="indexes",
        path="/api/v1/indexes",
        key={"name": "name"},
        parent="directories",
        parent_field="source_directory_id",
        may_be_unlisted=True,
        other_id="export_config_id",
        is_named=_is_named,
        one_per_parent=True,
        status=_status,
    ),
    fields=(
        FieldFact(name="name", spec="spec.name", immutable=True, may_differ=True),
        FieldFact(name="description", spec="spec.description", immutable=True, empty_is_null=True),
        FieldFact(name="products", spec="spec.products", immutable=True, write_only=True),
        FieldFact(name="sync_frequency", spec="spec.syncFrequency", immutable=True, write_only=True),
        FieldFact(name="store_attachments", spec="spec.storeAttachments", immutable=True, write_only=True),
        FieldFact(name="vector_target", spec="spec.vectorTarget", immutable=True, write_only=True),
    ),
    references=(
        ReferenceFact(field="directory", kind="Directory", parent=True),
        ReferenceFact(field="products.configuration", kind="Configuration"),
    ),
    build=_build,
    write=_write,
    protect=True,
    sync_path="/api/v1/indexes/{id}/sync",
    works=_works,
)

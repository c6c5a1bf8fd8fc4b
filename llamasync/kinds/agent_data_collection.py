"""AgentDataCollection: the items of one collection of agent data. Source: the API contract, `/api/v1/beta/agent-data`.

An item has no natural key in the service and collections cannot be listed, so a manifest says which deployment and
collection it means, and which field of an item's `data` tells it from others. PUT overwrites the whole data, without
any condition. A search takes texts and numbers only, so nothing else can be a key. Agents write to items too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.kinds.facts import Collection, ContentSource, FieldFact, Kind, Scope


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class AgentDataCollectionSpec:
    """The items of one collection of agent data."""

    __pydantic_config__ = FORM_CONFIG

    deployment_name: Annotated[str, MinLen(1)]
    """The agent deployment that the items belong to; `_public` always exists."""
    collection: Annotated[str, MinLen(1)] = "default"
    """The collection in that deployment."""
    key: Annotated[str, MinLen(1)]
    """The field of an item that tells it from others: a text or a number, which is part of its address."""
    items: tuple[Mapping[str, Any], ...] | None = None
    """The items, written here."""
    items_from: Annotated[str, MinLen(1)] | None = None
    """The file with the items, relative to the manifest's own folder: `.jsonl`, `.json`, `.yaml`, `.yml` or `.csv`."""
    item_schema: Mapping[str, Any] | None = None
    """A JSON Schema that every item must satisfy; it is checked here, and not known to the service. The types in it say
    what the cells of a CSV file are."""
    ownership: Literal["item", "fields"] = "item"
    """Whether an item is ours as a whole, or only the fields that are given here: then those of others are kept."""
    prune: Literal["owned", "all", "never"] = "owned"
    """Which items that are not given are deleted: those llamasync put there, all of the collection's, or none."""


KIND = Kind(
    name="AgentDataCollection",
    summary="the items of a collection of agent data",
    spec=AgentDataCollectionSpec,
    collection=Collection(
        name="agent-data",
        path="/api/v1/beta/agent-data",
        key={"data": ""},
        update_method="PUT",
        scope=Scope(
            fields=("deployment_name", "collection"), search="/api/v1/beta/agent-data/:search", keyed_by="data"
        ),
    ),
    fields=(FieldFact(name="data", spec="data", by_key=True),),
    content=ContentSource.ITEMS,
)

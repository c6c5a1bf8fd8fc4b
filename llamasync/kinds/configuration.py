"""Configuration: a product configuration. Source: the API contract, `/api/v1/beta/configurations`.

POST is documented as an upsert by name, product type and project. Parameters are written as the API has them, without
`product_type`, and checked against the contract. Lists can show built-in ones (`cfg-PARSE_AGENTIC`), which nobody can
change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.kinds.facts import Built, Collection, FieldFact, Kind

ProductType = Literal["parse_v2", "extract_v2", "classify_v2", "split_v1", "spreadsheet_v1"]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationSpec:
    """A product configuration: how documents are parsed, extracted, classified, split or read as spreadsheets."""

    __pydantic_config__ = FORM_CONFIG

    name: Annotated[str, MinLen(1), MaxLen(255)] | None = None
    """The configuration's name in the service (default: metadata.name)."""
    product_type: ProductType
    """The product it configures."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The product's parameters, as the API has them, without `product_type`."""


_BUILT_IN = re.compile(r"cfg-[A-Z]+(_[A-Z0-9]+)+")


def _built_in(object_id: str) -> bool:
    return _BUILT_IN.fullmatch(object_id) is not None


def _foreign(live: Mapping[str, Any]) -> str:
    return "built in" if _built_in(str(live.get("id"))) else ""


def _build(spec: ConfigurationSpec, name: str) -> Built:
    live_name = spec.name or name
    parameters = {**spec.parameters, "product_type": spec.product_type}
    return Built(
        fields={"name": live_name, "product_type": spec.product_type, "parameters": parameters},
        key=(spec.product_type, live_name),
    )


def _parameters(object_id: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters; of a built-in one that is not shown, what its id says: `cfg-PARSE_AGENTIC_PLUS`."""
    shown = fields.get("parameters")
    if not shown and _built_in(object_id):
        return {"tier": object_id.partition("_")[2].lower()}
    return shown or {}


def _write(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    shown = {} if fields["name"] == name else {"name": fields["name"]}
    parameters = {key: value for key, value in fields["parameters"].items() if key != "product_type"}
    return {**shown, "productType": fields["product_type"], "parameters": parameters}


KIND = Kind(
    name="Configuration",
    summary="a product configuration",
    spec=ConfigurationSpec,
    collection=Collection(
        name="configurations",
        path="/api/v1/beta/configurations",
        key={"product_type": "product_type", "name": "name"},
        list_query={"latest_only": True},
        update_method="PUT",
        foreign=_foreign,
        create_is_upsert=True,
        built_in=_built_in,
    ),
    fields=(
        FieldFact(name="name", spec="spec.name"),
        FieldFact(name="product_type", spec="spec.productType", immutable=True),
        FieldFact(name="parameters", spec="spec.parameters", server_fills=True, clear_with={}),
    ),
    build=_build,
    write=_write,
    contract_schema=("parameters", "ConfigurationCreateRequest.parameters"),
    parameters=_parameters,
)

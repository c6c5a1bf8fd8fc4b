"""Directory: a folder of a project that holds files. Source: the API contract, `/api/v1/beta/directories`.

Directories of type `index` are made by the service and connector-owned ones are filled by it; neither is ever ours.
The reference dialect shows no type but filters by it, so lists always ask for users' directories.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.kinds.facts import Built, Collection, FieldFact, Kind


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class DirectorySpec:
    """A directory of the project."""

    __pydantic_config__ = FORM_CONFIG

    name: Annotated[str, MinLen(1)] | None = None
    """The directory's name in the service (default: metadata.name)."""
    description: str | None = None
    """What the directory is for. Left alone when it is not given."""
    previous_names: tuple[Annotated[str, MinLen(1)], ...] = ()
    """Names that the directory had before; one that is still live is renamed instead of made anew."""
    delete_contents: bool = False
    """Whether removing the directory may delete files in it that llamasync did not put there."""


def _foreign(live: Mapping[str, Any]) -> str:
    if live.get("deleted_at"):
        return "deleted"
    if live.get("connector_subscription_id"):
        return "filled by a connector"
    if live.get("type") not in (None, "user"):
        return f"of type {live['type']}, made by the service"
    return ""


def _build(spec: DirectorySpec, name: str) -> Built:
    live_name = spec.name or name
    fields: dict[str, Any] = {"name": live_name}
    if spec.description is not None:
        fields["description"] = spec.description
    return Built(
        fields=fields,
        key=(live_name,),
        previous_keys=tuple([(previous,) for previous in spec.previous_names]),
        delete_contents=spec.delete_contents,
    )


def _write(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    shown = {"name": fields["name"] if fields["name"] != name else None, "description": fields.get("description")}
    return {key: value for key, value in shown.items() if value}


KIND = Kind(
    name="Directory",
    summary="a directory of files",
    spec=DirectorySpec,
    collection=Collection(
        name="directories",
        path="/api/v1/beta/directories",
        key={"name": "name"},
        list_query={"type": "user"},
        foreign=_foreign,
    ),
    fields=(
        FieldFact(name="name", spec="spec.name"),
        FieldFact(name="description", spec="spec.description", empty_is_null=True, clear_with=""),
    ),
    build=_build,
    write=_write,
)

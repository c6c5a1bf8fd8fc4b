"""ChatSession: a chat session bound to indexes. Source: the API contract, `/api/v1/chat`.

A session has no name and its indexes cannot be changed, so it is known by its id alone. Older services make a title on
request; newer ones do so by themselves after the first message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.core.reference import refer
from llamasync.kinds.facts import Built, Collection, FieldFact, FollowUp, Kind, ReferenceFact

MAX_INDEXES = 10


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ChatSessionSpec:
    """A chat session bound to indexes. Nothing of it can be changed: other indexes are another session."""

    __pydantic_config__ = FORM_CONFIG

    indexes: Annotated[tuple[str | dict[Literal["id", "name"], str], ...], MinLen(1), MaxLen(MAX_INDEXES)]
    """The indexes it answers from: names of Index manifests, `{id: ...}` or `{name: ...}`."""
    title: Literal["none", "generate"] = "none"
    """`generate`: the service makes a title of the manifest's name, where it offers that."""
    shared_access: Literal["query", "read_only"] | None = None
    """What others of the project may do with it, where the service offers that."""


def _used(live: Mapping[str, Any]) -> bool:
    return bool(live.get("job_metadata") or live.get("generated_title"))


def _build(spec: ChatSessionSpec, name: str) -> Built:
    fields: dict[str, Any] = {"index_ids": [refer("Index", one) for one in spec.indexes]}
    if spec.shared_access is not None:
        fields["shared_access"] = spec.shared_access
    wants_title = FollowUp(path="/api/v1/chat/{id}/title", body={"first_message": name})
    return Built(fields=fields, key=(name,), follow_up=wants_title if spec.title == "generate" else None)


KIND = Kind(
    name="ChatSession",
    summary="a chat session bound to indexes",
    spec=ChatSessionSpec,
    collection=Collection(name="chats", path="/api/v1/chat", key={}, id_field="session_id", is_used=_used),
    fields=(
        FieldFact(name="index_ids", spec="spec.indexes", immutable=True, unordered=True, may_differ=True),
        FieldFact(name="shared_access", spec="spec.sharedAccess", immutable=True, write_only=True),
    ),
    references=(ReferenceFact(field="indexes", kind="Index"),),
    build=_build,
)

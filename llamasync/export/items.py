"""The items of one place become a manifest and a file of JSON lines. Which places there are must be said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from llamasync.api.client import Client
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import to_camel
from llamasync.export.documents import Document, build_document, left_out, why_not
from llamasync.export.naming import Names
from llamasync.kinds.facts import ContentSource, Kind
from llamasync.kinds.registry import all_kinds
from llamasync.live.failures import as_diagnostics
from llamasync.live.listing import list_objects
from llamasync.live.model import LiveObject

FOLDER = "items"

_PLACE = re.compile(r"(?P<deployment>[^/:]+)(?:/(?P<collection>[^:]+))?:(?P<key>.+)", re.DOTALL)


@lean_dataclass(frozen=True, slots=True)
class Place:
    """A place whose items are exported: the values that tell it, and the field that tells items apart."""

    values: tuple[str, ...]
    key_field: str


@lean_dataclass(frozen=True, slots=True)
class WrittenItems:
    """The manifest of a place, and the text of its file of items, at `path` in the workspace; "" for no items."""

    kind: Kind
    document: Document
    path: str
    text: str
    count: int
    notes: tuple[Diagnostic, ...]


def parse_place(text: str) -> Place | None:
    """Parse `DEPLOYMENT/COLLECTION:KEY`; without a collection it is `default`. None for another form.

    >>> parse_place("_public/prices:sku")
    Place(values=('_public', 'prices'), key_field='sku')
    >>> parse_place("_public:sku"), parse_place("_public")
    (Place(values=('_public', 'default'), key_field='sku'), None)
    """
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    return Place((found["deployment"], found["collection"] or "default"), found["key"])


@as_diagnostics
def export_items(client: Client, place: Place, names: Names) -> WrittenItems:
    """Read the items of a place and write them down. Raises DiagnosticError when the service fails.

    Left out, with a note: items without that field, and all but the oldest of those that share its value.
    """
    kind = next(one for one in all_kinds().values() if one.content is ContentSource.ITEMS)
    scope = kind.collection.scope
    assert scope is not None, "items have places"
    values = dict(zip(scope.fields, place.values, strict=True))
    found = list_objects(client, kind.collection.known_by(place.key_field), scope.name_of(values))
    kept, notes = _choose(found, place.key_field)
    name = names.take(" ".join(one for one in place.values if one != "_public"), kind.name.lower())
    path = f"{FOLDER}/{name}.jsonl"
    spec: dict[str, Any] = {
        **{to_camel(field): value for field, value in values.items()},
        "key": place.key_field,
        **({"itemsFrom": f"../{path}"} if kept else {"items": []}),
    }
    reason = why_not(kind, name, spec)
    assert not reason, f"{place} cannot be a manifest: {reason}"
    text = "".join(json.dumps(live.fields[scope.keyed_by], ensure_ascii=False) + "\n" for live in kept)
    return WrittenItems(kind, build_document(kind, name, spec), path, text, len(kept), tuple(notes))


def _choose(found: Iterable[LiveObject], key_field: str) -> tuple[list[LiveObject], list[Diagnostic]]:
    kept: list[LiveObject] = []
    notes: list[Diagnostic] = []
    for live in found:
        key = live.key[-1]
        if not key:
            notes.append(left_out(f"{live.id} has no text or number under {key_field!r}"))
        elif not _is_writable(live):
            notes.append(left_out(f"{key!r} ({live.id}) holds half of a surrogate pair, which no file can"))
        elif kept and kept[-1].key == live.key:
            detail = f"{key!r} is there more than once: {live.id} is left out, the older {kept[-1].id} is exported"
            notes.append(Diagnostic("LS301", detail, severity=Severity.WARNING))
        else:
            kept.append(live)
    return kept, notes


def _is_writable(live: LiveObject) -> bool:
    try:
        json.dumps(live.fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True

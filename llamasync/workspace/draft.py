"""A document on its way to become a manifest: what it says it is, and what was noticed about it so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.core.many import maker_of
from llamasync.core.source import Source
from llamasync.kinds.registry import find_kind
from llamasync.manifest.document import Document, field_text
from llamasync.manifest.envelope import is_name
from llamasync.manifest.expressions import DataPath, Expansion, Scope
from llamasync.manifest.overlays import merge


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """A document with its expressions replaced. `address` is None when it does not say what it is."""

    data: Any
    layers: tuple[Document, ...]
    folder: Path
    address: Address | None
    placeholders: frozenset[DataPath] = frozenset()
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def document(self) -> Document:
        """The manifest's own document, without overlays."""
        return self.layers[0]

    @property
    def source(self) -> Source:
        """Where it starts."""
        return self.layers[0].place()


_EXPANDED = frozenset({"metadata", "spec", "lifecycle", "dependsOn"})
_make = maker_of(Draft)
_NO_PLACEHOLDERS: frozenset[DataPath] = frozenset()


def build_draft(document: Document, folder: Path, scope: Scope) -> Draft:
    """Replace the expressions of a document and see what it says it is; where its kind has secrets they are concealed.
    Never raises."""
    data, address = document.data, address_of(document.data)
    if not document.has_expressions or not isinstance(data, dict):
        return _make(data, (document,), folder, address, _NO_PLACEHOLDERS, [])
    name = data.get("kind")
    kind = find_kind(name) if isinstance(name, str) else None
    expansion = Expansion(document, scope, kind.secret_places if kind else ())
    data = {key: expansion.expand(value, (key,)) if key in _EXPANDED else value for key, value in data.items()}
    return Draft(
        data=data,
        layers=(document,),
        folder=folder,
        address=address_of(data),
        placeholders=frozenset(expansion.placeholders),
        problems=[replace(problem, address=address) for problem in expansion.problems],
    )


def lay_over(draft: Draft, overlays: Iterable[Draft]) -> Draft:
    """Merge overlays over the draft, in their order. What was noticed of a value that is replaced matters no more."""
    for overlay in overlays:
        gone = {path for path in draft.placeholders if _sets(overlay.data, path)}
        told = {field_text(path) for path in gone}
        draft = replace(
            draft,
            data=merge(draft.data, overlay.data),
            layers=(*draft.layers, overlay.document),
            placeholders=(draft.placeholders - gone) | overlay.placeholders,
            problems=[*(one for one in draft.problems if one.field not in told), *overlay.problems],
        )
    return draft


def _sets(data: Any, path: DataPath) -> bool:
    """Say whether an overlay with this data says itself what is at `path`: maps are merged, all else is replaced."""
    for step in path:
        if not isinstance(data, dict):
            return True
        if step not in data:
            return False
        data = data[step]
    return True


def address_of(data: Any) -> Address | None:
    """Return the address that a document's `kind` and `metadata.name` make, None when they make none."""
    try:
        kind, name = data["kind"], data["metadata"]["name"]
    except (KeyError, IndexError, TypeError):  # whatever stands there instead of maps
        return None
    return Address(kind, name) if isinstance(kind, str) and is_name(name) else None

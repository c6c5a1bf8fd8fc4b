"""The files of one directory, once their bytes are on disk, become a file set with sidecars, and single files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.digest import canonical_json
from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import to_camel
from llamasync.export.documents import Document, build_document, is_read_again, left_out, why_not
from llamasync.export.naming import Names
from llamasync.export.places import TREES, Layout
from llamasync.kinds.facts import FINGERPRINT_KEY, ContentSource, Kind
from llamasync.kinds.registry import kinds_of
from llamasync.live.model import LiveObject
from llamasync.manifest.write import in_order, is_writable
from llamasync.workspace.files.metadata import find_wrong
from llamasync.workspace.files.scan import SIDECAR

UP = ".."  # from the folder of the manifests to that of the workspace

_MAX_WHOLE_NUMBER = 10**300  # the reader takes longer ones for texts


@lean_dataclass(slots=True)
class Contents:
    """The manifests of a directory's files, and their sidecars by path in the workspace."""

    documents: list[Document] = field(default_factory=list)
    sidecars: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The directory whose files are written: its name in the workspace, and how manifests refer to it."""

    name: str
    reference: Any


def write_contents(
    collection: str, holder: Holder, layout: Layout, sha256: Mapping[str, str], names: Names
) -> Contents:
    """Write the files whose bytes are on disk: `sha256` has their digest (hex) by the live object's id."""
    result = Contents()
    for live in sorted([*layout.tree, *(live for live, _ in layout.singles)], key=lambda one: one.key):
        if live.id in sha256 and FINGERPRINT_KEY in (live.fields.get("metadata") or {}) and not _shows(live, sha256):
            detail = f"{FINGERPRINT_KEY} of {live.key[-1]!r} ({live.id}) is the digest of other bytes"
            result.notes.append(left_out(detail, hint="a plan with neither state nor digests would replace the file"))
    tree = [live for live in layout.tree if live.id in sha256]
    if tree:
        _write_tree(_kind(collection, ContentSource.TREE), holder, tree, layout.display_name, sha256, result)
    kind = _kind(collection, ContentSource.FILE)
    for live, path in layout.singles:
        if live.id in sha256:
            name = names.take(f"{holder.name} {live.key[-1]}", kind.name.lower())
            _write_single(kind, holder, live, path, sha256[live.id], name, result)
    return result


def _write_tree(
    kind: Kind,
    holder: Holder,
    files: list[LiveObject],
    display_name: str,
    sha256: Mapping[str, str],
    result: Contents,
) -> None:
    metadata = {live.id: _metadata(live, result) for live in files}
    shared = _shared(list(metadata.values()))
    spec = {
        **_reference(kind, holder),
        "source": f"{UP}/{TREES}/{holder.name}",
        "displayName": display_name if display_name != "{name}" else None,
        "metadata": _literal(shared) or None,
        "fingerprint": "metadata" if all(_shows(live, sha256) for live in files) else None,
    }
    spec = {key: value for key, value in spec.items() if value is not None}
    reason = why_not(kind, holder.name, spec)
    if reason:
        result.notes.append(left_out(f"the {len(files)} files of directory {holder.name}: {reason}"))
        return
    result.documents.append(build_document(kind, holder.name, spec))
    for live in files:
        own = in_order({key: value for key, value in metadata[live.id].items() if key not in shared})
        if own:
            result.sidecars[f"{TREES}/{holder.name}/{live.key[-1]}{SIDECAR}"] = own


def _write_single(
    kind: Kind, holder: Holder, live: LiveObject, path: str, sha256: str, name: str, result: Contents
) -> None:
    spec = {
        **_reference(kind, holder),
        "path": f"{UP}/{path}",
        "uniqueId": _literal(live.key[-1]),
        "displayName": _literal(live.fields["display_name"]),
        "metadata": _literal(_metadata(live, result)) or None,
        "fingerprint": "metadata" if _shows(live, {live.id: sha256}) else None,
    }
    spec = {key: value for key, value in spec.items() if value is not None}
    reason = why_not(kind, name, spec)
    if reason:
        result.notes.append(left_out(f"{live.key[-1]!r} of directory {holder.name}: {reason}"))
    else:
        result.documents.append(build_document(kind, name, spec))


def _kind(collection: str, content: ContentSource) -> Kind:
    return next(kind for kind in kinds_of(collection) if kind.content is content)


def _reference(kind: Kind, holder: Holder) -> dict[str, Any]:
    return {to_camel(fact.field): holder.reference for fact in kind.references if fact.parent}


def _metadata(live: LiveObject, result: Contents) -> dict[str, Any]:
    """Return what manifests can say of a file's metadata; note the rest, which stays in the service as it is."""
    shown: Mapping[str, Any] = live.fields.get("metadata") or {}
    wrong = {str(path[0]): why for path, why in find_wrong(shown) if path[0] != FINGERPRINT_KEY}
    for key, value in shown.items():
        if isinstance(value, int) and abs(value) >= _MAX_WHOLE_NUMBER:
            wrong[key] = f"{key} is a number of more than 300 digits"
        elif key not in wrong and not (is_writable({key: value}) and is_read_again({key: value})):
            wrong[key] = "it cannot be written as YAML"
    for key, why in sorted(wrong.items()):
        result.notes.append(left_out(f"metadata {key!r} of {live.key[-1]!r} ({live.id}): {why}"))
    return {key: value for key, value in shown.items() if key not in wrong and key != FINGERPRINT_KEY}


def _shows(live: LiveObject, sha256: Mapping[str, str]) -> bool:
    shown: Mapping[str, Any] = live.fields.get("metadata") or {}
    return shown.get(FINGERPRINT_KEY) == sha256[live.id]


def _shared(all_metadata: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what all files say alike. Told apart by their JSON, since for Python 1 is True."""
    first, *others = all_metadata
    return {
        key: value
        for key, value in first.items()
        if all(key in one and canonical_json(one[key]) == canonical_json(value) for one in others)
    }


def _literal(value: Any) -> Any:
    """Write the braces in texts so that they are no templates.

    >>> _literal({"a": ["{path}", 1]})
    {'a': ['{{path}}', 1]}
    """
    if isinstance(value, str):
        return value.replace("{", "{{").replace("}", "}}")
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items()}
    return [_literal(item) for item in value] if isinstance(value, list) else value

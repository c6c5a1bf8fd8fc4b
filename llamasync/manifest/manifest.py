"""Manifest: one declared thing, with the place of everything that is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.core.many import maker_of
from llamasync.core.source import Source
from llamasync.manifest.construct import construct
from llamasync.manifest.document import Document, find
from llamasync.manifest.envelope import LifecycleForm

DataPath = tuple[str | int, ...]
NOTHING_SAID = LifecycleForm()


@lean_dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Manifest:
    """A manifest whose envelope and spec satisfy the schema of its kind, overlays merged and expressions replaced.

    `layers`: the documents it was made from, the manifest first, overlays after it. `folder` is that of its file.
    `placeholders`: paths of texts with an environment variable that is not set.
    """

    address: Address
    labels: Mapping[str, str]
    lifecycle: LifecycleForm
    depends_on: tuple[str, ...]
    spec: Mapping[str, Any]
    folder: Path
    layers: tuple[Document, ...]
    placeholders: frozenset[DataPath] = frozenset()

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.address.kind

    @property
    def name(self) -> str:
        """Its name, `metadata.name`."""
        return self.address.name

    @property
    def source(self) -> Source:
        """Where the manifest starts."""
        return self.layers[0].place()

    def place(self, path: DataPath = (), key: str | None = None) -> Source:
        """Return where the value at `path` was written, in an overlay if it came from there; with `key`, that key."""
        return place_in(self.layers, path, key)


_make = maker_of(Manifest)


def build_manifest(
    data: Mapping[str, Any], layers: tuple[Document, ...], folder: Path, placeholders: frozenset[DataPath]
) -> Manifest:
    """Build a Manifest from `data`, which satisfies the schema of its kind."""
    metadata = data["metadata"]
    return _make(
        Address(data["kind"], metadata["name"]),
        metadata.get("labels", {}),
        construct(LifecycleForm, data["lifecycle"]) if "lifecycle" in data else NOTHING_SAID,
        tuple(data["dependsOn"]) if "dependsOn" in data else (),
        data["spec"],
        folder,
        layers,
        placeholders,
    )


def place_in(layers: tuple[Document, ...], path: DataPath, key: str | None = None) -> Source:
    """Return where the value at `path` (with `key`: that key of it) was written; later layers overlay earlier ones.

    A map that is merged of several layers is the first one's of them; anything else, and a key, is the last one's that
    has it. A key that no layer has is where its map is.
    """
    if len(layers) == 1:
        return layers[0].place(path, key)
    if key is not None:
        having = next((layer for layer in reversed(layers) if layer.has((*path, key))), None)
        return having.place(path, key) if having else place_in(layers, path)
    found: Document | None = None
    for layer in reversed(layers):
        if layer.has(path):
            is_map = isinstance(find(layer.data, path), dict)
            if is_map or found is None:
                found = layer
            if not is_map:  # it replaces what is below, and what is found above replaces it
                break
    return (found or layers[0]).place(path)

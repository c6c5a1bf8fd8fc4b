"""FileManifest: what reading files needs to know of a FileSet or File manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.file import FileSpec
from llamasync.kinds.file_set import FileSetSpec
from llamasync.workspace.desired import Lifecycle

Fetch = Callable[[str, Path], object]
"""Downloads a URL to a new file at the path given. Raises ApiError, OSError or ValueError."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FileManifest:
    """A manifest whose objects are files. `folder` is its own folder and `root` the workspace's, both absolute.

    `place(("spec", "metadata", "team"))` is where that value was written, or its nearest parent that was.
    """

    address: Address
    kind: str
    spec: FileSetSpec | FileSpec
    folder: Path
    root: Path
    place: Callable[..., Source]
    parent: Reference
    needs: tuple[Address, ...] = ()
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    labels: Mapping[str, str] = field(default_factory=dict)

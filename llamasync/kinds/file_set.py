"""FileSet: the files of a tree in the repository, as files of one directory. Facts in `directory_files`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from annotated_types import MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.kinds.directory_files import COLLECTION, FIELDS, REFERENCES
from llamasync.kinds.facts import ContentSource, Kind


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FileSetSpec:
    """The files of a tree in the repository, as files of one directory."""

    __pydantic_config__ = FORM_CONFIG

    directory: str | dict[Literal["id", "name"], str]
    """The directory that holds them: a Directory manifest's name, `{id: dir-...}` or `{name: ...}`."""
    source: Annotated[str, MinLen(1)]
    """The folder, relative to the manifest's own folder."""
    include: tuple[str, ...] = ("**",)
    """gitignore patterns of the files to take."""
    exclude: tuple[str, ...] = ()
    """gitignore patterns of files to leave out; they win over `include`."""
    unique_id: Annotated[str, MinLen(1)] = "{path}"
    """Template of each file's unique id: `{path}`, `{name}`, `{stem}`, `{suffix}`."""
    display_name: Annotated[str, MinLen(1)] = "{name}"
    """Template of each file's display name."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Metadata of every file; texts may hold the same templates. A sidecar `<file>.meta.yaml` adds to it."""
    prune: Literal["owned", "all", "never"] = "owned"
    """Which files that are not in the tree are deleted: those llamasync put there, all of the directory's, or none."""
    fingerprint: Literal["state", "metadata"] = "state"
    """Where a content's SHA-256 is remembered; `metadata` shows one key on each file and needs no state."""


KIND = Kind(
    name="FileSet",
    summary="the files of a tree in the repository",
    spec=FileSetSpec,
    collection=COLLECTION,
    fields=FIELDS,
    references=REFERENCES,
    content=ContentSource.TREE,
)

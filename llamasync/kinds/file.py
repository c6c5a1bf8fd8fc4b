"""File: one file of a directory, from a path, from inline text or from a URL. Facts in `directory_files`."""

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
class FileSpec:
    """One file of a directory. Exactly one of `path`, `content` and `url` says where its bytes are."""

    __pydantic_config__ = FORM_CONFIG

    directory: str | dict[Literal["id", "name"], str]
    """The directory that holds it: a Directory manifest's name, `{id: dir-...}` or `{name: ...}`."""
    path: Annotated[str, MinLen(1)] | None = None
    """A file, relative to the manifest's own folder."""
    content: Annotated[str, MinLen(1)] | None = None
    """The text itself, sent as UTF-8."""
    url: Annotated[str, MinLen(1)] | None = None
    """An `https://` or `s3://` address, fetched when the plan is made."""
    unique_id: Annotated[str, MinLen(1)] | None = None
    """The file's unique id in the directory (default: the path as written, else metadata.name)."""
    display_name: Annotated[str, MinLen(1)] | None = None
    """The name people see (default: the last part of the path or URL, else the unique id)."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Metadata: texts, numbers, booleans, null or lists of texts. A sidecar `<file>.meta.yaml` adds to it."""
    fingerprint: Literal["state", "metadata"] = "state"
    """Where the content's SHA-256 is remembered; `metadata` shows one key on the file and needs no state."""


KIND = Kind(
    name="File",
    summary="one file of a directory",
    spec=FileSpec,
    collection=COLLECTION,
    fields=FIELDS,
    references=REFERENCES,
    content=ContentSource.FILE,
)

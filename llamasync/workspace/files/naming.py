"""Naming: how the files of a manifest are called in the service, and what is said of them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.kinds.directory_files import FINGERPRINT_KEY
from llamasync.kinds.file import FileSpec
from llamasync.kinds.file_set import FileSetSpec
from llamasync.workspace.files.metadata import Metadata, read_metadata
from llamasync.workspace.files.report import Report, readable
from llamasync.workspace.files.templates import Template, read_template


@lean_dataclass(frozen=True, slots=True)
class Naming:
    """The templates of a manifest, parsed. `fingerprint`: each file shows its SHA-256 in its metadata."""

    unique_id: Template
    display_name: Template
    metadata: Metadata
    fingerprint: bool

    def fields(
        self, unique_id: str, path: str, name: str, sha256: str, more: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the fields of the file at `path`, whose last part is `name`; `more` wins over the manifest's metadata.

        Files without metadata of their own share one dictionary of it, which nobody may change. `sha256` "" is not
        known.
        """
        metadata = self.metadata.of(path, name)
        if more:
            metadata = {**metadata, **more}
        if self.fingerprint and sha256:
            metadata = {**metadata, FINGERPRINT_KEY: sha256}
        return {"unique_id": unique_id, "display_name": self.display_name.expand(path, name), "metadata": metadata}


def read_naming(spec: FileSetSpec | FileSpec, unique_id: str, display_name: str | None, report: Report) -> Naming:
    """Parse the templates and check the metadata of a manifest; what is wrong is reported.

    `display_name` None: the same as the unique id.
    """
    unique = read_template(unique_id, report, ("spec", "uniqueId"))
    return Naming(
        unique_id=unique,
        display_name=unique if display_name is None else read_template(display_name, report, ("spec", "displayName")),
        metadata=read_metadata(spec.metadata, report),
        fingerprint=spec.fingerprint == "metadata",
    )


def report_empty_name(report: Report, unique_id: str, item: str = "") -> None:
    """Report a file whose unique id, or else display name, came out empty."""
    field = "displayName" if unique_id else "uniqueId"
    report.add(
        "LS213",
        f"{field} comes out empty" + (f" for {readable(item)}" if item else ""),
        item=item,
        where=("spec", field),
    )

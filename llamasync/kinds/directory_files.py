"""What FileSet and File share: the files of a directory, as the service has them.

Source: the API contract, `/api/v1/beta/directories/{directory_id}/files`. The service returns no digest, etag or size,
bytes cannot be replaced in place, and an update of `metadata` replaces what users set while reads merge all layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.kinds.facts import FINGERPRINT_KEY, Collection, FieldFact, ReferenceFact, Upload

MAX_FILE_BYTES = 512 * 1024 * 1024


def _foreign(live: Mapping[str, Any]) -> str:
    return "deleted" if live.get("deleted_at") else ""


COLLECTION = Collection(
    name="directory-files",
    path="/api/v1/beta/directories/{parent}/files",
    key={"unique_id": "unique_id"},
    parent="directories",
    parent_field="directory_id",
    upload=Upload(
        path="/api/v1/beta/directories/{parent}/files/upload",
        file_part="upload_file",
        json_parts=frozenset({"metadata"}),
    ),
    move_keys=("directory_id", "target_directory_id"),
    foreign=_foreign,
    content_field="file_id",
    fingerprint_field="metadata",
)

FIELDS = (
    FieldFact(name="unique_id", spec="spec.uniqueId"),
    FieldFact(name="display_name", spec="spec.displayName"),
    FieldFact(name="metadata", spec="spec.metadata", owned_keys=True, clear_with={}),
)

__all__ = ["COLLECTION", "FIELDS", "FINGERPRINT_KEY", "MAX_FILE_BYTES", "REFERENCES"]

REFERENCES = (ReferenceFact(field="directory", kind="Directory", parent=True),)

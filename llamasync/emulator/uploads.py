"""Multipart bodies, parsed as a stream: text fields to memory, the file part to the blob folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, Any, cast

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from llamasync.emulator.blobs import BlobStore, BlobWriter, PendingBlob
from llamasync.emulator.errors import invalid

BUFFER_BYTES = 256 * 1024
MAX_TEXT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FilePart:
    """The file of a form. `filename` is what the client called it."""

    filename: str
    content_type: str | None
    blob: PendingBlob


@dataclass(slots=True)
class Upload:
    """A parsed form. Fields that were sent empty count as not sent, as the service's framework has it."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, FilePart] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        return self.fields.get(name) or None

    def summary(self) -> dict[str, Any]:
        """Describe the form for the request log."""
        described = {
            name: {"filename": part.filename, "sha256": part.blob.sha256, "size": part.blob.size}
            for name, part in self.files.items()
        }
        return {**self.fields, **described}

    def drop_files_but(self, name: str) -> None:
        """Forget the file parts that nobody asked for."""
        for other in self.files.keys() - {name}:
            self.files.pop(other).blob.path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove what nobody adopted."""
        for part in self.files.values():
            part.blob.path.unlink(missing_ok=True)


def read_upload(stream: IO[bytes], content_type: str, blobs: BlobStore, max_bytes: int) -> Upload:
    """Parse a multipart body to its end. Raises Refusal 413 or 422, leaving no file behind."""
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise invalid(["body"], "Expected multipart/form-data with a boundary", "missing")
    writers: list[BlobWriter] = []

    def container(*_: Any, **__: Any) -> IO[bytes]:
        writers.append(blobs.writer(max_bytes))
        return cast(IO[bytes], writers[-1])

    parser = MultiPartParser(container, max_form_memory_size=MAX_TEXT_BYTES, buffer_size=BUFFER_BYTES)
    try:
        form, files = parser.parse(stream, boundary.encode("ascii", "replace"), None)
        upload = Upload({name: texts[0] for name, texts in form.lists()})
        for name, part in files.items():
            writer = cast(BlobWriter, part.stream)
            upload.files[name] = FilePart(part.filename or "", part.content_type, writer.finish())
        kept = {part.blob.path for part in upload.files.values()}
    except (ValueError, RequestEntityTooLarge) as broken:
        _discard(writers, set())
        raise invalid(["body"], f"There was an error parsing the body: {broken}") from broken
    except BaseException:
        _discard(writers, set())
        raise
    _discard(writers, kept)
    return upload


def _discard(writers: list[BlobWriter], kept: set[Any]) -> None:
    for writer in writers:
        if writer.path not in kept:
            writer.discard()

"""Request bodies: JSON in memory, and multipart forms that stream a file."""

from __future__ import annotations

import json
import mimetypes
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, BinaryIO, Protocol

from llamasync.api.errors import Refused
from llamasync.core.secret import Secret

CHUNK_BYTES = 256 * 1024
_ESCAPES = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


class BodyBroken(Exception):
    """The body could not be sent to its end, for a reason on this side."""


class Body(Protocol):
    """A body that can be sent once. `broken` is set when it ended early, so that the service cannot have taken it."""

    content_type: str
    size_bytes: int
    broken: Refused | None

    def chunks(self) -> Iterator[bytes]:
        """Iterate over the bytes. Raises BodyBroken."""
        ...


class JsonBody:
    """A JSON document. Here, and nowhere before, a Secret in it becomes its text; `secrets` are those."""

    __slots__ = ("_text", "broken", "secrets", "size_bytes")
    content_type = "application/json"

    def __init__(self, value: Any) -> None:
        self.secrets: list[Secret] = []
        self._text = json.dumps(value, separators=(",", ":"), allow_nan=False, default=self._reveal).encode()
        self.size_bytes = len(self._text)
        self.broken: Refused | None = None

    def _reveal(self, value: Any) -> str:
        if not isinstance(value, Secret):
            raise TypeError(f"{type(value).__name__} is not JSON")
        self.secrets.append(value)
        return value.reveal()

    def chunks(self) -> Iterator[bytes]:
        yield self._text


class FormBody:
    """A multipart form with one file, read while it is sent: memory stays flat whatever its size.

    `progress` is told how many bytes of the file have been sent so far, unless it goes in one piece. A file that turns
    out longer or shorter than `file_bytes` breaks the body off before its end (LS211).
    """

    def __init__(
        self,
        fields: Mapping[str, str],
        file_part: str,
        filename: str,
        open_file: Callable[[], BinaryIO],
        file_bytes: int,
        progress: Callable[[int], None] | None = None,
        boundary: str = "",
    ) -> None:
        boundary = boundary or _boundary()
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._head = b"".join(_field(boundary, name, value) for name, value in fields.items())
        self._head += _file_head(boundary, file_part, filename)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.size_bytes = len(self._head) + file_bytes + len(self._tail)
        self.broken: Refused | None = None
        self._open_file = open_file
        self._file_bytes = file_bytes
        self._progress = progress if file_bytes > CHUNK_BYTES else None
        self._filename = filename

    def chunks(self) -> Iterator[bytes]:
        if self.size_bytes <= CHUNK_BYTES:  # in one piece: a third of the system calls for a small file
            yield b"".join(self._pieces())
        else:
            yield from self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        yield self._head
        try:
            yield from self._file_chunks()
        except OSError as problem:
            raise self._break("LS206", f"{self._filename}: {problem.strerror or problem}") from problem
        yield self._tail

    def _file_chunks(self) -> Iterator[bytes]:
        left = self._file_bytes
        with self._open_file() as file:
            while left:
                chunk = file.read(min(CHUNK_BYTES, left))
                if not chunk:
                    raise self._break("LS211", f"{self._filename} became shorter while it was sent")
                left -= len(chunk)
                yield chunk
                if self._progress is not None:
                    self._progress(self._file_bytes - left)
            if file.read(1):
                raise self._break("LS211", f"{self._filename} became longer while it was sent")

    def _break(self, code: str, detail: str) -> BodyBroken:
        self.broken = Refused(detail, code=code)
        return BodyBroken(detail)


@cache
def _boundary() -> str:
    """Return what parts forms in this process: one that no document can know of. Servers that search by pattern make
    theirs once for all uploads then."""
    return secrets.token_hex(16)


def _field(boundary: str, name: str, value: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name.translate(_ESCAPES)}"\r\n\r\n'
    return f"{head}{value}\r\n".encode()


@lru_cache
def _type_by_ending(ending: str) -> str:
    return mimetypes.guess_type(f"file.{ending}")[0] or "application/octet-stream"


def _file_head(boundary: str, name: str, filename: str) -> bytes:
    content_type = _type_by_ending(".".join(filename.rsplit(".", 2)[1:]))
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name.translate(_ESCAPES)}"; '
        f'filename="{filename.translate(_ESCAPES)}"\r\nContent-Type: {content_type}\r\n\r\n'
    ).encode()

"""The stages of a request that need no state: its body read and checked, a fault turned into an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from llamasync.emulator.blobs import BlobStore
from llamasync.emulator.calls import Reply, error_reply
from llamasync.emulator.contract import Operation
from llamasync.emulator.errors import ConnectionCut, Refusal, invalid
from llamasync.emulator.faults import Fault
from llamasync.emulator.incoming import Incoming
from llamasync.emulator.uploads import Upload, read_upload
from llamasync.emulator.validation import body_validator

MULTIPART = "multipart/form-data"
HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that fits the contract."""

    operation: Operation
    parameters: dict[str, Any]
    body: Any
    upload: Upload | None


def read_body(
    request: Incoming, operation: Operation, blobs: BlobStore, max_file_bytes: int
) -> tuple[Any, Upload | None]:
    """Read the body that the operation takes, if any, unchecked. Raises Refusal 413 or 422."""
    if operation.body_schema is None:
        return None, None
    if operation.body_type == MULTIPART:
        return None, read_upload(request.stream, request.content_type, blobs, max_file_bytes)
    return request.json(required=operation.body_required), None


def check_body(operation: Operation, dialect: str, body: Any, upload: Upload | None) -> None:
    """Check a body against the contract. Raises Refusal 422."""
    if upload is not None:
        _check_form(operation, upload)
        body = {**upload.fields, **dict.fromkeys(upload.files, "")}
    if body is not None or operation.body_required:
        body_validator(dialect, operation.key).check(body, ["body"])


def _check_form(operation: Operation, upload: Upload) -> None:
    """Refuse a file that was sent as text, and a text that was sent as a file; ignore other files."""
    wanted = "upload_file" if "upload_file" in operation.body_fields else "file"
    if wanted in upload.fields:
        raise invalid(["body", wanted], "Expected a file, with a file name", "value_error")
    for name in upload.files:
        if name != wanted and name in operation.body_fields:
            raise invalid(["body", name], "Input should be a valid string", "string_type")
    upload.drop_files_but(wanted)


def halved(reply: Reply) -> Reply:
    """Promise the whole answer, send half of it, then raise ConnectionCut."""
    payload = reply.text.encode()
    length = reply.length if reply.stream is not None else len(payload)

    def chunks() -> Iterator[bytes]:
        left = length // 2
        for chunk in reply.stream if reply.stream is not None else (payload,):
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                break
        raise ConnectionCut("cut during the answer")

    return replace(reply, stream=chunks(), length=length)


def struck(fault: Fault, reply: Reply | None = None) -> Reply:
    """Answer as a fault says, instead of the reply made. Raises ConnectionCut when it cuts before anything is sent."""
    if fault.when == "during" and fault.cut and reply is not None:
        return halved(reply)
    if fault.cut or fault.status is None:
        raise ConnectionCut(f"cut {fault.when} the request took effect")
    headers = () if fault.retry_after is None else (("Retry-After", fault.retry_after),)
    if fault.status in (204, 304) or fault.body == "empty":
        return Reply(fault.status, "", headers)
    if fault.body == "html":
        return Reply(fault.status, HTML.format(f"{fault.status} Service"), headers, "text/html")
    return error_reply(Refusal(fault.status, f"injected {fault.status}", headers))

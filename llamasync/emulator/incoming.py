"""A WSGI environ read as a request: path, query, key, body. Raises Refusal for what cannot be read."""

from __future__ import annotations

import io
import json
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import parse_qsl

from werkzeug.wsgi import get_input_stream

from llamasync.emulator.errors import Refusal, invalid

CHUNK_BYTES = 64 * 1024
Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it arrived; its body is not read yet."""

    environ: Environ
    method: str
    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def base_url(self) -> str:
        """Return where the client believes to be talking to, without a path."""
        host = self.header("host") or f"{self.environ['SERVER_NAME']}:{self.environ['SERVER_PORT']}"
        return f"{self.environ['wsgi.url_scheme']}://{host}"

    def header(self, name: str) -> str | None:
        value = self.environ.get("HTTP_" + name.upper().replace("-", "_"))
        return None if value is None else str(value)

    @property
    def content_type(self) -> str:
        return str(self.environ.get("CONTENT_TYPE") or "")

    @property
    def stream(self) -> IO[bytes]:
        raw = self.environ["wsgi.input"]
        if isinstance(raw, io.BytesIO):
            return raw
        return get_input_stream(self.environ)

    def api_key(self) -> str | None:
        """Return the bearer key, or None when there is none that is not empty."""
        kind, _, key = (self.header("authorization") or "").partition(" ")
        return key.strip() or None if kind.lower() == "bearer" else None

    def json(self, *, required: bool) -> Any:
        """Read the body as JSON; no body is None. Raises Refusal 422."""
        text = b"".join(iter(lambda: self.stream.read(CHUNK_BYTES), b""))
        if not text:
            if required:
                raise invalid(["body"], "Field required", "missing")
            return None
        if self.content_type and "json" not in self.content_type.lower():
            raise invalid(["body"], "Input should be a valid dictionary", "model_attributes_type")
        return parse_json(text)

    def peek_json(self) -> Any:
        """Return what a JSON body says, for the log of a request that a fault answers; else None. Never refuses."""
        try:
            return self.json(required=False) if "json" in self.content_type.lower() else None
        except Refusal:
            return None


def read_environ(environ: Environ) -> Incoming:
    """Never raises; bytes that are no UTF-8 are replaced."""
    path = str(environ.get("PATH_INFO") or "/")
    with suppress(UnicodeEncodeError):
        path = path.encode("latin-1").decode("utf-8", "replace")
    try:
        query = parse_qsl(str(environ.get("QUERY_STRING") or ""), keep_blank_values=True, errors="replace")
    except ValueError:
        query = []
    return Incoming(environ, str(environ["REQUEST_METHOD"]).upper(), path, tuple(query))


def parse_json(text: bytes) -> Any:
    """Read JSON strictly: no NaN, no infinite numbers, no halves of surrogate pairs. Raises Refusal 422."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if b"\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as broken:
        at = getattr(broken, "pos", 0)
        raise Refusal(
            422, [{"loc": ["body", at], "msg": f"JSON decode error: {broken}", "type": "json_invalid"}]
        ) from None
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is out of range")
    return number

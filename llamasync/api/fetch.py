"""Fetching what file manifests name by address: https:// as a stream, s3:// through obstore where it is installed."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from llamasync.api.errors import ApiError
from llamasync.api.retry import Patience
from llamasync.core.clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from llamasync.api.wire import Transport

MAX_BYTES = 512 * 1024 * 1024  # what the service takes
CODE = "LS212"


def fetch(
    url: str,
    destination: Path,
    *,
    transport: Transport | None = None,
    clock: Clock = SYSTEM_CLOCK,
    max_bytes: int = MAX_BYTES,
) -> int:
    """Bring the bytes behind `url` to `destination`, whole or not at all, and return their number.

    Redirects are followed, the API key is never sent; for s3:// the usual AWS_* variables hold. Raises ApiError with
    code LS212 (LS205 when it is larger than `max_bytes`); OSError when `destination` cannot be written.
    """
    scheme = urlsplit(url).scheme
    if scheme == "s3":
        return _save(_from_s3(url), destination, url, max_bytes)
    if scheme not in ("http", "https"):
        raise _error(url, "only https:// and s3:// addresses can be fetched")
    from llamasync.api.download import Downloads
    from llamasync.api.wire import Timeouts

    downloads = Downloads(
        transport=transport,
        timeouts=Timeouts(),
        clock=clock,
        random=Random(),
        patience=Patience(),
        code=CODE,
        allow_http=False,
    )
    try:
        return _save(downloads.stream(url), destination, url, max_bytes)
    finally:
        if transport is None:
            downloads.close()


def _save(chunks: Iterable[bytes], destination: Path, url: str, max_bytes: int) -> int:
    part = destination.with_name(f"{destination.name}.{os.getpid()}.part")
    size_bytes = 0
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                size_bytes += len(chunk)
                if size_bytes > max_bytes:
                    raise _error(url, f"it is larger than {max_bytes} bytes", "LS205")
                file.write(chunk)
        part.replace(destination)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    return size_bytes


def _from_s3(url: str) -> Iterable[bytes]:
    parts = urlsplit(url)
    key = unquote(parts.path.lstrip("/"))
    if not parts.netloc or not key:
        raise _error(url, "write it as s3://BUCKET/KEY")
    try:
        obstore = importlib.import_module("obstore")
        stores = importlib.import_module("obstore.store")
    except ImportError as missing:
        hint = "pip install 'llamasync[s3]'"
        raise ApiError("s3:// needs the library obstore", method="GET", path=url, code=CODE, hint=hint) from missing
    try:
        store = stores.from_url(f"s3://{parts.netloc}")
        for chunk in obstore.get(store, key).stream(min_chunk_size=1024 * 1024):
            yield bytes(chunk)
    except Exception as error:  # obstore's errors share no base that all of its versions have
        raise _error(url, _first_line(error)) from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _error(url: str, detail: str, code: str = CODE) -> ApiError:
    from llamasync.api.download import without_secrets

    return ApiError(detail, method="GET", path=without_secrets(url), code=code)

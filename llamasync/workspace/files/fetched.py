"""Content from a URL: fetched when the plan is made, and kept by its SHA-256 in `.llamasync/fetched`."""

from __future__ import annotations

import os
import posixpath
import re
import uuid
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from llamasync.api.errors import ApiError
from llamasync.workspace.desired import Content
from llamasync.workspace.files.cache import FOLDER
from llamasync.workspace.files.hashing import hash_file
from llamasync.workspace.files.model import Fetch
from llamasync.workspace.files.report import Report
from llamasync.workspace.files.values import size_problem

_ADDRESS = re.compile("(https|s3)://[^/]")


def fetch_content(url: str, filename: str, report: Report, fetch: Fetch | None) -> Content | None:
    """Fetch the bytes of `url`. None, and a problem (LS204, LS205, LS212), when they cannot be had.

    Without `fetch` only the address is checked, and None returned.
    """
    shown = shown_url(url)
    if not _ADDRESS.match(shown):
        report.add("LS212", f"{shown} is not an https:// or s3:// address")
        return None
    if fetch is None:
        return None
    folder = Path(report.root, FOLDER, "fetched")
    part = folder / f".part-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fetch(url, part)
        stat = part.stat()
        if wrong := size_problem(stat.st_size):
            report.add(wrong[0], f"{shown} {wrong[1]}")
            return None
        sha256 = hash_file(str(part), stat)
        kept = folder / sha256
        os.replace(part, kept)
    except ApiError as error:
        code = error.code if error.code in ("LS205", "LS212") else "LS212"
        report.add(code, str(error), hint=error.hint)
        return None
    except (OSError, ValueError) as error:
        report.add("LS212", f"{shown}: {error}")
        return None
    finally:
        with suppress(OSError):  # also where the folder could not be made
            part.unlink()
    return Content(sha256, stat.st_size, filename, str(kept))


def shown_url(url: str) -> str:
    """Return the address as it may be shown: user, password, query and fragment can hold secrets, so they are left out.

    >>> shown_url("https://me:secret@example.org/a.pdf?token=secret")
    'https://example.org/a.pdf?...'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" + ("?..." if parts.query else "")


def last_part(url: str) -> str:
    """Return the file name in the address, "" when it has none. Never raises.

    >>> last_part("s3://bucket/a%20b.pdf?versionId=3"), last_part("https://example.org/")
    ('a b.pdf', '')
    """
    try:
        return unquote(posixpath.basename(urlsplit(url).path))
    except ValueError:
        return ""

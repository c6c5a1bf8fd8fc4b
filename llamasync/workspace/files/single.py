"""A File's path, inline text or URL becomes one Desired."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
from typing import Any
from unicodedata import normalize

from llamasync.kinds.file import FileSpec
from llamasync.workspace.desired import Content, Desired
from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.fetched import fetch_content, last_part
from llamasync.workspace.files.model import Fetch, FileManifest
from llamasync.workspace.files.naming import read_naming, report_empty_name
from llamasync.workspace.files.places import find_source, folder_inside, is_inside, is_text
from llamasync.workspace.files.report import Report, readable
from llamasync.workspace.files.scan import SIDECAR, Found
from llamasync.workspace.files.values import find_values, size_problem


def read_single(
    manifest: FileManifest, spec: FileSpec, report: Report, cache: FileCache | None, fetch: Fetch | None
) -> tuple[Desired, ...]:
    """Return the Desired of the file; none when there are problems.

    Templates see the path as written, for a URL its last part, and else metadata.name.
    Without `fetch` a URL is not asked for its bytes: the Desired then has no content, and is good for checks only.
    """
    before = len(report.problems)
    given = _path_of(spec)
    path = given or manifest.address.name
    name = posixpath.basename(path)
    default_id = manifest.address.name if spec.path is None else path
    default_name = _literal(name) if given else None
    naming = read_naming(spec, spec.unique_id or _literal(default_id), spec.display_name or default_name, report)
    unique_id = naming.unique_id.expand(path, name)
    if not is_text(unique_id):
        report.add("LS213", f"{readable(unique_id)} is not UTF-8")
    elif not (unique_id and naming.display_name.expand(path, name)):
        report_empty_name(report, unique_id)
    content: Content | None = None
    more: dict[str, Any] = {}
    if spec.path is not None:
        content, more = _read_path(spec.path, report, cache)
    elif spec.content is not None:
        content = _read_text(spec.content, unique_id, report)
    elif spec.url is not None:
        content = fetch_content(spec.url, name or posixpath.basename(unique_id), report, fetch)
    if len(report.problems) > before:
        return ()
    return (
        Desired(
            address=manifest.address,
            kind=manifest.kind,
            fields=naming.fields(unique_id, path, name, content.sha256 if content else "", more),
            key=(unique_id,),
            source=manifest.place(report.where),
            parent=manifest.parent,
            content=content,
            needs=manifest.needs,
            lifecycle=manifest.lifecycle,
            labels=manifest.labels,
        ),
    )


_DOCUMENT = "#document"


def origin(spec: FileSpec) -> str:
    """Return the field that says where the bytes are: `path`, `content` or `url`; "" unless there is exactly one."""
    given = [name for name in ("path", "content", "url") if getattr(spec, name) is not None]
    return given[0] if len(given) == 1 else ""


def _path_of(spec: FileSpec) -> str:
    """Return the path that templates see: as written, for a URL its last part, "" for inline text."""
    if spec.path is not None:
        return normalize("NFC", spec.path)
    return last_part(spec.url) if spec.url is not None else ""


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _read_path(written: str, report: Report, cache: FileCache | None) -> tuple[Content | None, dict[str, Any]]:
    """Return the content of the file, and the metadata of its sidecar."""
    real = find_source(written, report, folder=False)
    if real is None:
        return None, {}
    folder = folder_inside(os.path.dirname(real), report)
    name, beside = os.path.basename(real), os.path.realpath(real + SIDECAR)
    try:
        # Of a document that is called as sidecars are, the name alone would say that it is one, also in the cache.
        itself = name + _DOCUMENT if name.endswith(SIDECAR) else name
        found = [Found(itself, itself, real, os.stat(real))]
        if os.path.isfile(beside):
            if not is_inside(beside, report.root):
                report.add("LS210", f"{report.shown(real + SIDECAR)} leads out of the workspace")
                return None, {}
            found.append(Found(name + SIDECAR, name + SIDECAR, beside, os.stat(beside)))
    except OSError as error:
        report.add("LS206", f"{report.shown(real)}: {error.strerror or error}")
        return None, {}
    known = [row for file in found if cache and (row := cache.row(folder + file.path))]
    rows = iter([(row[0].removeprefix(folder), *row[1:]) for row in known])
    (*_, size_bytes, sha256), *sidecar = find_values(found, rows, folder, cache, report)
    if not sha256:
        return None, {}
    content = Content(sha256, size_bytes, normalize("NFC", posixpath.basename(written)), real)
    return content, json.loads(sidecar[0][4] or "{}") if sidecar else {}


def _read_text(text: str, unique_id: str, report: Report) -> Content | None:
    if not is_text(text):
        report.add("LS213", "the text holds half of a surrogate pair, which UTF-8 cannot")
        return None
    inline = text.encode()
    if wrong := size_problem(len(inline)):
        report.add(wrong[0], f"the text {wrong[1]}")
        return None
    filename = posixpath.basename(unique_id)
    if not posixpath.splitext(filename)[1]:
        filename += ".txt"
    return Content(hashlib.sha256(inline).hexdigest(), len(inline), filename, inline=inline)

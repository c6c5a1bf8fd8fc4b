"""Sidecars: `<file>.meta.yaml`, a map of metadata added over the manifest's own. Its texts are no templates."""

from __future__ import annotations

import os
from pathlib import Path

from llamasync.core.digest import canonical_json
from llamasync.workspace.files.hashing import FileChanged, signature
from llamasync.workspace.files.metadata import find_wrong
from llamasync.workspace.files.report import Report
from llamasync.workspace.files.scan import SIDECAR, Found


def read_sidecar(file: Found, report: Report) -> str:
    """Return the metadata as JSON text; "", and problems at their place in the sidecar, when something in it is wrong.

    An empty sidecar is `{}`. Raises OSError when it cannot be read, FileChanged when it changed meanwhile.
    """
    from llamasync.manifest.read import read_documents

    item = file.path.removesuffix(SIDECAR)  # of the document, whose metadata it is
    documents, problems = read_documents(Path(file.absolute), report.shown(file.absolute))
    if signature(os.stat(file.absolute)) != signature(file.stat):
        raise FileChanged
    if problems:
        report.problems.extend(problems)
        return ""
    if len(documents) > 1:
        report.add("LS207", "a sidecar holds one document", source=documents[1].place(), item=item)
        return ""
    data = documents[0].data if documents else None
    if data is None:
        return "{}"
    if not isinstance(data, dict):
        report.add("LS207", "a sidecar is a map of keys to values", source=documents[0].place(), item=item)
        return ""
    wrong = list(find_wrong(data))
    for path, detail in wrong:
        report.add("LS207", detail, source=documents[0].place(path), where=("spec", "metadata", *path), item=item)
    return "" if wrong else canonical_json(data)

"""An export becomes the files of a workspace."""

from __future__ import annotations

from llamasync.export.disk import Disk
from llamasync.export.export import MANIFESTS, Export
from llamasync.manifest.envelope import API_VERSION
from llamasync.manifest.settings import FILE_NAME, KIND
from llamasync.manifest.write import render_documents

IGNORED = ".gitignore"


def save(export: Export, disk: Disk, header: list[str]) -> list[str]:
    """Write the manifests and sidecars of an export, and settings where there are none; return notes for people.

    `header` are comment lines for the top of each file. Raises DiagnosticError: LS605 when a file is there that says
    something else (then no manifest is written), LS606 when one cannot be written.
    """
    texts = dict(export.sidecars)
    for path, documents in export.sheets.items():
        texts[path] = render_documents(documents, [*header, *export.remarks(path)])
    notes = []
    for path, text in {FILE_NAME: _settings(export, header), IGNORED: ".llamasync/\n"}.items():
        there = disk.root / path
        if not there.exists():
            texts[path] = text
        elif path == FILE_NAME and there.read_bytes() != text.encode():
            notes.append(f"{there} was there before and is left alone; see that its manifests include {MANIFESTS}/.\n")
    disk.make_folder(MANIFESTS)
    disk.put_texts(texts)
    return notes


def _settings(export: Export, header: list[str]) -> str:
    document = {"apiVersion": API_VERSION, "kind": KIND, "spec": {"manifests": [f"{MANIFESTS}/"]}}
    return render_documents([document], header) + f"  # project: {export.project.id}\n"

"""Workspaces of a given shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE_ITEMS = 1000
_SETTINGS = """\
apiVersion: llamasync/v1
kind: Workspace
spec:
  # As if without the service's limit of uploads: what is measured is llamasync, not waiting.
  limits: {uploadsPer5s: 1000000}
"""
_DIRECTORY = """\
apiVersion: llamasync/v1
kind: Directory
metadata: {{name: directory-{number:05}}}
spec: {{description: The contracts of the year {number}.}}
"""
_FILE_SET = """\
apiVersion: llamasync/v1
kind: FileSet
metadata: {{name: files-{number:05}}}
spec: {{directory: directory-{number:05}, source: documents/{number:05}}}
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """So many directories, each with so many files."""

    directories: int
    files_each: int = 0

    def __str__(self) -> str:
        directories = f"{self.directories:,} director{'y' if self.directories == 1 else 'ies'}"
        if not self.files_each:
            return directories
        files = f"{self.files_each:,} file{'' if self.files_each == 1 else 's'}"
        return f"{directories} with {files}" + (" each" if self.directories > 1 else "")

    @property
    def objects(self) -> int:
        """How many objects that is."""
        return self.directories * (1 + self.files_each)

    @property
    def pages(self) -> int:
        """How many pages list them."""
        pages_each = -(-self.files_each // PAGE_ITEMS)
        return -(-self.directories // PAGE_ITEMS) + self.directories * pages_each


def make_workspace(root: Path, shape: Shape) -> Path:
    """Write the manifests and files; return the folder."""
    root.mkdir(parents=True)
    (root / "llamasync.yaml").write_text(_SETTINGS)
    (root / "manifests.yaml").write_text("---\n".join(_documents(shape)))
    for directory in range(shape.directories if shape.files_each else 0):
        folder = root / "documents" / f"{directory:05}"
        folder.mkdir(parents=True)
        for number in range(shape.files_each):
            (folder / f"document-{number:05}.txt").write_text(f"Document {number} of {directory}.\n")
    return root


def _documents(shape: Shape) -> Iterator[str]:
    for number in range(shape.directories):
        yield _DIRECTORY.format(number=number)
        if shape.files_each:
            yield _FILE_SET.format(number=number)

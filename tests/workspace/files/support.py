"""What the tests of files share: a workspace to write in, and a manifest over it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.file import FileSpec
from llamasync.kinds.file_set import FileSetSpec
from llamasync.workspace.desired import Desired
from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.model import Fetch, FileManifest
from llamasync.workspace.files.read import read_files

PARENT = Reference("Directory", Address("Directory", "contracts"))


def place(path: tuple[str | int, ...]) -> Source:
    """A place from which the path can be told."""
    return Source("manifests/m.yaml:" + ".".join(map(str, path)), 1, 1)


@dataclass
class Workspace:
    """A workspace in `root`, with the problems of the last reading."""

    root: Path
    problems: list[Diagnostic] = field(default_factory=list)

    def write(self, path: str, content: str | bytes = "text") -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def manifest(self, spec: FileSetSpec | FileSpec, **more: Any) -> FileManifest:
        kind = "FileSet" if isinstance(spec, FileSetSpec) else "File"
        values = {"folder": self.root, "root": self.root, "place": place, "parent": PARENT, **more}
        return FileManifest(address=Address(kind, "it"), kind=kind, spec=spec, **values)

    def read(
        self,
        spec: FileSetSpec | FileSpec,
        *,
        cache: FileCache | None = None,
        fetch: Fetch | None = None,
        **more: Any,
    ) -> tuple[Desired, ...]:
        self.problems = []
        return read_files(self.manifest(spec, **more), self.problems, cache, fetch)

    def read_set(self, cache: FileCache | None = None, **spec: Any) -> tuple[Desired, ...]:
        """Read a FileSet over `docs`."""
        return self.read(FileSetSpec(**{"directory": "contracts", "source": "docs", **spec}), cache=cache)

    def paths(self, **spec: Any) -> list[str]:
        return [found.address.item for found in self.read_set(**spec)]

    def read_file(self, fetch: Fetch | None = None, cache: FileCache | None = None, **spec: Any) -> Desired | None:
        """Read a File; None when there is none."""
        found = self.read(FileSpec(directory="contracts", **spec), fetch=fetch, cache=cache)
        return found[0] if found else None

    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    def settled_cache(self) -> FileCache:
        """A cache whose clock is ten seconds ahead, so that files just written count as settled."""
        return FileCache(self.root, now_ns=lambda: time.time_ns() + 10_000_000_000)

    def live_cache(self) -> FileCache:
        """A cache with the real clock."""
        return FileCache(self.root)

    def only_problem(self) -> Diagnostic:
        assert len(self.problems) == 1, self.problems
        return self.problems[0]

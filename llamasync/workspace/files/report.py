"""Report: turns what is wrong with a file into a Diagnostic with the manifest's place, the address and a fix."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import Protocol

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.manifest.document import field_text

SOURCE = ("spec", "source")
FILE = ("spec", "path")  # of a manifest that is one file, and has none inside


def readable(path: str) -> str:
    r"""Return `path` as text that can be printed, bytes that are not UTF-8 as escapes.

    >>> print(readable("caf\udce9.pdf"))
    caf\xe9.pdf
    """
    try:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a lone surrogate, from an escape in the manifest
        return path.encode("utf-8", "backslashreplace").decode()


class Reported(Protocol):
    """What problems are told of: a manifest that names files, as `FileManifest` is one."""

    @property
    def address(self) -> Address: ...
    @property
    def folder(self) -> Path: ...
    @property
    def root(self) -> Path: ...
    @property
    def place(self) -> Callable[..., Source]: ...


@lean_dataclass(frozen=True, slots=True)
class Report:
    """Collects the problems of one manifest. `where` is the field that names its files (`spec.source`, `spec.path`).

    `root` is the workspace's root with no symbolic links in it.
    """

    manifest: Reported
    problems: list[Diagnostic]
    where: tuple[str | int, ...] = SOURCE
    root: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", os.path.realpath(self.manifest.root))

    def add(
        self,
        code: str,
        detail: str,
        *,
        item: str = "",
        where: tuple[str | int, ...] | None = None,
        source: Source | None = None,
        hint: str = "",
    ) -> None:
        """Add a problem. `item`: the file's path inside the set; `source`: its place, when that is not the manifest."""
        where = self.where if where is None else where
        address = self.manifest.address
        self.problems.append(
            Diagnostic(
                code,
                detail,
                source=source or self.manifest.place(where),
                address=address._replace(item=readable(item)) if item and self.where != FILE else address,
                field=field_text(where),
                hint=hint,
            )
        )

    def shown(self, path: str) -> str:
        """Return the absolute `path` as people are shown it: relative to the workspace, with `/`."""
        return readable(os.path.relpath(path, self.root).replace(os.sep, "/"))

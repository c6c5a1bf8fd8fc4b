"""Workspace: everything that was read, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.manifest.manifest import Manifest
from llamasync.manifest.settings import Settings
from llamasync.workspace.desired import DesiredState


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace as its files are now.

    `manifests` are all that are valid. `selected` is None, or the addresses of those in the paths that were asked for:
    `desired` then holds these only, although they may need others. With errors in `diagnostics` (sorted; those of files
    that were not asked for left out) `desired` is incomplete and must not be planned with.
    """

    root: Path
    settings: Settings = field(default_factory=Settings)
    manifests: Mapping[Address, Manifest] = field(default_factory=dict)
    selected: frozenset[Address] | None = None
    desired: DesiredState = field(default_factory=DesiredState)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def environment(self) -> str | None:
        """The environment that was chosen."""
        return self.settings.environment

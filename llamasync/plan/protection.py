"""Whether a manifest protects its object."""

from __future__ import annotations

from collections.abc import Mapping

from llamasync.kinds.facts import Kind
from llamasync.workspace.desired import Desired, FileGroup


def is_protected(desired: Desired | FileGroup, kinds: Mapping[str, Kind]) -> bool:
    """Say whether the manifest protects its object, or its kind does unless told otherwise."""
    wanted = desired.lifecycle.protect
    return kinds[desired.kind].protect if wanted is None else wanted

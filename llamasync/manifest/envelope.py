"""The envelope of every manifest: what surrounds its spec. The docstrings become the schema and the docs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG

API_VERSION = "llamasync/v1"
NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
_NAME = re.compile(NAME_PATTERN[:-1] + r"\Z")


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What names and labels a manifest."""

    __pydantic_config__ = FORM_CONFIG

    name: str
    """The manifest's name; its address is `Kind/name`. Letters, digits, `.`, `_` and `-`."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Texts to select manifests by: `-l team=legal`."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleForm:
    """How the objects of a manifest are treated."""

    __pydantic_config__ = FORM_CONFIG

    protect: bool | None = None
    """Refuse a plan that deletes or replaces it, even once this manifest is gone (default: the kind's)."""
    ignore_changes: tuple[str, ...] = ()
    """Paths of fields that are left to others, such as `spec.metadata.team`."""
    on_remove: Literal["delete", "forget"] = "delete"
    """What becomes of the object when the manifest goes away."""


def is_name(text: Any) -> bool:
    """Say whether `text` can be the name of a manifest.

    >>> is_name("contracts-2024.pdf"), is_name("a/b"), is_name("")
    (True, False, False)
    """
    return isinstance(text, str) and _NAME.match(text) is not None

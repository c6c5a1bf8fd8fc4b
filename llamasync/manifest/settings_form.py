"""What `llamasync.yaml` can say, as it is written: the source of its schema and docs, not imported at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from annotated_types import MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.manifest.settings import Estimate, Guards, Limits, Move


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSpec:
    """What one environment has of its own."""

    __pydantic_config__ = FORM_CONFIG

    project: Annotated[str, MinLen(1)] | None = None
    """The id of the project."""
    state: Annotated[str, MinLen(1)] | None = None
    """Where state is kept."""
    vars: Mapping[str, Any] = field(default_factory=dict)
    """Variables, over those of the workspace."""
    overlays: tuple[Annotated[str, MinLen(1)], ...] = ()
    """Folders of partial manifests, merged over those with the same address, in this order."""
    guards: Guards = field(default_factory=Guards)
    """Limits, over those of the workspace."""
    limits: Limits = field(default_factory=Limits)
    """Speeds, over those of the workspace."""
    estimate: Estimate = field(default_factory=Estimate)
    """What costs are reckoned with, over that of the workspace, entry by entry."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSpec:
    """The settings of a workspace, in `llamasync.yaml` at its root."""

    __pydantic_config__ = FORM_CONFIG

    project: Annotated[str, MinLen(1)] | None = None
    """The id of the project (default: LLAMA_CLOUD_PROJECT_ID, else the key's default project)."""
    manifests: tuple[Annotated[str, MinLen(1)], ...] | None = None
    """Files and folders of manifests (default: every .yaml and .yml, but for hidden folders and file sets' sources)."""
    state: Annotated[str, MinLen(1)] | None = None
    """Where state is kept: `sqlite` (default), `sqlite:PATH`, `agent-data`, `s3://...`, `postgresql://...`."""
    vars: Mapping[str, Any] = field(default_factory=dict)
    """Variables: `${var:NAME}` in a manifest. A text that is nothing but one takes over the variable's type."""
    guards: Guards = field(default_factory=Guards)
    """Limits of what one run may do."""
    limits: Limits = field(default_factory=Limits)
    """How fast the service may be spoken to."""
    estimate: Estimate = field(default_factory=Estimate)
    """What plans reckon with when they say what they cost."""
    environments: Mapping[str, EnvironmentSpec] = field(default_factory=dict)
    """What differs in each environment: `llamasync -e prod`."""
    moved: tuple[Move, ...] = ()
    """Manifests that have another address now."""

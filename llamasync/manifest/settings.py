"""Settings of a workspace: the one document of `llamasync.yaml`, with the chosen environment laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.core.source import Source
from llamasync.manifest.document import Document

FILE_NAME = "llamasync.yaml"
KIND = "Workspace"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Limits of what one run may do. `null` means no limit."""

    __pydantic_config__ = FORM_CONFIG

    max_delete_share: Annotated[float, Ge(0), Le(1)] | None = 0.3
    """The share of the managed objects that may be deleted at once, as soon as ten are managed."""
    max_deletes: Annotated[int, Ge(0)] | None = None
    """How many objects may be deleted at once."""
    max_pages: Annotated[int, Ge(0)] | None = None
    """How many pages may have to be processed again."""
    max_credits: Annotated[float, Ge(0)] | None = None
    """How many credits that may cost."""


Product = Literal["parse", "extract", "classify", "split", "spreadsheet", "index"]


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What plans reckon with when they say what they cost. Whatever is not said is as docs/estimate.md has it."""

    __pydantic_config__ = FORM_CONFIG

    credits_per_page: Mapping[Product, Mapping[str, Annotated[float, Ge(0)]]] = field(default_factory=dict)
    """Credits by product and tier: `{parse: {agentic: 10}}`. The tier `any` holds for all that are not named."""
    assumed_tiers: Mapping[Product, str] = field(default_factory=dict)
    """The tier that is reckoned with where none is named, by product: `{parse: agentic}`."""
    pages_per: Mapping[Literal["slide", "sheet", "image"], Annotated[float, Ge(0)]] = field(default_factory=dict)
    """How many pages each of these counts as (default: 1)."""
    characters_per_page: Annotated[int, Ge(1)] | None = None
    """How many characters of a text that has no pages count as one (default: 3000)."""
    price_per_1000_credits: Annotated[float, Ge(0)] | None = None
    """What 1,000 credits cost (default: no price is shown)."""
    currency: str = "USD"
    """The currency of that price."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast the service is spoken to."""

    __pydantic_config__ = FORM_CONFIG

    requests_in_flight: Annotated[int, Ge(1)] = 16
    """How many requests may be under way at once."""
    uploads_per_5s: Annotated[float, Gt(0)] = 50
    """How many uploads may start in five seconds; the service takes 50 a project."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A manifest that has another address now: its live objects are carried over."""

    __pydantic_config__ = FORM_CONFIG

    from_: str
    """The old address, `Kind/name`."""
    to: str
    """The new address."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that hold for one run. None means that nothing was said. `document` is None without a file."""

    project: str | None = None
    manifests: tuple[str, ...] | None = None
    state: str | None = None
    vars: Mapping[str, Any] = field(default_factory=dict)
    overlays: tuple[str, ...] = ()
    guards: Guards = Guards()
    limits: Limits = Limits()
    estimate: Estimate = Estimate()
    moved: tuple[Move, ...] = ()
    environment: str | None = None
    environments: tuple[str, ...] = ()
    overlay_folders: tuple[str, ...] = ()
    document: Document | None = None

    def place(self, path: tuple[str | int, ...] = (), key: str | None = None) -> Source:
        """Return where the value at `path` was written; the file as a whole when there is none."""
        return self.document.place(path, key) if self.document else Source(FILE_NAME)

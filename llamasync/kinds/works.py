"""Work: what the service does with each document that an object or a run is made of, as far as that costs something.

Which products there are and what their parameters are called is in the API contract. That extraction is billed on top
of parsing: https://developers.llamaindex.ai/python/cloud/general/pricing as quoted on 2026-06-20 (see plan/rates.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from llamasync.core.lean import lean_dataclass


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One product's work on each document. `product` is `parse`, `extract`, `classify`, `split`, `spreadsheet` or
    `index`, or a product type such as `parse_v2`.

    How it is done is said by a `configuration` (a Reference) or by `parameters`, in the API's names; by neither where
    the service decides. `on_metadata`: it is done too for documents of which nothing but the metadata changed.
    """

    product: str
    configuration: Any = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    on_metadata: bool = False


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One work whose parameters are known. `tier` is "" where they name none. `max_pages`: of each document, None for
    all; `is_part`: only some of the pages, and nobody here knows how many."""

    product: str
    tier: str = ""
    max_pages: int | None = None
    is_part: bool = False
    on_metadata: bool = False


def no_works(_: Mapping[str, Any]) -> tuple[Work, ...]:
    """Return none: of kinds whose objects are not made of documents."""
    return ()


def steps_of(work: Work, parameters: Mapping[str, Any]) -> Iterator[Step]:
    """Iterate over what is billed when documents are worked on with these parameters.

    >>> [(one.product, one.tier) for one in steps_of(Work(product="extract_v2"), {"tier": "agentic"})]
    [('extract', 'agentic'), ('parse', '')]
    """
    product = work.product.partition("_v")[0]
    ranges = parameters.get("page_ranges")
    limits = {**parameters, **ranges} if isinstance(ranges, Mapping) else parameters
    limit = limits.get("max_pages")
    facts: dict[str, Any] = {
        "max_pages": limit if isinstance(limit, int) else None,
        "is_part": bool(limits.get("target_pages")),
        "on_metadata": work.on_metadata,
    }
    tier = parameters.get("tier") or parameters.get("mode") or ("fast" if parameters.get("fast_mode") else "")
    yield Step(product=product, tier=str(tier).lower(), **facts)
    if product == "extract":
        yield Step(product="parse", tier=str(parameters.get("parse_tier") or "").lower(), **facts)

"""Processing: which documents a sync or a run works on, and how; and what that comes to. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.kinds.works import Step
from llamasync.workspace.measure import Document


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """The documents that one change has the service work on, and the steps that each goes through.

    `touched` are documents of which only the metadata changed: they go through the steps that are `on_metadata`.
    `is_at_most`: which of the documents the service will take is not known here. `because`: what in the manifests
    caused it. `notes` say what is peculiar to it.
    """

    steps: tuple[Step, ...]
    documents: tuple[Document, ...]
    touched: tuple[Document, ...] = ()
    is_at_most: bool = False
    because: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """What one product and tier comes to. `credits` is None where no rate is known."""

    product: str
    tier: str
    pages: int = 0
    credits: float | None = 0


@lean_dataclass(frozen=True, slots=True)
class Uncounted:
    """A document whose pages are in no figure, and why."""

    name: str
    why: str


@lean_dataclass(frozen=True, slots=True)
class Length:
    """A document whose pages are in the figures."""

    name: str
    pages: int


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a change, or a plan, costs: bytes to upload; documents and pages that are worked on; credits.

    Figures are at most that where `is_at_most`. `uncounted` documents are in `documents`, and add no page and no
    credit; `lengths` tell the pages of the others. `touched` ones are exported again and not parsed: they cost credits
    and add no page. `steps` part pages and credits by product and tier. `because`: what in the manifests caused it.
    `assumptions` are what it rests on. `price` is in `currency`, None where nobody said what a credit costs.
    """

    bytes: int = 0
    pages: int = 0
    credits: float = 0
    documents: int = 0
    touched: int = 0
    is_at_most: bool = False
    steps: tuple[StepCost, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()
    lengths: tuple[Length, ...] = ()
    because: tuple[Source, ...] = ()
    assumptions: tuple[str, ...] = ()
    price: float | None = None
    currency: str = ""


NO_COST = Estimate()


def total_of(estimates: Iterable[Estimate]) -> Estimate:
    """Add up what changes cost; `because` and `lengths` are left to them."""
    parts = list(estimates)
    steps: dict[tuple[str, str], StepCost] = {}
    for one in (step for part in parts for step in part.steps):
        before = steps.get((one.product, one.tier), StepCost(product=one.product, tier=one.tier))
        credits = None if one.credits is None or before.credits is None else before.credits + one.credits
        steps[one.product, one.tier] = replace(one, pages=before.pages + one.pages, credits=credits)
    prices = [part.price for part in parts if part.price is not None]
    return Estimate(
        bytes=sum(part.bytes for part in parts),
        pages=sum(part.pages for part in parts),
        credits=sum(part.credits for part in parts),
        documents=sum(part.documents for part in parts),
        touched=sum(part.touched for part in parts),
        is_at_most=any(part.is_at_most for part in parts),
        steps=tuple(steps.values()),
        uncounted=tuple(dict.fromkeys(one for part in parts for one in part.uncounted)),
        assumptions=tuple(dict.fromkeys(one for part in parts for one in part.assumptions)),
        price=sum(prices) if prices else None,
        currency=next((part.currency for part in parts if part.currency), ""),
    )

"""Rates: what a page costs, by product and tier, and what counts as a page. Every figure can be overridden.

Where the figures are from (the service's own price page, https://developers.llamaindex.ai/llamaparse/general/pricing/,
could not be read; all seen on 2026-11-25):

- parse: https://developers.llamaindex.ai/llamaparse/general/glossary/ says 3, 10 and 45 credits a page for cost
  effective, agentic and agentic plus; fast at 1 is from
  https://github.com/api-evangelist/llamaparse (finops/llamaparse-finops.yml, of 2026-06-12).
- extract 5 and 15, classify 1 and 2, split 4: the same file. That extraction comes on top of parsing:
  https://github.com/api-evangelist/llamacloud (finops/llamacloud-finops.yml, of 2026-06-20).
- index: 2 for each exported page, from the latter; the former says 1. The higher one is taken.
- https://developers.llamaindex.ai/reference/typescript/resources/indexes/methods/sync/ : a sync parses changed files
  again and exports what changed.

Nobody says in public: how a page of anything but a PDF is counted, what spreadsheets cost, which tier is taken where
none is named. These are assumptions, and every estimate that rests on one names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from math import ceil
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.kinds.works import Step
from llamasync.workspace.measure import CHARACTER, IMAGE, PAGE, SHEET, SLIDE, Measure

ANY_TIER = "any"
_PARSE = {"fast": 1.0, "cost_effective": 3.0, "agentic": 10.0, "agentic_plus": 45.0}
CREDITS_PER_PAGE: Mapping[str, Mapping[str, float]] = {
    "parse": _PARSE,
    "extract": {"cost_effective": 5.0, "agentic": 15.0},
    "classify": {"fast": 1.0, "multimodal": 2.0},
    "split": {ANY_TIER: 4.0},
    "spreadsheet": {"cost_effective": 3.0, "agentic": 10.0},
    "index": {ANY_TIER: 2.0},
}
ASSUMED_TIERS: Mapping[str, str] = {
    "parse": "agentic",
    "extract": "cost_effective",  # the contract's default
    "classify": "fast",  # the contract's default
    "spreadsheet": "agentic",  # the contract's default
}
_ASSUMED_RATES = frozenset({"spreadsheet"})  # as parsing costs
PAGES_PER: Mapping[str, float] = {SLIDE: 1.0, SHEET: 1.0, IMAGE: 1.0}
CHARACTERS_PER_PAGE = 3000


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The table. `credit_price` is what a credit costs in `currency`, None where nobody said. `told` names the products
    whose rates the user gave."""

    credits_per_page: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: CREDITS_PER_PAGE)
    assumed_tiers: Mapping[str, str] = field(default_factory=lambda: ASSUMED_TIERS)
    pages_per: Mapping[str, float] = field(default_factory=lambda: PAGES_PER)
    characters_per_page: int = CHARACTERS_PER_PAGE
    credit_price: float | None = None
    currency: str = "USD"
    told: frozenset[str] = frozenset()

    def tier(self, step: Step) -> str:
        """Return the tier that is counted with: the step's own, else the one that is assumed; "" for none at all."""
        return step.tier or self.assumed_tiers.get(step.product, "")

    def credits(self, step: Step) -> float | None:
        """Return the credits of a page, None where no rate is known."""
        rates = self.credits_per_page.get(step.product, {})
        return rates.get(self.tier(step), rates.get(ANY_TIER))

    def pages(self, measure: Measure) -> int | None:
        """Return the pages of a document, at least one; None where its length is not known.

        >>> Rates().pages(Measure("character", 6001)), Rates().pages(Measure("slide", 12))
        (3, 12)
        """
        if measure.count is None:
            return None
        if measure.unit == PAGE:
            return measure.count
        if measure.unit == CHARACTER:
            return max(1, ceil(measure.count / self.characters_per_page))
        return ceil(measure.count * self.pages_per[measure.unit])

    def assumption_of_unit(self, unit: str) -> str:
        """Say what is assumed of documents measured in a unit; "" for pages."""
        if unit == PAGE:
            return ""
        if unit == CHARACTER:
            return f"{self.characters_per_page:,} characters of text count as a page (charactersPerPage)"
        pages = self.pages_per[unit]
        return f"each {unit} counts as {'a page' if pages == 1 else f'{pages:g} pages'} (pagesPer.{unit})"

    def assumptions_of_step(self, step: Step) -> list[str]:
        """Say what is assumed of a product and its tier."""
        found = []
        tier = self.tier(step)
        if not step.tier and tier:
            found.append(f"{step.product} without a named tier counts as {tier} (assumedTiers.{step.product})")
        if step.product in _ASSUMED_RATES and step.product not in self.told:
            found.append(f"{step.product} costs what parsing does (creditsPerPage.{step.product})")
        return found


def rates_of(told: Any) -> Rates:
    """Return the table with what `llamasync.yaml` says (`settings.Estimate`) laid over it, entry by entry."""
    products = {*CREDITS_PER_PAGE, *told.credits_per_page}
    return Rates(
        credits_per_page={
            product: {**CREDITS_PER_PAGE.get(product, {}), **told.credits_per_page.get(product, {})}
            for product in sorted(products)
        },
        assumed_tiers={**ASSUMED_TIERS, **told.assumed_tiers},
        pages_per={**PAGES_PER, **told.pages_per},
        characters_per_page=told.characters_per_page or CHARACTERS_PER_PAGE,
        credit_price=None if told.price_per_1000_credits is None else told.price_per_1000_credits / 1000,
        currency=told.currency,
        told=frozenset(told.credits_per_page),
    )

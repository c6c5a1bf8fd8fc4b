"""Estimates what a plan costs, from how long its documents are and a table of rates. Pure.

It comes after planning and changes nothing that apply does: neither the changes nor the plan's fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from llamasync.core.lean import lean_dataclass
from llamasync.kinds.works import Step
from llamasync.plan.guards import check_costs
from llamasync.plan.model import Change, Guards, Plan
from llamasync.plan.processing import Length, Processing, StepCost, Uncounted
from llamasync.plan.rates import Rates
from llamasync.workspace.measure import Document, Measure

_NOT_OURS = "not ours, and the bytes are not known here"


def documents_in(plan: Plan) -> list[Document]:
    """List the documents that must be measured for the estimate of a plan; none twice."""
    asked: dict[str, Document] = {}
    for change in plan.changes:
        if change.processing is not None:
            for one in (*change.processing.documents, *change.processing.touched):
                if one.key and (one.key not in asked or asked[one.key].content is None):
                    asked[one.key] = one
    return list(asked.values())


def with_estimates(plan: Plan, measures: Mapping[str, Measure], rates: Rates, guards: Guards) -> Plan:
    """Return the plan with what each change costs, and a problem where that is more than `guards` allow.

    `measures` has the length of each of `documents_in(plan)`, by its key.
    """
    changes = tuple(
        change if change.processing is None else _estimated(change, change.processing, measures, rates)
        for change in plan.changes
    )
    plan = replace(plan, changes=changes)
    return replace(plan, problems=(*plan.problems, *check_costs(plan.estimate, guards)))


def _estimated(change: Change, processing: Processing, measures: Mapping[str, Measure], rates: Rates) -> Change:
    tally = _Tally(measures, rates)
    steps = tuple(_step(step, processing, tally) for step in processing.steps)
    for step, cost in zip(processing.steps, steps, strict=True):
        tally.assumptions += rates.assumptions_of_step(step) if cost.pages else []
    tally.assumptions += processing.notes
    credits = sum(one.credits or 0 for one in steps)
    estimate = replace(
        change.estimate,
        pages=max((tally.pages(processing.documents, step) for step in processing.steps), default=0),
        credits=credits,
        documents=len(processing.documents),
        touched=len(processing.touched),
        is_at_most=processing.is_at_most or any(step.is_part for step in processing.steps),
        steps=steps,
        uncounted=tuple(tally.uncounted.values()),
        lengths=tuple(Length(name, pages) for name, pages in tally.lengths.items()),
        because=processing.because,
        assumptions=tuple(dict.fromkeys(tally.assumptions)),
        price=None if rates.credit_price is None else credits * rates.credit_price,
        currency=rates.currency,
    )
    return replace(change, estimate=estimate)


def _step(step: Step, processing: Processing, tally: _Tally) -> StepCost:
    documents = (*processing.documents, *processing.touched) if step.on_metadata else processing.documents
    pages, rate = tally.pages(documents, step), tally.rates.credits(step)
    if rate is None:
        named = f"{step.product}.{tally.rates.tier(step)}".rstrip(".")
        tally.assumptions.append(f"no rate is known for {named}: it counts nothing (creditsPerPage.{named})")
    return StepCost(
        product=step.product,
        tier=tally.rates.tier(step),
        pages=pages,
        credits=None if rate is None else pages * rate,
    )


@lean_dataclass(slots=True)
class _Tally:
    measures: Mapping[str, Measure]
    rates: Rates
    uncounted: dict[str, Uncounted] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)

    def pages(self, documents: Iterable[Document], step: Step) -> int:
        """Add up the pages of documents, of each no more than the step takes."""
        total, units = 0, set()
        for one in documents:
            measure = self.measures.get(one.key) if one.key else None
            pages = None if measure is None else self.rates.pages(measure)
            if measure is None or pages is None:
                why = measure.why if measure and one.is_ours else _NOT_OURS
                self.uncounted[one.name] = Uncounted(one.name, why)
                continue
            units.add(measure.unit)
            taken = pages if step.max_pages is None else min(pages, step.max_pages)
            self.lengths[one.name] = max(taken, self.lengths.get(one.name, 0))
            total += taken
        self.assumptions += filter(None, map(self.rates.assumption_of_unit, sorted(units)))
        return total

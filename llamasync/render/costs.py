"""What a change or a plan costs, in words. Every renderer of plans says it the same way."""

from __future__ import annotations

from collections.abc import Iterable

from llamasync.plan.guards import number
from llamasync.plan.model import Estimate, Plan
from llamasync.render.units import counted, human_bytes

SHOWN = 5


def upload_words(plan: Plan) -> str:
    """Say what goes up: `Upload: 41.2 MB in 312 files.`; "" for nothing."""
    uploads = [change for change in plan.changes if change.uploads and not change.staged]
    size = plan.estimate.bytes
    return f"Upload: {human_bytes(size)} in {counted(len(uploads), 'file')}." if uploads or size else ""


def processing_words(estimate: Estimate) -> str:
    """Say what the service works on: `Processing: 1,240 pages of 312 documents, about 3,720 credits (parse, fast).`"""
    if not estimate.documents and not estimate.touched:
        return ""
    price = "" if estimate.price is None else f", {estimate.price:,.2f} {estimate.currency}"
    named = (one for one in estimate.steps if one.pages or not estimate.pages)
    steps = "; ".join(f"{step.product}, {step.tier}" if step.tier else step.product for step in named)
    what = f"{_about(estimate)}{_many(estimate.pages, 'page')} of {_documents(estimate)}"
    return f"Processing: {what}{_touched(estimate)}, about {_many(estimate.credits, 'credit')}{price} ({steps})."


def change_words(estimate: Estimate) -> str:
    """Say what one change has the service work on, and what caused that; "" for nothing."""
    if not estimate.steps:
        return ""
    because = ", ".join(f"{one.file}:{one.line}" if one.line else one.file for one in estimate.because[:SHOWN])
    cause = f"  because {because}" + (" ..." if len(estimate.because) > SHOWN else "") if because else ""
    if not estimate.documents and not estimate.touched:
        return f"processes no document again{cause}"
    what = f"{_about(estimate)}{_documents(estimate)}, {_many(estimate.pages, 'page')}"
    return f"processes {what}{_touched(estimate)}, ~{_many(estimate.credits, 'credit')}{cause}"


def uncounted_words(estimate: Estimate, *, verbose: bool = False) -> Iterable[str]:
    """List the documents that are in no figure, and why; those with one reason together unless `verbose`."""
    names: dict[str, list[str]] = {}
    for one in estimate.uncounted:
        names.setdefault(one.why, []).append(one.name)
    for why, found in names.items():
        if verbose or len(found) == 1:
            yield from (f"{name}: {why}" for name in found)
        else:
            rest = " ..." if len(found) > SHOWN else ""
            yield f"{_many(len(found), 'document')} ({', '.join(found[:SHOWN])}{rest}): {why}"


def _documents(estimate: Estimate) -> str:
    missing = f" ({number(len(estimate.uncounted))} of unknown length)" if estimate.uncounted else ""
    return f"{_many(estimate.documents, 'document')}{missing}"


def _touched(estimate: Estimate) -> str:
    return f", {_many(estimate.touched, 'more', 'more')} exported again" if estimate.touched else ""


def _many(count: float, noun: str, plural: str = "") -> str:
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def _about(estimate: Estimate) -> str:
    return "up to " if estimate.is_at_most else ""

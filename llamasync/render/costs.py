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
    if not estimate.documents and not estimate.credits:
        return ""
    pages = f"{_about(estimate)}{number(estimate.pages)} page{'' if estimate.pages == 1 else 's'}"
    documents = f"{number(estimate.documents)} document{'' if estimate.documents == 1 else 's'}"
    price = "" if estimate.price is None else f", {estimate.price:,.2f} {estimate.currency}"
    steps = "; ".join(f"{step.product}, {step.tier}" if step.tier else step.product for step in estimate.steps)
    missing = len(estimate.uncounted)
    unknown = f" ({number(missing)} of unknown length)" if missing else ""
    return f"Processing: {pages} of {documents}{unknown}, about {number(estimate.credits)} credits{price} ({steps})."


def change_words(estimate: Estimate) -> str:
    """Say what one change has the service work on, and what caused that; "" for nothing."""
    if not estimate.steps:
        return ""
    because = ", ".join(f"{one.file}:{one.line}" if one.line else one.file for one in estimate.because[:SHOWN])
    cause = f"  because {because}" + (" ..." if len(estimate.because) > SHOWN else "") if because else ""
    if not estimate.documents and not estimate.credits:
        return f"processes no documents again{cause}"
    about = _about(estimate)
    missing = f" ({number(len(estimate.uncounted))} of unknown length)" if estimate.uncounted else ""
    pages = f"{number(estimate.pages)} page{'' if estimate.pages == 1 else 's'}"
    return (
        f"processes {about}{counted(estimate.documents, 'document')}{missing}, {pages}, "
        f"~{number(estimate.credits)} credits{cause}"
    )


def uncounted_words(estimate: Estimate, *, verbose: bool = False) -> Iterable[str]:
    """List the documents that are in no figure, and why; a few of them unless `verbose`."""
    shown = estimate.uncounted if verbose else estimate.uncounted[:SHOWN]
    for one in shown:
        yield f"{one.name}: {one.why}"
    rest = len(estimate.uncounted) - len(shown)
    if rest:
        yield f"... and {rest} more"


def _about(estimate: Estimate) -> str:
    return "up to " if estimate.is_at_most else ""

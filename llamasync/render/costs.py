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
    steps = "; ".join(_steps(estimate))
    if _is_unknown(estimate):
        return f"Processing: {_unknown(estimate)}, so neither pages nor credits are known ({steps})."
    price = "" if estimate.price is None else f", {estimate.price:,.2f} {estimate.currency}"
    if estimate.documents:
        what = f"{_about(estimate)}{_many(estimate.pages, 'page')} of {_documents(estimate)}{_touched(estimate)}"
    else:
        what = _exported(estimate)
    return f"Processing: {what}, about {_many(estimate.credits, 'credit')}{price} ({steps})."


def change_words(estimate: Estimate) -> str:
    """Say what one change has the service work on, and what caused that; "" for nothing."""
    if not estimate.steps:
        return ""
    because = ", ".join(f"{one.file}:{one.line}" if one.line else one.file for one in estimate.because[:SHOWN])
    cause = f"  because {because}" + (" ..." if len(estimate.because) > SHOWN else "") if because else ""
    if not estimate.documents and not estimate.touched:
        return f"processes no document{cause}"
    if _is_unknown(estimate):
        return f"processes {_unknown(estimate)}{cause}"
    if estimate.documents:
        what = f"processes {_about(estimate)}{_documents(estimate)}, {_many(estimate.pages, 'page')}"
        what += _touched(estimate)
    else:
        what = f"processes {_exported(estimate)}"
    return f"{what}, ~{_many(estimate.credits, 'credit')}{cause}"


def length_words(estimate: Estimate) -> Iterable[str]:
    """List the documents that are in the figures, with the pages of each."""
    return (f"{one.name}: {_many(one.pages, 'page')}" for one in estimate.lengths)


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


def _steps(estimate: Estimate) -> Iterable[str]:
    """Name the steps that cost anything; of several also what each costs, and its pages where they are not all."""
    named = [one for one in estimate.steps if one.pages] or estimate.steps
    for one in named:
        name = f"{one.product}, {one.tier}" if one.tier else one.product
        if len(named) == 1 or not one.pages:
            yield name
            continue
        figure = "unknown" if one.credits is None else number(one.credits)
        yield f"{name} {figure}" + (f" for {_many(one.pages, 'page')}" if one.pages != estimate.pages else "")


def _is_unknown(estimate: Estimate) -> bool:
    """Say whether nothing of it is known: a zero would be read as nothing to pay."""
    return bool(estimate.uncounted) and not any(one.pages for one in estimate.steps)


def _unknown(estimate: Estimate) -> str:
    return f"{_about(estimate)}{_many(estimate.documents + estimate.touched, 'document')} of unknown length"


def _exported(estimate: Estimate) -> str:
    """Say that documents are exported again and nothing else; their pages are those of the steps."""
    pages = max(one.pages for one in estimate.steps)
    again = _many(estimate.touched, "document")
    missing = f" ({number(len(estimate.uncounted))} of unknown length)" if estimate.uncounted else ""
    return f"{_about(estimate)}{again}{missing}, {_many(pages, 'page')}, exported again and not parsed"


def _documents(estimate: Estimate) -> str:
    missing = f" ({number(len(estimate.uncounted))} of unknown length)" if estimate.uncounted else ""
    return f"{_many(estimate.documents, 'document')}{missing}"


def _touched(estimate: Estimate) -> str:
    return f", {_many(estimate.touched, 'more', 'more')} exported again" if estimate.touched else ""


def _many(count: float, noun: str, plural: str = "") -> str:
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def _about(estimate: Estimate) -> str:
    return "up to " if estimate.is_at_most else ""

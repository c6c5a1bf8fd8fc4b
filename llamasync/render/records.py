"""What an apply notes in the state without any call, in words. Every renderer of plans says it the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from llamasync.plan.model import Plan
from llamasync.render.units import counted


def renamed_words(plan: Plan) -> Iterable[str]:
    """Say which manifests have another address from now on, a line each."""
    counts = Counter((old.manifest, new.manifest) for old, new in plan.renamed)
    for (old, new), count in counts.items():
        objects = f", {counted(count, 'object')}" if count > 1 else ""
        yield f"{old} is called {new} from now on{objects}: nothing is sent for that."


def remembered_words(plan: Plan) -> Iterable[str]:
    """Say of how many objects the state says something else than what is; those that are renamed are told already."""
    told = {new for _, new in plan.renamed}
    count = sum(binding.address not in told for binding in plan.remembered)
    if count:
        yield f"The next apply brings up to date what the state says of {counted(count, 'object')}."

"""One difference of a field, and whose change it was."""

from __future__ import annotations

from typing import Any

from llamasync.plan.model import Drift, FieldChange
from llamasync.plan.values import equal


def field_change(path: str, before: Any, after: Any, last: Any, *, forces_replace: bool = False) -> FieldChange:
    """Return the difference between what is there and what should be; `last` is what was applied last, or None."""
    if last is None or equal(last, before):
        drift = Drift.MANIFEST
    else:
        drift = Drift.SERVICE if equal(last, after) else Drift.BOTH
    return FieldChange(path=path, before=before, after=after, forces_replace=forces_replace, drift=drift)

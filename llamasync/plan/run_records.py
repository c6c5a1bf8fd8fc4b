"""What is remembered of a run, as soon as it exists."""

from __future__ import annotations

from llamasync.kinds.run_facts import RunShown
from llamasync.plan.model import RunStep
from llamasync.state.model import Binding
from llamasync.workspace.desired import DesiredRun


def run_record(
    step: RunStep, shown: RunShown, desired: DesiredRun, collection: str, applied_at: str, *, saved: str = ""
) -> Binding:
    """Return the binding of a run. `saved`: the folder in which its results are, "" while they are nowhere."""
    return Binding(
        address=desired.address,
        collection=collection,
        id=shown.id,
        key=(shown.input,) if shown.input else step.ids,
        parent_id=shown.input,
        fields=dict(step.parts),
        observed={"status": str(shown.status)} | ({"saved": saved} if saved else {}),
        protect=desired.lifecycle.protect is True,
        on_remove=desired.lifecycle.on_remove,
        needs=tuple(sorted(desired.needs)),
        applied_at=applied_at,
        inputs=step.fingerprint,
    )

from __future__ import annotations

from dataclasses import replace

from llamasync.plan.model import Action, Drift, FieldChange
from llamasync.render.drift_text import render_drift_text
from llamasync.render.plan_text import TextOptions
from tests.render.plans import check_golden, file_change, make_plan


def test_drift_is_grouped_by_whose_change_it_was() -> None:
    fields = (
        FieldChange(path="spec.metadata.team", before="x", after="y", drift=Drift.SERVICE),
        FieldChange(path="spec.metadata.year", before=1, after=2, drift=Drift.MANIFEST),
        FieldChange(path="spec.displayName", before="p", after="q", drift=Drift.BOTH),
    )
    plan = make_plan(
        file_change("a.pdf", Action.UPDATE, "3 fields changed", drift=Drift.BOTH, fields=fields),
        file_change("b.pdf", Action.CREATE, "deleted in the service", drift=Drift.SERVICE),
        file_change("c.pdf", Action.DELETE, "no longer in the tree"),
    )
    check_golden("drift.txt", render_drift_text(plan, TextOptions()))


def test_no_drift_is_one_line() -> None:
    assert render_drift_text(make_plan(), TextOptions()).endswith("No drift. 42 objects are as last applied.\n")
    assert render_drift_text(make_plan(noop=1), TextOptions()).endswith("No drift. 1 object is as last applied.\n")


def test_one_change_differs_and_two_differ() -> None:
    one = make_plan(file_change("a.pdf", Action.DELETE, "no longer in the tree"))
    assert "\n1 object differs, 42 unchanged." in render_drift_text(one, TextOptions(verbose=True))
    two = replace(one, changes=one.changes * 2)
    assert "\n2 objects differ, 42 unchanged." in render_drift_text(two, TextOptions())

"""A plan as JSON, for programs. The form is a promise: `format_version` grows with every change of it."""

from __future__ import annotations

import json
from typing import Any

import llamasync
from llamasync.core.diagnostic import Diagnostic
from llamasync.live.model import LiveObject
from llamasync.plan.model import Change, Estimate, FieldChange, Plan
from llamasync.render.values import json_value

FORMAT_VERSION = "1.0"


def plan_value(plan: Plan, created_at: str) -> dict[str, Any]:
    """Return the plan as plain JSON values. `created_at` is RFC 3339."""
    return {
        "format_version": FORMAT_VERSION,
        "llamasync_version": llamasync.__version__,
        "endpoint": plan.endpoint,
        "project_id": plan.project.id,
        "environment": plan.environment,
        "created_at": created_at,
        "fingerprint": plan.fingerprint,
        "estimate": _estimate(plan.estimate),
        "summary": {str(action): count for action, count in plan.summary().items()},
        "changes": [_change(change) for change in plan.changes],
        "renamed": [{"from": str(old), "to": str(new)} for old, new in plan.renamed],
        "checks": [str(address) for address in plan.checks],
        "unmanaged": [_live(live) for live in plan.unmanaged],
        "problems": [problem_value(problem) for problem in plan.problems],
        "calls": {"read": plan.read_calls},
    }


def render_plan_json(plan: Plan, created_at: str) -> str:
    """Return the plan as indented JSON with a line end."""
    return json.dumps(plan_value(plan, created_at), indent=2, ensure_ascii=False) + "\n"


def _change(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "kind": change.kind,
        "action": str(change.action),
        "reason": change.reason,
        "id": change.id,
        "source": str(change.source) if change.source else None,
        "needs": [str(need) for need in change.needs],
        "fields": [_field(field) for field in change.fields],
        "estimate": _estimate(change.estimate) | _because(change.estimate),
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    """Return what it costs; of a change that has nothing worked on the three figures alone."""
    figures: dict[str, Any] = {"bytes": estimate.bytes, "pages": estimate.pages, "credits": estimate.credits}
    if not estimate.steps:
        return figures
    return figures | {
        "documents": estimate.documents,
        "touched": estimate.touched,
        "at_most": estimate.is_at_most,
        "price": None if estimate.price is None else round(estimate.price, 6),
        "currency": estimate.currency or None,
        "steps": [
            {"product": one.product, "tier": one.tier or None, "pages": one.pages, "credits": one.credits}
            for one in estimate.steps
        ],
        "unknown": [{"document": one.name, "why": one.why} for one in estimate.uncounted],
        "assumptions": list(estimate.assumptions),
    }


def _because(estimate: Estimate) -> dict[str, Any]:
    return {"because": [str(source) for source in estimate.because]} if estimate.steps else {}


def _field(field: FieldChange) -> dict[str, Any]:
    return {
        "path": field.path,
        "before": json_value(field.before),
        "after": json_value(field.after),
        "forces_replace": field.forces_replace,
        "drift": str(field.drift),
    }


def _live(live: LiveObject) -> dict[str, Any]:
    return {"collection": live.collection, "id": live.id, "key": list(live.key), "foreign": live.foreign}


def problem_value(problem: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as plain JSON values, as they stand in plans and events."""
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "summary": problem.summary,
        "detail": problem.detail,
        "source": str(problem.source) if problem.source else None,
        "address": str(problem.address) if problem.address else None,
        "field": problem.field,
        "hint": problem.advice,
    }

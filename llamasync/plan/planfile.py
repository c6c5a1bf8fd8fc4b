"""Plan files: what was reviewed, kept so that exactly that is applied, or nothing.

A plan file holds the options and the fingerprint, and what a person saw. Applying it plans again with those options and
compares: whatever the manifests, the files or the touched live objects have become since then, nothing else is sent.
It holds no secrets, no bytes of documents and no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from llamasync.core.address import Address, parse_address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.plan.model import Plan

FORMAT = "llamasync-plan"
FORMAT_VERSION = 1


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """What a plan file says. `options` are those of the command that made it, as plain JSON; `actions` map each address
    to its action and what it is about, for telling what has changed since."""

    fingerprint: str
    project_id: str
    endpoint: str
    created_at: str
    environment: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)


def dump_plan(plan: Plan, *, created_at: str, options: Mapping[str, Any]) -> str:
    """Return the text of a plan file. `options` is a JSON object with what is needed to make the plan again."""
    return (
        json.dumps(
            {
                "format": FORMAT,
                "version": FORMAT_VERSION,
                "created_at": created_at,
                "fingerprint": plan.fingerprint,
                "project_id": plan.project.id,
                "endpoint": plan.endpoint,
                "environment": plan.environment,
                "options": dict(options),
                "actions": {str(change.address): change.action.value for change in plan.changes},
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )


def read_plan_file(text: str, name: str) -> SavedPlan:
    """Read a plan file. Raises DiagnosticError: LS313 for what is none or damaged, LS312 for another version."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise _not_a_plan(name, f"it is not JSON: {error}") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise _not_a_plan(name, f"it has no format {FORMAT!r}")
    if raw.get("version") != FORMAT_VERSION:
        detail = f"{name} is of version {raw.get('version')!r}; this llamasync reads version {FORMAT_VERSION}"
        raise DiagnosticError(Diagnostic("LS312", detail))
    texts = [raw.get(key) for key in ("fingerprint", "project_id", "endpoint", "created_at")]
    options, actions, environment = raw.get("options"), raw.get("actions"), raw.get("environment")
    if (
        not all(isinstance(one, str) and one for one in texts)
        or not isinstance(options, dict)
        or not isinstance(actions, dict)
        or not isinstance(environment, str | None)
    ):
        raise _not_a_plan(name, "parts of it are missing")
    return SavedPlan(
        fingerprint=raw["fingerprint"],
        project_id=raw["project_id"],
        endpoint=raw["endpoint"],
        created_at=raw["created_at"],
        environment=environment,
        options=options,
        actions={str(address): str(action) for address, action in actions.items()},
    )


def check_fresh(saved: SavedPlan, plan: Plan) -> Diagnostic | None:
    """Return None when `plan`, made just now, does the same as the saved one; else LS311, saying what has changed."""
    if saved.fingerprint == plan.fingerprint:
        return None
    if (saved.project_id, saved.endpoint) != (plan.project.id, plan.endpoint):
        detail = (
            f"it was made for project {saved.project_id} at {saved.endpoint}, not {plan.project.id} at {plan.endpoint}"
        )
        return Diagnostic("LS311", detail)
    now = {str(change.address): change.action.value for change in plan.changes}
    differences = [
        f"{address} ({saved.actions.get(address, 'nothing')} then, {now.get(address, 'nothing')} now)"
        for address in sorted({*saved.actions, *now})
        if saved.actions.get(address) != now.get(address)
    ]
    shown = ", ".join(differences[:5]) + (f" and {len(differences) - 5} more" if len(differences) > 5 else "")
    return Diagnostic("LS311", f"made {saved.created_at}. " + (shown or "The same objects, but with other contents."))


def addresses_of(texts: object) -> tuple[Address, ...]:
    """Parse a list of addresses out of saved options; what is none is left out, and caught by the fingerprint."""
    found = [parse_address(text) for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
    return tuple(address for address in found if address is not None)


def _not_a_plan(name: str, why: str) -> DiagnosticError:
    return DiagnosticError(Diagnostic("LS313", f"{name}: {why}"))

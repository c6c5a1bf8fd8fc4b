"""Short ways to say what is desired, live and remembered, for tests of the pure planner."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from llamasync.core.address import Address, parse_address
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.registry import all_kinds
from llamasync.live.model import LiveObject, LiveState, Project
from llamasync.plan.build import build_plan
from llamasync.plan.model import Plan, PlanOptions
from llamasync.plan.records import record_of
from llamasync.state.model import Binding, Intent, State
from llamasync.workspace.desired import Content, Desired, DesiredState, FileGroup, Lifecycle

SOURCE = Source("manifests/all.yaml", 1, 1)
PROJECT = Project(id="prj-1", name="Larkfield")


def address(text: str) -> Address:
    found = parse_address(text)
    assert found is not None, text
    return found


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def directory(name: str, **more: Any) -> Desired:
    """Return a Directory; `fields` are added to its name, `needs` are addresses as texts."""
    fields = {"name": name, **more.pop("fields", {})}
    return _desired("Directory", Address("Directory", more.pop("called", name)), fields, (fields["name"],), more)


def file(where: str, text: str = "one", *, parent: Reference | str = "contracts", **more: Any) -> Desired:
    """Return a file at the address `where`, of a Directory manifest unless `parent` is a Reference."""
    place = address(where)
    unique_id = more.pop("unique_id", place.item or place.name)
    holder = Reference("Directory", Address("Directory", parent)) if isinstance(parent, str) else parent
    fields = {"unique_id": unique_id, "display_name": unique_id, "metadata": {}, **more.pop("fields", {})}
    more.setdefault("needs", (str(holder.address),) if holder.address else ())
    content = Content(sha256(text), len(text), unique_id, inline=text.encode())
    return _desired(place.kind, place, fields, (unique_id,), {"parent": holder, "content": content, **more})


def configuration(name: str, product: str = "parse_v2", **more: Any) -> Desired:
    parameters = {"tier": "fast", **more.pop("parameters", {}), "product_type": product}
    fields = {"name": name, "product_type": product, "parameters": parameters}
    return _desired("Configuration", Address("Configuration", name), fields, (product, name), more)


def _desired(kind: str, place: Address, fields: dict[str, Any], key: tuple[str, ...], more: dict[str, Any]) -> Desired:
    needs = tuple(address(one) for one in more.pop("needs", ()))
    return Desired(address=place, kind=kind, fields=fields, key=key, source=SOURCE, needs=needs, **more)


def group(name: str, *, parent: Reference | str = "contracts", prune: str = "owned", **more: Any) -> FileGroup:
    holder = Reference("Directory", Address("Directory", parent)) if isinstance(parent, str) else parent
    return FileGroup(
        address=Address("FileSet", name), kind="FileSet", parent=holder, prune=prune, source=SOURCE, **more
    )


def live(one: Desired, identity: str, *, parent: str = "", **more: Any) -> LiveObject:
    """Return the live object that is just as desired, but for `fields` and what else is given."""
    kind = all_kinds()[one.kind]
    fields = {**one.fields, **more.pop("fields", {})}
    key = tuple(str(fields[name]) for name in kind.collection.key)
    if one.content is not None:
        more = {"sha256": one.content.sha256, "file_id": f"bytes-{identity}", **more}
    return LiveObject(collection=kind.collection.name, id=identity, key=key, fields=fields, parent_id=parent, **more)


def bound(one: Desired, what: LiveObject) -> Binding:
    """Return what state remembers after `one` was applied to `what`."""
    return record_of(one, what, all_kinds(), applied_at="2026-01-01T00:00:00+00:00")


def make_plan(
    desired: Iterable[Desired] = (),
    there: Iterable[LiveObject] = (),
    remembered: Iterable[Binding] = (),
    *,
    groups: tuple[FileGroup, ...] = (),
    intents: tuple[Intent, ...] = (),
    moved: Mapping[Address, Address] | None = None,
    options: PlanOptions | None = None,
) -> Plan:
    """Lay the three side by side."""
    objects = {one.address: one for one in sorted(desired, key=lambda one: one.address)}
    manifests = {place.manifest: SOURCE for place in objects} | {one.address: SOURCE for one in groups}
    bindings = {one.address: one for one in sorted(remembered, key=lambda one: one.address)}
    held: dict[str, tuple[LiveObject, ...]] = {}
    for one in there:
        held[one.collection] = (*held.get(one.collection, ()), one)
    return build_plan(
        DesiredState(objects=objects, groups=groups, manifests=manifests, moved=moved or {}),
        LiveState(project=PROJECT, objects=held),
        State(
            bindings=bindings,
            intents=intents,
            project_id=PROJECT.id,
        ),
        all_kinds(),
        options or PlanOptions(),
    )


def codes(plan: Plan) -> list[str]:
    return [problem.code for problem in plan.problems]


def lifecycle(**facts: Any) -> Lifecycle:
    return Lifecycle(**facts)

"""Explains a kind, a field of a kind, or a diagnostic code, from the same texts as schema and docs."""

from __future__ import annotations

from typing import Any

from llamasync.core.codes import CODES
from llamasync.core.lean import lean_dataclass
from llamasync.kinds.registry import all_kinds
from llamasync.manifest.document import near
from llamasync.manifest.schema_fields import SchemaField, list_fields
from llamasync.manifest.schema_files import load_schema
from llamasync.manifest.settings import KIND as WORKSPACE
from llamasync.manifest.wording import join_or


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What there is to say of a topic. `text` are paragraphs; `fields` are its fields, or it and those below.

    `schema` is the part of the schema that is meant, None for a code.
    """

    topic: str
    title: str
    text: tuple[str, ...] = ()
    fields: tuple[SchemaField, ...] = ()
    schema: dict[str, Any] | None = None


def explain(topic: str) -> Explanation | None:
    """Explain `LS104`, `FileSet`, `FileSet.prune` or `FileSet.spec.prune`; None when nothing is called so.

    Upper and lower case do not matter for kinds and codes.
    """
    code = CODES.get(topic.upper())
    if code is not None:
        return Explanation(topic=topic.upper(), title=code.summary, text=(code.why, code.fix))
    name, _, path = topic.partition(".")
    kind = {known.lower(): known for known in topics()}.get(name.lower())
    schema = load_schema(kind) if kind else None
    if kind is None or schema is None:
        return None
    fields = list_fields(schema)
    if not path:
        own = tuple(field for field in fields if field.path.startswith("spec."))
        return Explanation(topic=kind, title=schema["description"], text=_about(schema), fields=own, schema=schema)
    for full in (f"spec.{path}", path):
        found = tuple(field for field in fields if field.path == full or field.path.startswith(f"{full}."))
        if found:
            first = found[0]
            types = {field.type for field in found if field.path == full}
            title = join_or(field.type for field in found if field.path == full) if types else first.type
            if len(types) > 1 and first.when:
                title = f"depends on {first.when.partition(':')[0]}"
            return Explanation(topic=f"{kind}.{full}", title=title, text=(first.description,), fields=found)
    return None


def topics() -> tuple[str, ...]:
    """Return the names of everything that has a schema of its own."""
    return (*all_kinds(), WORKSPACE)


def suggest(topic: str) -> str:
    """Return the topic that was probably meant, or ""."""
    name, _, path = topic.partition(".")
    kind = near(name, topics())
    schema = load_schema(kind) if kind else None
    if not path or schema is None:
        return kind
    short = [field.path.removeprefix("spec.") for field in list_fields(schema)]
    found = near(path.removeprefix("spec."), short)
    return f"{kind}.{found}" if found else kind


def _about(schema: dict[str, Any]) -> tuple[str, ...]:
    description = schema["properties"]["spec"].get("description", "")
    return (description,) if description else ()

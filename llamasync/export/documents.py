"""Manifests as data, and whether they say the same when they are read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.source import Source
from llamasync.export.holes import filled, variables_of
from llamasync.kinds.facts import Kind
from llamasync.manifest.envelope import API_VERSION
from llamasync.manifest.validation import check
from llamasync.manifest.write import escape_expressions, in_order, is_writable, render_value
from llamasync.manifest.yaml_events import load_documents

Document = dict[str, Any]


def build_document(kind: Kind, name: str, spec: Mapping[str, Any]) -> Document:
    """Return a manifest whose spec, once loaded, is `spec`. Its fields keep their order, maps in them are sorted. What
    is not known of it stands as an expression (see `holes`)."""
    variables = variables_of(kind, name, spec)
    escaped = escape_expressions({key: in_order(value) for key, value in spec.items()})
    return _envelope(kind, name, filled(escaped, variables))


def why_not(kind: Kind, name: str, spec: Mapping[str, Any]) -> str:
    """Say why a manifest with this spec would not load, or load as something else; "" when it is sound.

    >>> from llamasync.kinds.registry import all_kinds
    >>> why_not(all_kinds()["Directory"], "a", {"name": "A"}), why_not(all_kinds()["Directory"], "a", {"name": 5})
    ('', 'spec.name: expected a text, got the number 5')
    """
    if not is_writable(spec):
        return "it holds half of a surrogate pair, which no file can"
    open_below = ("spec", kind.contract_schema[0]) if kind.contract_schema else ()
    complete = filled(spec, variables_of(kind, name, spec))
    for problem in check(_envelope(kind, name, complete), kind.name, _nowhere, open_below=open_below):
        if problem.severity is Severity.ERROR:
            return f"{problem.field}: {problem.detail}"
    return "" if is_read_again(build_document(kind, name, spec)) else "it would be read as something else"


def is_read_again(data: Any) -> bool:
    """Say whether `data`, written as YAML, is read as itself by the reader of manifests."""
    documents, problems = load_documents(render_value(data), "")
    return not problems and len(documents) == 1 and bool(documents[0].data == data)


def left_out(detail: str, *, hint: str = "") -> Diagnostic:
    """Say of something live that it is not exported."""
    return Diagnostic("LS611", detail, hint=hint, severity=Severity.WARNING)


def _envelope(kind: Kind, name: str, spec: Mapping[str, Any]) -> Document:
    return {"apiVersion": API_VERSION, "kind": kind.name, "metadata": {"name": name}, "spec": dict(spec)}


def _nowhere(_: tuple[str | int, ...], __: str | None) -> Source:
    return Source("")

"""Checks drafts against the schema of their kind, and builds manifests and specs from those that satisfy it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.kinds.facts import Kind, no_flaws
from llamasync.kinds.registry import all_kinds, find_kind, kind_named
from llamasync.manifest.concealed import Concealed, as_written, concealed_in, unveiled
from llamasync.manifest.construct import construct
from llamasync.manifest.document import field_text, find, near
from llamasync.manifest.envelope import API_VERSION
from llamasync.manifest.manifest import Manifest, build_manifest, place_in
from llamasync.manifest.settings import FILE_NAME
from llamasync.manifest.settings import KIND as WORKSPACE
from llamasync.manifest.validation import check, check_silently
from llamasync.workspace.draft import Draft


def check_draft(draft: Draft) -> tuple[Manifest | None, list[Diagnostic]]:
    """Return the manifest (None when something in it is wrong), and all that is wrong. Never raises."""
    kind, wrong = _check_envelope(draft)
    if kind is not None and not wrong:
        wrong = _check_schema(draft, kind)
    problems = [*draft.problems, *(replace(problem, address=draft.address) for problem in wrong)]
    if draft.document.broken or any(problem.severity is Severity.ERROR for problem in problems):
        return None, problems
    return build_manifest(draft.data, draft.layers, draft.folder, draft.placeholders), problems


def build_spec(manifest: Manifest) -> Any:
    """Build the spec dataclass of the manifest's kind."""
    kind = kind_named(manifest.kind)
    return construct(kind.spec, unveiled(manifest.spec) if kind.secret_places else manifest.spec)


def find_flaws(manifest: Manifest) -> list[Diagnostic]:
    """Find what is wrong with a manifest beyond its schema, each at its place."""
    kind = kind_named(manifest.kind)
    ignored = _check_ignored(manifest, kind) if manifest.lifecycle.ignore_changes else []
    find = kind.flaws
    if find is no_flaws:
        return ignored
    return ignored + [
        Diagnostic(
            flaw.code,
            flaw.detail,
            manifest.place(("spec", *flaw.path)),
            manifest.address,
            field_text(("spec", *flaw.path)),
            flaw.hint,
            Severity.WARNING if flaw.doubtful else Severity.ERROR,
        )
        for flaw in find(build_spec(manifest))
    ]


def _check_ignored(manifest: Manifest, kind: Kind) -> list[Diagnostic]:
    """Report paths of `ignoreChanges` that name no field of the kind: they would leave nothing to others."""
    known = [fact.spec for fact in kind.fields]
    problems = []
    for number, path in enumerate(manifest.lifecycle.ignore_changes if known else ()):
        if _is_of(known, path):
            continue
        start = ".".join(path.split(".")[:2])
        meant = f"spec.{path}" if _is_of(known, f"spec.{path}") else near(start, known)
        hint = f"did you mean {meant}?" if meant else f"these can be left to others: {', '.join(known)}"
        where = ("lifecycle", "ignoreChanges", number)
        detail = f"`{path}` is no field of {kind.name} that others can change"
        problems.append(Diagnostic("LS106", detail, manifest.place(where), manifest.address, field_text(where), hint))
    return problems


def _is_of(known: Iterable[str], path: str) -> bool:
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in known)


def drop_placeholder_echoes(
    problems: list[Diagnostic], placeholders: Iterable[tuple[str | int, ...]]
) -> list[Diagnostic]:
    """Drop what is said of a field whose value is not known, because an environment variable is not set."""
    if not problems:
        return problems
    unknown = {field_text(path) for path in placeholders}
    return [problem for problem in problems if problem.code == "LS110" or problem.field not in unknown]


def _check_schema(draft: Draft, kind: Kind) -> list[Diagnostic]:
    def place(path: tuple[str | int, ...], key: str | None) -> Any:
        return place_in(draft.layers, path, key)

    if draft.document.broken:
        return []
    open_below = ("spec", kind.contract_schema[0]) if kind.contract_schema else ()
    if not kind.secret_places:
        return check(draft.data, kind.name, place, open_below=open_below, unknown=draft.placeholders)
    concealed = dict(concealed_in(draft.data))
    in_clear = _secrets_in_clear(draft, kind)
    written, unknown = as_written(draft.data), {*draft.placeholders, *concealed}
    problems = check(written, kind.name, place, open_below=open_below, unknown=unknown)
    known = {path for path, text in concealed.items() if text.value is not None}
    problems += check_silently(unveiled(draft.data), kind.name, place, known)
    told = {problem.field for problem in in_clear}
    return [*in_clear, *(problem for problem in problems if problem.field not in told)]


def _secrets_in_clear(draft: Draft, kind: Kind) -> list[Diagnostic]:
    """Report secrets that are given by anything but the name of an environment variable; they are not quoted."""
    problems = []
    for fact in kind.fields:
        path = tuple(fact.spec.split("."))
        value = find(draft.data, path) if fact.secret else None
        if value is None or (isinstance(value, Concealed) and value.is_variable):
            continue
        if isinstance(value, Concealed):
            detail = "a secret is `${env:NAME}` and nothing beside it: no variable of the workspace, no default"
        else:
            detail = "a secret stands in the manifest itself"
        problems.append(Diagnostic("LS115", detail, place_in(draft.layers, path), field=fact.spec))
    return problems


def _check_envelope(draft: Draft) -> tuple[Kind | None, list[Diagnostic]]:
    """Return the kind of the draft, and why it is no manifest of this version."""
    data, document = draft.data, draft.document
    if not isinstance(data, dict):
        detail = "the document is not a map with apiVersion, kind, metadata and spec"
        return None, [] if document.broken else [Diagnostic("LS112", detail, document.place())]
    version, name = data.get("apiVersion"), data.get("kind")
    if not (isinstance(version, str) and isinstance(name, str)):
        missing = [key for key in ("apiVersion", "kind") if not isinstance(data.get(key), str)]
        place = place_in(draft.layers, (), missing[0]) if len(draft.layers) > 1 else document.place()
        return None, [] if document.broken else [Diagnostic("LS112", _lacks(missing), place)]
    problems = []
    if version != API_VERSION:
        detail, place = f"`{version}` is not `{API_VERSION}`", place_in(draft.layers, ("apiVersion",))
        problems.append(Diagnostic("LS113", detail, place, field="apiVersion"))
    if name == WORKSPACE:
        hint = f"put it in {FILE_NAME} at the root of the workspace"
        problems.append(Diagnostic("LS121", f"this file is not {FILE_NAME}", document.place(), hint=hint))
        return None, problems
    kind = find_kind(name)
    if kind is None:
        meant = near(name, all_kinds())
        hint = f"did you mean {meant}?" if meant else f"the kinds are {', '.join(all_kinds())}"
        problems.append(
            Diagnostic("LS105", f"no kind is called {name}", document.place(("kind",)), field="kind", hint=hint)
        )
    return kind, problems


def _lacks(missing: list[str]) -> str:
    return f"the document has no {' and no '.join(missing)}"

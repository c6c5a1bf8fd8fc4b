"""Reads `llamasync.yaml`: syntax, schema, variables, and the environment that was asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from llamasync.core.diagnostic import Diagnostic, has_errors
from llamasync.core.source import Source
from llamasync.manifest.construct import construct
from llamasync.manifest.document import Document, find, near
from llamasync.manifest.expressions import DataPath, Expansion, Scope
from llamasync.manifest.read import read_documents
from llamasync.manifest.settings import FILE_NAME, KIND, Settings
from llamasync.manifest.validation import check

_OWN = ("project", "manifests", "state", "moved")
_LAID_OVER = ("vars", "guards", "limits")


def load_settings(
    root: Path, environment: str | None, env: Mapping[str, str], *, require_env: bool = True
) -> tuple[Settings, list[Diagnostic]]:
    """Read the settings of the workspace at `root` as they are in `environment`; defaults when it has no file.

    `env` are the environment variables. Never raises: with problems that are errors the settings are the defaults.
    """
    path = root / FILE_NAME
    if not os.path.isfile(path):
        problems = [] if environment is None else [_unknown_environment(environment, (), Source(FILE_NAME))]
        return Settings(environment=environment), problems
    documents, problems = read_documents(path, FILE_NAME)
    document = _only(documents, problems)
    if document is None or document.broken:
        return Settings(environment=environment), problems
    data, placeholders = _expand(document, environment, env, require_env, problems)
    problems += check(data, KIND, document.place, unknown=placeholders)
    if has_errors(problems):
        return Settings(environment=environment), problems
    spec = data["spec"]
    environments = spec.get("environments", {})
    if environment is not None and environment not in environments:
        place = document.place(("spec",), "environments")
        return Settings(environment=environment), [*problems, _unknown_environment(environment, environments, place)]
    chosen = environments.get(environment, {})
    return replace(
        construct(Settings, _effective(spec, chosen)),
        environment=environment,
        environments=tuple(environments),
        overlay_folders=tuple(folder for one in environments.values() for folder in one.get("overlays", ())),
        document=document,
    ), problems


def _effective(spec: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: spec[key] for key in _OWN if key in spec}
    values |= {key: chosen[key] for key in ("project", "state", "overlays") if chosen.get(key) is not None}
    for key in _LAID_OVER:
        # A null is a value here: it lifts a limit.
        values[key] = {**spec.get(key, {}), **chosen.get(key, {})}
    values["estimate"] = _laid_over(spec.get("estimate", {}), chosen.get("estimate", {}))
    return values


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables entry by entry, at any depth."""
    merged = dict(below)
    for key, value in above.items():
        held = merged.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            value = _laid_over(held, value)
        merged[key] = value
    return merged


def _only(documents: list[Document], problems: list[Diagnostic]) -> Document | None:
    """Return the one Workspace document; whatever else the file holds is a problem."""
    found: Document | None = None
    for document in documents:
        kind = document.data.get("kind") if isinstance(document.data, dict) else None
        if document.data is None and not document.broken:
            continue
        if kind not in (KIND, None) and not document.broken:
            detail = f"{FILE_NAME} holds one document of kind {KIND}, and no manifests"
            problems.append(
                Diagnostic("LS112", detail, document.place((), "kind"), hint="move it to a file of its own")
            )
        elif found is not None:
            problems.append(Diagnostic("LS121", f"the first is at {found.place()}", document.place()))
        else:
            found = document
    return found


def _expand(
    document: Document, environment: str | None, env: Mapping[str, str], require_env: bool, problems: list[Diagnostic]
) -> tuple[dict[str, Any], set[DataPath]]:
    """Replace the expressions; variables may name the environment only, everything else both."""
    if not document.has_expressions:
        return document.data, set()
    data = document.data
    first = Expansion(document, Scope(env=env, variables=None, require_env=require_env))
    variables: dict[str, Any] = {}
    for path in (("spec", "vars"), ("spec", "environments", environment or "", "vars")):
        values = find(data, path)
        if isinstance(values, dict):
            variables |= first.expand(values, path)
    names = Scope(env=env, variables=variables, require_env=require_env)
    rest = Expansion(document, names)
    expanded: dict[str, Any] = rest.expand(data)
    seen = dict.fromkeys([*first.problems, *rest.problems])
    problems.extend(seen)
    return expanded, first.placeholders | rest.placeholders


def _unknown_environment(name: str, known: Mapping[str, Any] | tuple[str, ...], place: Source) -> Diagnostic:
    meant = near(name, list(known))
    if meant:
        hint = f"did you mean {meant}?"
    else:
        hint = f"the environments are {', '.join(known)}" if known else "spec.environments names none"
    return Diagnostic("LS118", f"no environment is called {name}", place, hint=hint)

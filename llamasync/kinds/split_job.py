"""SplitJob: the parts of one document, by category. Source: the API contract, `/api/v1/split/jobs`.

The current dialect takes `file_input` and a `transaction_id`, by which it knows a repeated start, and can cancel and
delete; the older one, at `/api/v1/beta/split/jobs`, takes `document_input` and has none of that. The configuration is
shown as categories and, in the current dialect, a strategy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.core.reference import refer
from llamasync.kinds.facts import Kind, ReferenceFact, Role
from llamasync.kinds.run_facts import BuiltRun, RunFact, RunPath, RunShown, RunStatus, StartOf
from llamasync.kinds.run_fields import FileForm, RunSpec, file_flaws, text, texts
from llamasync.kinds.works import Work

_STATUS = {"completed": RunStatus.SUCCEEDED, "failed": RunStatus.FAILED, "cancelled": RunStatus.CANCELLED}
_STRATEGY = {"allow_uncategorized": "include"}


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A kind of part that the document may have."""

    __pydantic_config__ = FORM_CONFIG

    name: Annotated[str, MinLen(1), MaxLen(200)]
    """The category's name."""
    description: Annotated[str, MinLen(1), MaxLen(2000)] | None = None
    """What belongs to it."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class SplitJobSpec(RunSpec):
    """A run that splits one document into parts. Either `categories` or `configuration` says into which."""

    __pydantic_config__ = FORM_CONFIG

    file: FileForm
    """The document: `{fileSet: NAME, path: a.pdf}`, `{file: NAME}` or `{id: ...}`."""
    categories: Annotated[tuple[Category, ...], MinLen(1), MaxLen(500)] | None = None
    """The categories."""
    splitting_strategy: dict[Literal["allow_uncategorized"], Literal["include", "forbid", "omit"]] | None = None
    """What becomes of pages that fit none, as the API has it."""
    configuration: str | dict[Literal["id", "name"], str] | None = None
    """A Configuration manifest's name, `{id: cfg-...}` or `{name: ...}`."""


def _build(spec: SplitJobSpec, _: str) -> BuiltRun:
    configuration: dict[str, Any] = {}
    problem = spec.file.problem()
    if (spec.categories is None) == (spec.configuration is None):
        given = "both are given" if spec.categories is not None else "none is given"
        problem = problem or ("configuration", f"either `categories` or `configuration`: {given}")
    elif spec.configuration is not None and spec.splitting_strategy is not None:
        problem = problem or ("splittingStrategy", "a `configuration` has a strategy of its own")
    if spec.configuration is not None:
        configuration["configuration_id"] = refer("Configuration", spec.configuration)
    else:
        categories = [
            {"name": one.name} | ({"description": one.description} if one.description else {})
            for one in spec.categories or ()
        ]
        configuration["configuration"] = {"categories": categories}
        if spec.splitting_strategy:
            configuration["configuration"]["splitting_strategy"] = dict(spec.splitting_strategy)
    return BuiltRun(configuration=configuration, options=spec.options(), file=spec.file.to_input(), problem=problem)


def _body(start: StartOf) -> dict[str, Any]:
    return {
        "file_input": start.inputs[0],
        "transaction_id": start.transaction_id,
        **start.configuration,
        **start.rest,
    }


def _beta_body(start: StartOf) -> dict[str, Any]:
    return {"document_input": {"type": "file_id", "value": start.inputs[0]}, **start.configuration}


def _read(raw: Mapping[str, Any]) -> RunShown:
    word = text(raw, "status")
    document = raw.get("document_input") or {}
    names = ("categories", "splitting_strategy", "configuration_id")
    return RunShown(
        id=text(raw, "id"),
        status=_STATUS.get(word, RunStatus.GOING),
        word=word,
        input=text(raw, "file_input") or text(document, "value"),
        configuration={name: raw[name] for name in names if name in raw},
        created_at=text(raw, "created_at"),
        updated_at=text(raw, "updated_at"),
        errors=texts(raw.get("error_message")),
    )


def _same(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Compare categories and strategy, where they are known; a saved configuration also by its id."""
    saved = wanted.get("configuration_id")
    if "configuration_id" in shown and shown["configuration_id"] != saved:
        return False
    meant = wanted.get("parameters") if saved else wanted.get("configuration")
    if not meant:
        return bool(saved) and shown.get("configuration_id") == saved
    if _plain(meant.get("categories")) != _plain(shown.get("categories")):
        return False
    strategy = {**_STRATEGY, **(meant.get("splitting_strategy") or {})}
    return "splitting_strategy" not in shown or {**_STRATEGY, **(shown["splitting_strategy"] or {})} == strategy


def _plain(categories: Any) -> list[tuple[str, str]]:
    return [(text(one, "name"), text(one, "description")) for one in categories or ()]


def _documents(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"segments": (raw.get("result") or {}).get("segments") or []}


def _works(configuration: Mapping[str, Any]) -> tuple[Work, ...]:
    return (Work(product="split", configuration=configuration.get("configuration_id")),)


KIND = Kind(
    name="SplitJob",
    summary="a run that splits a document into parts by category",
    spec=SplitJobSpec,
    references=(
        ReferenceFact(field="file.file_set", kind="FileSet", by_name_only=True),
        ReferenceFact(field="file.file", kind="File", by_name_only=True),
        ReferenceFact(field="configuration", kind="Configuration"),
    ),
    role=Role.RUN,
    flaws=file_flaws,
    build_run=_build,
    works=_works,
    run=RunFact(
        collection="split-jobs",
        paths=(
            RunPath(path="/api/v1/split/jobs", body=_body, cancels=True, deletes=True),
            RunPath(path="/api/v1/beta/split/jobs", body=_beta_body),
        ),
        read=_read,
        same=_same,
        saved="parameters",
        documents=_documents,
    ),
)

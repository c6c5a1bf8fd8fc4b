"""SpreadsheetJob: the tables of a spreadsheet. Source: the API contract, `/api/v1/beta/sheets/jobs`.

The current dialect has a twin at `/api/v1/sheets/jobs`, whose body says `configuration` for `config`. A job cannot be
cancelled, but deleted while it is going. What was found in a region is downloaded: a table, or else an extra, and the
metadata of its cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.kinds.facts import Kind, ReferenceFact, Role
from llamasync.kinds.run_facts import BuiltRun, Download, RunFact, RunPath, RunShown, RunStatus, StartOf
from llamasync.kinds.run_fields import FileForm, RunSpec, file_flaws, text, texts
from llamasync.kinds.works import Work

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv"})

_STATUS = {
    "SUCCESS": RunStatus.SUCCEEDED,
    "PARTIAL_SUCCESS": RunStatus.PARTIAL,
    "ERROR": RunStatus.FAILED,
    "CANCELLED": RunStatus.CANCELLED,
}
# What the service takes for a field that is not given; from the contract.
_DEFAULTS: dict[str, Any] = {
    "tier": "agentic",
    "sheet_names": None,
    "include_hidden_cells": True,
    "extraction_range": None,
    "generate_additional_metadata": True,
    "use_experimental_processing": False,
    "flatten_hierarchical_tables": False,
    "table_merge_sensitivity": "strong",
    "specialization": None,
}


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class SpreadsheetJobSpec(RunSpec):
    """A run that finds the tables of one spreadsheet."""

    __pydantic_config__ = FORM_CONFIG

    file: FileForm
    """The spreadsheet: `{fileSet: NAME, path: a.xlsx}`, `{file: NAME}` or `{id: ...}`."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """How it is read, as the API has it."""


def _build(spec: SpreadsheetJobSpec, _: str) -> BuiltRun:
    return BuiltRun(
        configuration=dict(spec.config), options=spec.options(), file=spec.file.to_input(), problem=spec.file.problem()
    )


def _body(start: StartOf) -> dict[str, Any]:
    return {"file_id": start.inputs[0], "config": dict(start.configuration), **start.rest}


def _twin_body(start: StartOf) -> dict[str, Any]:
    return {"file_id": start.inputs[0], "configuration": dict(start.configuration), **start.rest}


def _read(raw: Mapping[str, Any]) -> RunShown:
    word = text(raw, "status")
    return RunShown(
        id=text(raw, "id"),
        status=_STATUS.get(word, RunStatus.GOING),
        word=word,
        input=text(raw, "file_id"),
        configuration=raw.get("configuration") or raw.get("config"),
        created_at=text(raw, "created_at"),
        updated_at=text(raw, "updated_at"),
        errors=texts(raw.get("errors") or []),
    )


def _same(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    full = {**_DEFAULTS, **{name: value for name, value in wanted.items() if value is not None}}
    return all(_or_default(name, value) == full.get(name) for name, value in shown.items())


def _or_default(name: str, value: Any) -> Any:
    return _DEFAULTS.get(name) if value is None else value


def _documents(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"regions": raw.get("regions") or [], "worksheets": raw.get("worksheet_metadata") or []}


def _downloads(raw: Mapping[str, Any]) -> tuple[Download, ...]:
    found = []
    for region in raw.get("regions") or []:
        identity, kind = region.get("region_id"), region.get("region_type")
        if identity and kind:
            name = f"{region.get('sheet_name', '')} {region.get('location', '')}".strip()
            found += [
                Download(name=f"{name}.{which}", path=f"/regions/{identity}/result/{which}")
                for which in (kind, "cell_metadata")
            ]
    return tuple(found)


def _works(configuration: Mapping[str, Any]) -> tuple[Work, ...]:
    return (Work(product="spreadsheet", parameters=configuration),)


KIND = Kind(
    name="SpreadsheetJob",
    summary="a run that finds the tables of a spreadsheet",
    spec=SpreadsheetJobSpec,
    references=(
        ReferenceFact(field="file.file_set", kind="FileSet", by_name_only=True),
        ReferenceFact(field="file.file", kind="File", by_name_only=True),
    ),
    contract_schema=("config", "SpreadsheetParsingConfig"),
    role=Role.RUN,
    flaws=file_flaws,
    build_run=_build,
    works=_works,
    run=RunFact(
        collection="sheets-jobs",
        paths=(
            RunPath(path="/api/v1/beta/sheets/jobs", body=_body, deletes=True),
            RunPath(path="/api/v1/sheets/jobs", body=_twin_body, deletes=True),
        ),
        read=_read,
        same=_same,
        detail_query={"include_results": True},
        suffixes=SUFFIXES,
        documents=_documents,
        downloads=_downloads,
    ),
)

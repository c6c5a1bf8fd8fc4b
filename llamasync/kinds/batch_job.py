"""BatchJob: parse or classify the files of a directory, or some of them. Source: the API contract,
`/api/v1/beta/batch-processing`.

The list pages by limit and offset, filters by directory and not by time, and shows no configuration but the type of
job; the results of an item show the configuration that made them. Nothing deletes a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.core.reference import refer
from llamasync.kinds.facts import Kind, ReferenceFact, Role
from llamasync.kinds.run_facts import BuiltRun, RunFact, RunItem, RunPath, RunShown, RunStatus, StartOf, status_by_files
from llamasync.kinds.run_fields import RunSpec, text, texts
from llamasync.kinds.works import Work

_STATUS = {"completed": RunStatus.SUCCEEDED, "failed": RunStatus.FAILED, "cancelled": RunStatus.CANCELLED}


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class BatchJobSpec(RunSpec):
    """A run over the files of a directory, or over some of them, with the older batch API."""

    __pydantic_config__ = FORM_CONFIG

    directory: str | dict[Literal["id", "name"], str] | None = None
    """The directory: a Directory manifest's name, `{id: dir-...}` or `{name: ...}`."""
    items: Annotated[tuple[Annotated[str, MinLen(1)], ...], MinLen(1)] | None = None
    """The ids of directory files (`dfl-...`), instead of a directory."""
    job_config: Mapping[str, Any]
    """What is done, as the API has it: a parse job (`job_name: parse_raw_file_job`) or a classify job."""
    page_size: Annotated[int, Ge(1), Le(1000)] | None = None
    """How many files the service takes in hand at once."""
    continue_as_new_threshold: Annotated[int, Ge(1)] | None = None
    """After how many files the service goes on in a new workflow."""


def _build(spec: BatchJobSpec, _: str) -> BuiltRun:
    problem = None
    if (spec.directory is None) == (spec.items is None):
        given = "both are given" if spec.items is not None else "none is given"
        problem = ("directory", f"either `directory` or `items`: {given}")
    rest = {"page_size": spec.page_size, "continue_as_new_threshold": spec.continue_as_new_threshold}
    return BuiltRun(
        configuration={"job_config": dict(spec.job_config)},
        rest={name: value for name, value in rest.items() if value is not None},
        options=spec.options(),
        directory=None if spec.directory is None else refer("Directory", spec.directory),
        items=tuple(spec.items or ()),
        problem=problem,
    )


def _body(start: StartOf) -> dict[str, Any]:
    inputs = {"directory_id": start.inputs[0]} if start.is_directory else {"item_ids": list(start.inputs)}
    return {**inputs, "job_config": start.configuration["job_config"], **start.rest}


def _type_of(job_config: Mapping[str, Any]) -> str:
    return "classify" if "rules" in job_config else "parse"


def _read(raw: Mapping[str, Any]) -> RunShown:
    word = text(raw, "status")
    failed, total = int(raw.get("failed_items") or 0), int(raw.get("total_items") or 0)
    status = _STATUS.get(word, RunStatus.GOING)
    return RunShown(
        id=text(raw, "id"),
        status=status_by_files(status, failed=failed, total=total),
        word=word,
        input=text(raw, "directory_id"),
        configuration={"job_type": text(raw, "job_type")},
        created_at=text(raw, "created_at"),
        updated_at=text(raw, "updated_at"),
        errors=texts(raw.get("error_message")),
        total=total,
        done=int(raw.get("processed_items") or 0),
        failed=failed,
        skipped=int(raw.get("skipped_items") or 0),
    )


def _read_item(raw: Mapping[str, Any]) -> RunItem:
    error = text(raw, "error_message") if text(raw, "status") == "failed" else ""
    if text(raw, "status") == "failed" and not error:
        error = "failed"
    return RunItem(id=text(raw, "item_id"), name=text(raw, "item_name"), error=error)


def _same(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    if "job_config" in shown:
        ours = wanted["job_config"]
        return all(shown["job_config"].get(name) == value for name, value in ours.items())
    return bool(shown.get("job_type") == _type_of(wanted["job_config"]))


def _configuration_of(raw: Mapping[str, Any], shown: RunShown) -> Mapping[str, Any] | None:
    """Find the results that were made while the run was going; None when there are none, or of several minds."""
    found = [
        one.get("job_config") or {}
        for one in raw.get("processing_results") or ()
        if shown.created_at <= text(one, "processed_at") <= shown.updated_at
    ]
    return {"job_config": found[0]} if found and all(one == found[0] for one in found) else None


def _works(configuration: Mapping[str, Any]) -> tuple[Work, ...]:
    job_config = configuration["job_config"]
    parameters = {**job_config, **(job_config.get("parameters") or {})}
    return (Work(product=_type_of(job_config), parameters=parameters),)


KIND = Kind(
    name="BatchJob",
    summary="a run over files that parses or classifies them",
    spec=BatchJobSpec,
    references=(ReferenceFact(field="directory", kind="Directory"),),
    contract_schema=("jobConfig", "BatchJobCreateRequest.job_config"),
    role=Role.RUN,
    build_run=_build,
    works=_works,
    run=RunFact(
        collection="batch-jobs",
        paths=(RunPath(path="/api/v1/beta/batch-processing", body=_body, cancels=True),),
        read=_read,
        same=_same,
        input_query="directory_id",
        since_query="",
        by_offset=True,
        unwrap="job",
        items="/items",
        failed_query={"status": "failed"},
        read_item=_read_item,
        item_results="/api/v1/beta/batch-processing/items/{id}/processing-results",
        configuration_of=_configuration_of,
    ),
)

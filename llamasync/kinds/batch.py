"""Batch: one product job for each file of a directory. Source: the API contract, `/api/v2/batches`.

A batch takes at most 1,000 files. COMPLETED does not mean that every file succeeded: `results`, shown on request and
only once it is over, has an error for each that did not. Nothing deletes a batch, and the reference dialect
cannot cancel one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import MaxLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG
from llamasync.core.reference import refer
from llamasync.kinds.facts import Kind, ReferenceFact, Role
from llamasync.kinds.run_facts import BuiltRun, RunFact, RunItem, RunPath, RunShown, RunStatus, StartOf, status_by_files
from llamasync.kinds.run_fields import RunSpec, text
from llamasync.kinds.works import Work

MAX_FILES = 1000

_STATUS = {"COMPLETED": RunStatus.SUCCEEDED, "FAILED": RunStatus.FAILED, "CANCELLED": RunStatus.CANCELLED}


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class BatchWork:
    """What is done with each file."""

    __pydantic_config__ = FORM_CONFIG

    type: Literal["parse_v2", "extract_v2"]
    """The product."""
    configuration: str | dict[Literal["id", "name"], str]
    """How: a Configuration manifest's name, `{id: cfg-...}` or `{name: ...}`."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class BatchSpec(RunSpec):
    """A run over every file of a directory, with the batch API."""

    __pydantic_config__ = FORM_CONFIG

    directory: str | dict[Literal["id", "name"], str]
    """The directory: a Directory manifest's name, `{id: dir-...}` or `{name: ...}`."""
    job: BatchWork
    """The product, and how it is to work."""
    webhooks: Annotated[tuple[str | dict[Literal["id", "name"], str], ...], MaxLen(4)] = ()
    """What is told how it goes, where the service offers it: WebhookConfig manifests, `{id: ...}` or `{name: ...}`."""


def _build(spec: BatchSpec, _: str) -> BuiltRun:
    work = {"type": spec.job.type, "configuration_id": refer("Configuration", spec.job.configuration)}
    webhooks = [refer("WebhookConfig", each) for each in spec.webhooks]
    return BuiltRun(
        configuration={"job": work},
        rest={"webhook_configuration_ids": webhooks} if webhooks else {},
        options=spec.options(),
        directory=refer("Directory", spec.directory),
    )


def _body(start: StartOf) -> dict[str, Any]:
    return {"source_directory_id": start.inputs[0], "config": dict(start.configuration), **start.rest}


def _read(raw: Mapping[str, Any]) -> RunShown:
    word = text(raw, "status")
    status = _STATUS.get(word, RunStatus.GOING)
    results, items = raw.get("results"), None
    if isinstance(results, list):
        items = tuple(
            RunItem(id=text(one, "source_directory_file_id"), error=text(one, "error_message")) for one in results
        )
    failed = sum(1 for one in items or () if one.error)
    return RunShown(
        id=text(raw, "id"),
        status=status_by_files(status, failed=failed, total=len(items or ())),
        word=word,
        input=text(raw, "source_directory_id"),
        configuration=raw.get("config"),
        created_at=text(raw, "created_at"),
        updated_at=text(raw, "updated_at"),
        items=items,
        total=len(items or ()),
        done=len(items or ()),
        failed=failed,
    )


def _same(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    job = shown.get("job") or {}
    return all(job.get(name) == wanted["job"][name] for name in ("type", "configuration_id"))


def _documents(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"files": raw.get("results") or []}


def _works(configuration: Mapping[str, Any]) -> tuple[Work, ...]:
    job = configuration["job"]
    return (Work(product=job["type"], configuration=job["configuration_id"]),)


KIND = Kind(
    name="Batch",
    summary="a run over the files of a directory",
    spec=BatchSpec,
    references=(
        ReferenceFact(field="directory", kind="Directory"),
        ReferenceFact(field="job.configuration", kind="Configuration"),
        ReferenceFact(field="webhooks", kind="WebhookConfig"),
    ),
    role=Role.RUN,
    build_run=_build,
    works=_works,
    run=RunFact(
        collection="batches",
        paths=(RunPath(path="/api/v2/batches", body=_body, cancels=True),),
        read=_read,
        same=_same,
        input_query="source_directory_id",
        detail_query={"expand": ["results"]},
        max_inputs=MAX_FILES,
        documents=_documents,
    ),
)
